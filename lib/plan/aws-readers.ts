import type { AwsReader, AwsReaderStack, AwsStack, TaskManifest } from '../contract';
import { fitName } from '../units';
import { awsTaskStores } from './aws-task-stores';
import type { PlanContext } from './context';
import { copyPaths, storesCopiedInto } from './copied';

/** Names of roles: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const LONGEST_NAME = 64;

/**
 * Roles under which copy jobs of other clouds read the buckets that they pull from. One for each cloud: whoever copies
 * a data set reads it, and no job has a right to anything else here.
 */
export function resolveAwsReaders(
  context: PlanContext,
  tasks: readonly TaskManifest[],
  stacks: readonly AwsStack[],
): readonly AwsReaderStack[] {
  const readers = (['azure', 'google'] as const).flatMap((cloud) => readerOf(context, cloud, tasks, stacks));
  const read = new Set(readers.flatMap(({ stores }) => stores.map(({ store }) => store)));
  const sources = stacks.filter(({ buckets }) => buckets.some(({ id }) => read.has(id)));
  const region = sources.map((stack) => stack.region).sort()[0];
  if (region === undefined) return [];
  const account = context.deployment.aws?.account;
  return [
    {
      id: 'aws.readers',
      from: ['deployment.environment', 'deployment.name'],
      name: `${context.prefix}-copy-readers`,
      region,
      ...(account !== undefined && { account }),
      readers,
      after: sources.map(({ name }) => name).sort(),
    },
  ];
}

function readerOf(
  { deployment, prefix }: PlanContext,
  cloud: AwsReader['cloud'],
  tasks: readonly TaskManifest[],
  stacks: readonly AwsStack[],
): readonly AwsReader[] {
  const issuer = issuerOf(cloud, deployment.azure?.tenant);
  const stores = storesCopiedInto(cloud, tasks, (task) =>
    awsTaskStores(task, stacks).map(({ longestLockDays: _, ...store }) => store),
  );
  if (issuer === undefined || stores.length === 0) return [];
  return [
    {
      id: `aws.reader.${cloud}`,
      from: copyPaths(cloud, tasks),
      cloud,
      role: fitName(`${prefix}-copies-to-${cloud}`, LONGEST_NAME),
      issuer,
      stores,
    },
  ];
}

/** AWS knows Google's by itself; Entra ID has one for each tenant, whose id the spec has to say. */
function issuerOf(cloud: AwsReader['cloud'], tenant: string | undefined): string | undefined {
  if (cloud === 'google') return 'accounts.google.com';
  return tenant === undefined ? undefined : `sts.windows.net/${tenant}/`;
}
