import type { StorageClass, StorageLimits } from './cloud';

/** Every class answers at once. @see https://cloud.google.com/storage/docs/storage-classes */
export const googleStorageClasses: readonly StorageClass[] = [
  { name: 'STANDARD', minimumDays: 0, retrievalHours: {} },
  { name: 'NEARLINE', minimumDays: 30, retrievalHours: {} },
  { name: 'COLDLINE', minimumDays: 90, retrievalHours: {} },
  { name: 'ARCHIVE', minimumDays: 365, retrievalHours: {} },
];

const SECONDS_A_DAY = 86_400;
/** https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/storage_bucket#retention_period */
const LONGEST_RETENTION_SECONDS = 2_147_483_647;

export const googleLimits: StorageLimits = {
  /** https://cloud.google.com/storage/quotas#buckets */
  lifecycleRules: 100,
  /** The API's `age` is a 32-bit integer: https://cloud.google.com/storage/docs/json_api/v1/buckets */
  lifecycleDays: 2_147_483_647,
  firstTransitionDays: 0,
  /** The service takes 100 years, the Terraform provider only the seconds of a 32-bit integer: 68 years. */
  lockDays: Math.floor(LONGEST_RETENTION_SECONDS / SECONDS_A_DAY),
};

/** @see https://cloud.google.com/compute/docs/disks */
export const googleDiskTypes: readonly string[] = [
  'pd-balanced',
  'pd-ssd',
  'pd-standard',
  'pd-extreme',
  'hyperdisk-balanced',
  'hyperdisk-balanced-high-availability',
  'hyperdisk-extreme',
  'hyperdisk-throughput',
  'hyperdisk-ml',
];
