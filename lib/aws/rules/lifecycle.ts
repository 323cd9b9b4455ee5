import type { Breach } from './rule';
import { bucketRule, repeated } from './rule';
import type { BucketProperties, LifecycleRule } from './template';

/** S3 keeps an object 30 days before it moves it to an infrequent-access class, and 30 more before the next class. */
const MIN_DAYS = 30;
const INFREQUENT = ['STANDARD_IA', 'ONEZONE_IA'];
const ARCHIVES = ['GLACIER', 'DEEP_ARCHIVE'];

const RULES = 'Properties/LifecycleConfiguration/Rules';

const rulesOf = (bucket: BucketProperties) => bucket.LifecycleConfiguration?.Rules ?? [];

/** Runs a check on each rule of a bucket and names the rule in what it found. */
const eachRule = (check: (rule: LifecycleRule) => string | undefined) => (bucket: BucketProperties) =>
  rulesOf(bucket).flatMap((rule, index): Breach[] => {
    const found = check(rule);
    return found === undefined ? [] : [{ location: `${RULES}/${index}`, found: `rule '${rule.Id ?? index}' ${found}` }];
  });

const daysTo = (rule: LifecycleRule, classes: readonly string[]) =>
  rule.Transitions.filter(({ StorageClass = '' }) => classes.includes(StorageClass)).flatMap(
    ({ TransitionInDays }) => TransitionInDays ?? [],
  );

const infrequentTooEarly = eachRule((rule) => {
  const days = Math.min(...daysTo(rule, INFREQUENT));
  return days < MIN_DAYS ? `moves to infrequent access after ${days} days` : undefined;
});

const archiveTooSoonAfterInfrequent = eachRule((rule) => {
  const infrequent = Math.max(...daysTo(rule, INFREQUENT));
  const archive = Math.min(...daysTo(rule, ARCHIVES));
  return archive - infrequent < MIN_DAYS
    ? `moves to infrequent access after ${infrequent} and to an archive after ${archive} days`
    : undefined;
});

const expiresBeforeTransition = eachRule(({ ExpirationInDays, Transitions }) => {
  const last = Math.max(...Transitions.flatMap(({ TransitionInDays }) => TransitionInDays ?? []));
  return ExpirationInDays !== undefined && ExpirationInDays <= last
    ? `expires after ${ExpirationInDays} days and moves after ${last}`
    : undefined;
});

const abortWithFilter = eachRule((rule) => {
  if (rule.AbortIncompleteMultipartUpload === undefined) return undefined;
  const filtered =
    rule.TagFilters !== undefined || rule.ObjectSizeGreaterThan !== undefined || rule.ObjectSizeLessThan !== undefined;
  return filtered ? 'ends unfinished uploads and filters by tag or size' : undefined;
});

const markerWithAge = eachRule((rule) =>
  rule.ExpiredObjectDeleteMarker === true && (rule.ExpirationInDays !== undefined || rule.TagFilters !== undefined)
    ? 'removes expired delete markers and has an age or tags'
    : undefined,
);

function equalIds(bucket: BucketProperties): Breach[] {
  return repeated(rulesOf(bucket).flatMap((rule) => rule.Id ?? [])).map((id) => ({
    location: RULES,
    found: `two rules have the ID '${id}'`,
  }));
}

function noncurrentBelowLock(bucket: BucketProperties): Breach[] {
  const lock = bucket.ObjectLockConfiguration?.Rule?.DefaultRetention.Days;
  if (lock === undefined) return [];
  return eachRule(({ NoncurrentVersionExpiration }) => {
    const days = NoncurrentVersionExpiration?.NoncurrentDays;
    return days !== undefined && days < lock
      ? `expires versions after ${days} days, the lock holds ${lock}`
      : undefined;
  })(bucket);
}

export const LIFECYCLE_RULES = [
  bucketRule('lifecycle-infrequent-access-too-early', infrequentTooEarly),
  bucketRule('lifecycle-archive-too-soon', archiveTooSoonAfterInfrequent),
  bucketRule('lifecycle-expires-before-transition', expiresBeforeTransition),
  bucketRule('lifecycle-abort-with-filter', abortWithFilter),
  bucketRule('lifecycle-marker-with-age', markerWithAge),
  bucketRule('lifecycle-equal-ids', equalIds),
  bucketRule('lifecycle-noncurrent-below-lock', noncurrentBelowLock),
];
