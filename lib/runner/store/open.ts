import type { TaskStore } from '../../contract';
import type { Machine } from '../machine';
import type { StoreLimits } from './limits';
import type { S3Target } from './s3-bucket';
import { StoreError } from './store';
import type { Store } from './store';

/** Each cloud's SDK is loaded by the first store that needs it: a run pays for no other. */

/** A store of a task, and the task's name where its identity may be narrowed to what is the task's own. */
export type OpenTarget = TaskStore & { readonly task?: string };

/** Opens a store of a task. Nothing is asked of it yet. */
export async function openStore(target: OpenTarget, machine: Machine, limits?: Partial<StoreLimits>): Promise<Store> {
  const { store: id, cloud, bucket, region, account, path, task } = target;
  switch (cloud) {
    case 'aws':
      return openS3Bucket(
        {
          id,
          bucket,
          region,
          ...(account && { owner: account }),
          ...(task !== undefined && { place: { task, path } }),
        },
        machine,
        limits,
      );
    case 'azure':
      return (await import('./azure.js')).openAzure({ id, account, container: bucket }, machine, limits);
    case 'google':
      return (await import('./gcs.js')).openGcs({ id, bucket }, machine, limits);
  }
}

/** Opens the folder of a task on its host, which has to be there. */
export async function openLocal(path: string, machine: Machine): Promise<Store> {
  return (await import('./local.js')).openFolder('local', path, machine);
}

export interface Located {
  readonly store: Store;
  readonly key: string;
}

/** The store and key of `s3://bucket/key`, `azblob://account/container/key` or `gs://bucket/key`. */
export async function openUrl(url: string, machine: Machine): Promise<Located> {
  const [scheme = '', rest = ''] = url.split('://', 2);
  const names = rest.split('/');
  const parts = (count: number) => {
    const key = names.slice(count).join('/');
    if (names.slice(0, count).some((name) => name === '') || key === '') {
      throw new StoreError('refused', `${url} names no object`);
    }
    return { names: names.slice(0, count), key };
  };
  switch (scheme) {
    case 's3': {
      const {
        names: [bucket = ''],
        key,
      } = parts(1);
      const region = machine.environment.AWS_REGION ?? machine.environment.AWS_DEFAULT_REGION ?? 'us-east-1';
      return { store: await openS3Bucket({ id: url, bucket, region }, machine), key };
    }
    case 'azblob': {
      const {
        names: [account = '', container = ''],
        key,
      } = parts(2);
      return { store: (await import('./azure.js')).openAzure({ id: url, account, container }, machine), key };
    }
    case 'gs': {
      const {
        names: [bucket = ''],
        key,
      } = parts(1);
      return { store: (await import('./gcs.js')).openGcs({ id: url, bucket }, machine), key };
    }
    default:
      throw new StoreError('refused', `${url} is of no store that is known: s3://, azblob:// and gs:// are`);
  }
}

async function openS3Bucket(target: S3Target, machine: Machine, limits?: Partial<StoreLimits>): Promise<Store> {
  return (await import('./s3.js')).openS3(target, machine, limits);
}
