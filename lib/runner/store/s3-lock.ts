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

  async apply<T>(options: UploadOptions, work: (fields: LockFields) => Promise<T>): Promise<T> {
    const { retainUntil } = options;
    if (!this.locked(options)) return work({});
    try {
      return await work({ ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: retainUntil });
    } catch (error) {
      if (!isUnlocked(error)) throw error;
      this.#warn();
      return work({});
    }
  }

  /** Whether an object that was stored with these options is locked; `undefined` where no lock was asked. */
  locked({ retainUntil }: UploadOptions): boolean | undefined {
    return retainUntil && retainUntil > this.#bucket.machine.now() ? this.#locks : undefined;
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
