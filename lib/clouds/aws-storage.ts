import type { StorageClass, StorageLimits } from './cloud';

/** From the page's words "1-5 minutes". */
const MINUTE = 1 / 60;

/**
 * Days: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html, minimum storage duration.
 * Hours: https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html; where it only says
 * "within", `from` is 0. The order is the one in which a lifecycle may move objects, the warmest first:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
 */
export const s3StorageClasses: readonly StorageClass[] = [
  { name: 'STANDARD', minimumDays: 0, retrievalHours: {} },
  { name: 'STANDARD_IA', minimumDays: 30, retrievalHours: {} },
  { name: 'INTELLIGENT_TIERING', minimumDays: 0, retrievalHours: {} },
  { name: 'ONEZONE_IA', minimumDays: 30, retrievalHours: {} },
  { name: 'GLACIER_IR', minimumDays: 90, retrievalHours: {} },
  {
    name: 'GLACIER',
    minimumDays: 90,
    retrievalHours: {
      expedited: { from: MINUTE, to: 5 * MINUTE },
      standard: { from: 3, to: 5 },
      bulk: { from: 5, to: 12 },
    },
  },
  {
    name: 'DEEP_ARCHIVE',
    minimumDays: 180,
    retrievalHours: { standard: { from: 0, to: 12 }, bulk: { from: 0, to: 48 } },
  },
];

export const s3Limits: StorageLimits = {
  /** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html */
  lifecycleRules: 1000,
  /** The API's type is a 32-bit integer: https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleExpiration.html */
  lifecycleDays: 2_147_483_647,
  /**
   * Objects stay 30 days before STANDARD_IA or ONEZONE_IA:
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
   */
  firstTransitionDays: 30,
  /** 100 years: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html */
  lockDays: 36_500,
};

/** @see https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html */
export const ebsVolumeTypes: readonly string[] = ['gp3', 'gp2', 'io2', 'io1', 'st1', 'sc1', 'standard'];
