import type { Breach } from './rule';
import { bucketRule, repeated } from './rule';
import type { BucketProperties, ReplicationRule } from './template';

const RULES = 'Properties/ReplicationConfiguration/Rules';

/** The one value that S3 takes. */
const TIME_CONTROL_MINUTES = 15;

const rulesOf = (bucket: BucketProperties) => bucket.ReplicationConfiguration?.Rules ?? [];

const eachRule =
  (check: (rule: ReplicationRule, bucket: BucketProperties) => string | undefined) => (bucket: BucketProperties) =>
    rulesOf(bucket).flatMap((rule, index): Breach[] => {
      const found = check(rule, bucket);
      return found === undefined
        ? []
        : [{ location: `${RULES}/${index}`, found: `rule '${rule.Id ?? index}' ${found}` }];
    });

const withoutVersioning = (bucket: BucketProperties): Breach[] =>
  rulesOf(bucket).length > 0 && bucket.VersioningConfiguration?.Status !== 'Enabled'
    ? [{ location: 'Properties/VersioningConfiguration', found: 'replicates and keeps no versions' }]
    : [];

const equalIds = (bucket: BucketProperties): Breach[] =>
  repeated(rulesOf(bucket).flatMap((rule) => rule.Id ?? [])).map((id) => ({
    location: RULES,
    found: `two rules have the ID '${id}'`,
  }));

const equalPriorities = (bucket: BucketProperties): Breach[] =>
  repeated(rulesOf(bucket).flatMap((rule) => rule.Priority ?? [])).map((priority) => ({
    location: RULES,
    found: `two rules have the priority ${priority}`,
  }));

/** The end of an ARN is the bucket's name, be it a string or joined from tokens. */
const toItself = eachRule((rule, { BucketName }) => {
  if (typeof BucketName !== 'string' || typeof rule.Destination.Bucket !== 'string') return undefined;
  return rule.Destination.Bucket.endsWith(`:::${BucketName}`) ? 'replicates the bucket to itself' : undefined;
});

const kmsNotSelected = eachRule((rule) => {
  const encrypts = rule.Destination.EncryptionConfiguration?.ReplicaKmsKeyID !== undefined;
  const selects = rule.SourceSelectionCriteria?.SseKmsEncryptedObjects?.Status === 'Enabled';
  return encrypts && !selects ? 'names a key for replicas and selects no objects under KMS' : undefined;
});

const timeControlWithoutMetrics = eachRule(({ Destination }) => {
  const timed = Destination.ReplicationTime?.Status === 'Enabled';
  return timed && Destination.Metrics?.Status !== 'Enabled' ? 'has time control and no metrics' : undefined;
});

const otherMinutes = eachRule(({ Destination }) => {
  const minutes = Destination.ReplicationTime?.Time?.Minutes;
  return minutes !== undefined && minutes !== TIME_CONTROL_MINUTES ? `asks for ${minutes} minutes` : undefined;
});

const filterWithoutMarkers = eachRule((rule) =>
  rule.Filter !== undefined && rule.DeleteMarkerReplication === undefined
    ? 'has a filter and does not say what happens to delete markers'
    : undefined,
);

const markersTravel = eachRule((rule) =>
  rule.DeleteMarkerReplication?.Status === 'Enabled' ? 'replicates delete markers' : undefined,
);

const oldForm = eachRule((rule, bucket) =>
  rule.Prefix !== undefined && rulesOf(bucket).some(({ Filter }) => Filter !== undefined)
    ? 'has a prefix outside a filter, beside rules with one'
    : undefined,
);

export const REPLICATION_RULES = [
  bucketRule('replication-without-versioning', withoutVersioning),
  bucketRule('replication-equal-ids', equalIds),
  bucketRule('replication-equal-priorities', equalPriorities),
  bucketRule('replication-to-itself', toItself),
  bucketRule('replication-kms-not-selected', kmsNotSelected),
  bucketRule('replication-time-without-metrics', timeControlWithoutMetrics),
  bucketRule('replication-time-other-minutes', otherMinutes),
  bucketRule('replication-filter-without-markers', filterWithoutMarkers),
  bucketRule('replication-markers-travel', markersTravel),
  bucketRule('replication-mixed-forms', oldForm),
];
