import type { GoogleReader, GoogleReaderStack, TaskManifest } from '../contract';
import { fitName, kebab } from '../units';
import { terraformBackend } from './backend';
import type { PlanContext } from './context';
import { copyPaths, storesCopiedInto } from './copied';
import { googleTaskStores } from './google-task-stores';

/** Ids of pools: https://cloud.google.com/iam/docs/reference/rest/v1/projects.locations.workloadIdentityPools/create */
const LONGEST_ID = 32;
/** APIs that take a token of another cloud, and that make the pools. */
const SERVICES = ['iam.googleapis.com', 'storage.googleapis.com', 'sts.googleapis.com'];

/**
 * Pools of identities under which copy jobs of other clouds read the buckets that they pull from. One for each cloud, so
 * that no subject of one can be taken for one of the other.
 */
export function resolveGoogleReaders(
  context: PlanContext,
  tasks: readonly TaskManifest[],
): readonly GoogleReaderStack[] {
  const { prefix, deployment } = context;
  const readers = (['aws', 'azure'] as const).flatMap((cloud) => readerOf(context, cloud, tasks));
  if (readers.length === 0) return [];
  const name = `${prefix}-google-copy-readers`;
  const project = deployment.google?.project;
  return [
    {
      id: 'google.readers',
      from: ['deployment.environment', 'deployment.google.project', 'deployment.name', 'deployment.state'],
      name,
      ...(project !== undefined && { project }),
      prefix,
      services: SERVICES,
      backend: terraformBackend(context, name),
      readers,
    },
  ];
}

function readerOf(
  { deployment, prefix }: PlanContext,
  cloud: GoogleReader['cloud'],
  tasks: readonly TaskManifest[],
): readonly GoogleReader[] {
  const stores = storesCopiedInto(cloud, tasks, (task) => googleTaskStores(task.stores));
  if (stores.length === 0) return [];
  const tenant = cloud === 'azure' ? deployment.azure?.tenant : undefined;
  return [
    {
      id: `google.reader.${cloud}`,
      from: [...copyPaths(cloud, tasks), ...(tenant === undefined ? [] : ['deployment.azure.tenant'])],
      cloud,
      // Ids that begin with Google's own name for its clouds are Google's.
      pool: fitName(kebab(`copies-to-${cloud}-${prefix}`), LONGEST_ID),
      provider: `jobs-on-${cloud}`,
      ...(tenant !== undefined && { tenant }),
      stores,
    },
  ];
}
