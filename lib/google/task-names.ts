import type { GoogleTaskShard } from '../contract/google-tasks';
import { fitName } from '../units';

/** What an identity of a task may be let do; each is a custom role of the project with these permissions and no others. */
export const PERMISSIONS = {
  create: ['storage.objects.create'],
  list: ['storage.objects.list'],
  read: ['storage.objects.get'],
  remove: ['storage.objects.delete'],
  /** Arguments of one execution: the type of the run and its slot. */
  run: ['run.jobs.run', 'run.jobs.runWithOverrides'],
  watch: ['run.executions.get', 'run.tasks.list'],
  /** With one key: records of test restores. https://cloud.google.com/kms/docs/reference/permissions-and-roles */
  sign: ['cloudkms.cryptoKeyVersions.useToSign', 'cloudkms.cryptoKeyVersions.viewPublicKey'],
  start: ['workflows.executions.create'],
} as const satisfies Record<string, readonly string[]>;

export type Right = keyof typeof PERMISSIONS;

/** Ids of custom roles have at most 64 letters, digits, underscores and dots. */
const LONGEST_ROLE_ID = 64;

/**
 * Id of the custom role of a right. It follows from prefix and region, so that no stack reads another one's state.
 * https://cloud.google.com/iam/docs/creating-custom-roles
 */
export function roleId({ prefix, region }: { readonly prefix: string; readonly region: string }, right: Right): string {
  const end = `_${region.replace(/-/g, '_')}_${right}`;
  return `${prefix.replace(/[^A-Za-z0-9_.]/g, '_').slice(0, LONGEST_ROLE_ID - end.length)}${end}`;
}

/** Folder of a task's manifests in the bucket of the configuration. */
export function manifestFolder(job: string): string {
  return `tasks/${job}/`;
}

/** The identities of a task, by the ends of their names. A restorer has only what is test-restored. */
export const IDENTITIES = { writer: '-w', verifier: '-v', pruner: '-p', restorer: '-r' } as const;

export type Identity = keyof typeof IDENTITIES;

/** Names of what a shard has beside its tasks. Service accounts and metrics are the whole project's: the region is in. */
export function shardNames({ prefix, region, shard, shards }: ShardName) {
  const own = `${prefix}-${region}-${shard}of${shards}`;
  return {
    shard: fitName(own, LONGEST_NAME),
    prober: fitName(`${own}-prober`, LONGEST_NAME),
    accounts: {
      workflow: fitName(`workflow-${own}`, LONGEST_ACCOUNT),
      scheduler: fitName(`scheduler-${own}`, LONGEST_ACCOUNT),
      prober: fitName(`prober-${own}`, LONGEST_ACCOUNT),
    },
  };
}

type ShardName = Pick<GoogleTaskShard, 'prefix' | 'region' | 'shard' | 'shards'>;

/** Names of Cloud Run, and ids of service accounts. */
const LONGEST_NAME = 49;
const LONGEST_ACCOUNT = 30;
