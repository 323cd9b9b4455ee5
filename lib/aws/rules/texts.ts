export interface RuleText {
  readonly text: string;
  readonly fix: string;
}

const GUIDE = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide';

/** What each rule says and the way out. */
export const RULE_TEXTS = {
  'lifecycle-infrequent-access-too-early': {
    text: 'S3 moves nothing to an infrequent-access class before its 30th day',
    fix: `let it move after 30 days or later: ${GUIDE}/lifecycle-transition-general-considerations.html`,
  },
  'lifecycle-archive-too-soon': {
    text: 'an object stays 30 days in an infrequent-access class before it can move on',
    fix: `put 30 days between the two: ${GUIDE}/lifecycle-transition-general-considerations.html`,
  },
  'lifecycle-expires-before-transition': {
    text: 'an object expires before or when it changes its class',
    fix: 'let it expire later, or leave the transition out',
  },
  'lifecycle-abort-with-filter': {
    text: 'ending unfinished uploads can not be combined with a filter by tag or size',
    fix: `give it a rule of its own: ${GUIDE}/mpu-abort-incomplete-mpu-lifecycle-config.html`,
  },
  'lifecycle-marker-with-age': {
    text: 'removing expired delete markers can not be combined with an age or with tags',
    fix: 'give it a rule of its own',
  },
  'lifecycle-equal-ids': { text: "the IDs of a bucket's lifecycle rules differ", fix: 'rename one of them' },
  'lifecycle-noncurrent-below-lock': {
    text: 'versions expire while the lock still holds them',
    fix: 'let versions expire after the lock has ended',
  },
  'replication-without-versioning': {
    text: 'replication needs versioning',
    fix: `enable versioning: ${GUIDE}/replication-requirements.html`,
  },
  'replication-equal-ids': { text: "the IDs of a bucket's replication rules differ", fix: 'rename one of them' },
  'replication-equal-priorities': {
    text: "the priorities of a bucket's replication rules differ",
    fix: `number the rules: ${GUIDE}/replication-add-config.html`,
  },
  'replication-to-itself': { text: 'a bucket is replicated to another one', fix: 'name another destination' },
  'replication-kms-not-selected': {
    text: 'objects under KMS are only replicated by a rule that selects them',
    fix: `enable SseKmsEncryptedObjects: ${GUIDE}/replication-config-for-kms-objects.html`,
  },
  'replication-time-without-metrics': {
    text: 'replication time control needs its metrics',
    fix: `enable metrics: ${GUIDE}/replication-time-control.html`,
  },
  'replication-time-other-minutes': { text: 'replication time control is 15 minutes', fix: 'ask for 15 minutes' },
  'replication-filter-without-markers': {
    text: 'a rule with a filter says what happens to delete markers',
    fix: `set DeleteMarkerReplication: ${GUIDE}/delete-marker-replication.html`,
  },
  'replication-markers-travel': {
    text: 'a deletion in the source must not reach the copy',
    fix: 'disable DeleteMarkerReplication',
  },
  'replication-mixed-forms': {
    text: 'the rules of a bucket have one form: all with a filter or none',
    fix: 'move the prefix into a filter',
  },
  'lock-without-versioning': { text: 'Object Lock needs versioning', fix: 'enable versioning' },
  'lock-with-two-periods': { text: 'a lock is in days or in years', fix: 'leave one of them out' },
  'encryption-key-without-kms': {
    text: 'S3 refuses a key beside AES256',
    fix: 'write aws:kms: it is AES-256 with that key',
  },
  'namespace-without-prefix': {
    text: 'a name in an account-regional namespace is given as a prefix',
    fix: `set BucketNamePrefix: ${GUIDE}/gpbucketnamespaces.html`,
  },
  'no-custom-resource': {
    text: 'templates run no code of their own',
    fix: 'use a resource type of the service, or a property',
  },
  'kept-on-deletion': { text: 'buckets and keys outlive their stack', fix: 'set the deletion policy Retain' },
} as const satisfies Readonly<Record<string, RuleText>>;

export type RuleId = keyof typeof RULE_TEXTS;
