import type { S3Bucket } from './s3-bucket';
import type { UploadOptions } from './store';

/**
 * Governance retention of single objects, in a bucket that locks. One that does not refuses such a request: the object
 * is then stored without, and the log says so, since whether a bucket locks is decided where buckets are made.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
 */
export class S3Lock {
  readonly #bucket: S3Bucket;
  #locks = true;

  constructor(bucket: S3Bucket) {
    this.#bucket = bucket;
  }

  async apply<T>({ retainUntil }: UploadOptions, work: (fields: LockFields) => Promise<T>): Promise<T> {
    if (!this.#locks || !retainUntil || retainUntil <= this.#bucket.machine.now()) return work({});
    try {
      return await work({ ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: retainUntil });
    } catch (error) {
      if (!isUnlocked(error)) throw error;
      this.#warn();
      return work({});
    }
  }

  #warn(): void {
    if (this.#locks) {
      this.#bucket.machine.log({
        level: 'warning',
        event: 'store_does_not_lock',
        message: `${this.#bucket.url} has no object lock: what is stored there can be deleted`,
      });
    }
    this.#locks = false;
  }
}

export interface LockFields {
  readonly ObjectLockMode?: 'GOVERNANCE';
  readonly ObjectLockRetainUntilDate?: Date;
}

function isUnlocked(error: unknown): boolean {
  const { name, message } = error as { name?: string; message?: string };
  return (
    (name === 'InvalidRequest' || name === 'ObjectLockConfigurationNotFoundError') &&
    /object ?lock ?configuration/i.test(message ?? '')
  );
}
