import { complain, mustBe, mustBeWithin, mustMatch, type OwnRule } from '../rule';
import { blocksAt, literalsAt, numberAt, resourcesOf, valueAt, type JsonValue, type StackJson } from '../stack-json';

const buckets = (stack: StackJson) => resourcesOf(stack, 'google_storage_bucket');

/** Regions like EUROPE-WEST1, multi-regions, predefined dual-regions like EUR4. */
export const LOCATION = /^(?:[A-Z]+-[A-Z]+[0-9]+|EU|US|ASIA|EUR[0-9]+|NAM[0-9]+|ASIA[0-9]+)$/;
const NAME = /^(?!goog)(?!.*(?:google|g00gle))(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;
const CLASS = /^(?:STANDARD|NEARLINE|COLDLINE|ARCHIVE)$/;

const SAFE_BUCKET: readonly (readonly [string, JsonValue])[] = [
  ['uniform_bucket_level_access', true],
  ['public_access_prevention', 'enforced'],
  ['force_destroy', false],
];

/** https://cloud.google.com/storage/docs/buckets */
export const googleStorageRules: readonly OwnRule[] = [
  {
    id: 'google-bucket-name',
    refusedBy: 'service',
    check: (stack) =>
      buckets(stack).flatMap((bucket) => [
        ...mustMatch(bucket, 'name', NAME, 'has to be lower case letters, digits, hyphens, underscores and dots'),
        ...literalsAt(bucket.body, 'name')
          .filter((name) => name.split('.').some((label) => label.length > 63))
          .map((name) => complain(bucket, `name "${name}" has more than 63 characters between dots`)),
      ]),
  },
  {
    id: 'google-location',
    refusedBy: 'service',
    check: (stack) =>
      buckets(stack).flatMap((bucket) =>
        mustMatch(bucket, 'location', LOCATION, 'is no Cloud Storage location in upper case'),
      ),
  },
  {
    id: 'google-storage-class',
    refusedBy: 'service',
    check: (stack) =>
      buckets(stack).flatMap((bucket) => mustMatch(bucket, 'storage_class', CLASS, 'is no storage class')),
  },
  {
    id: 'google-bucket-safe',
    refusedBy: 'nobody',
    check: (stack) =>
      buckets(stack).flatMap((bucket) => SAFE_BUCKET.flatMap(([path, wanted]) => mustBe(bucket, path, wanted))),
  },
  {
    id: 'google-soft-delete',
    refusedBy: 'service',
    check: (stack) =>
      buckets(stack).flatMap((bucket) =>
        numberAt(bucket.body, 'soft_delete_policy.retention_duration_seconds') === 0
          ? []
          : mustBeWithin(bucket, 'soft_delete_policy.retention_duration_seconds', 604_800, 7_776_000),
      ),
  },
  {
    id: 'google-retention',
    refusedBy: 'provider',
    check: (stack) =>
      buckets(stack).flatMap((bucket) => mustBeWithin(bucket, 'retention_policy.retention_period', 1, 2_147_483_647)),
  },
  {
    id: 'google-retention-or-versioning',
    refusedBy: 'nobody',
    check: (stack) =>
      buckets(stack).flatMap((bucket) => {
        const retention = blocksAt(bucket.body, 'retention_policy').length > 0;
        const versioning = valueAt(bucket.body, 'versioning.enabled') === true;
        return retention === versioning
          ? [
              complain(
                bucket,
                `has ${retention ? 'both' : 'neither'} a retention policy ${retention ? 'and' : 'nor'} versions`,
              ),
            ]
          : [];
      }),
  },
  {
    id: 'google-service-name',
    refusedBy: 'provider',
    check: (stack) =>
      resourcesOf(stack, 'google_project_service').flatMap((service) => [
        ...mustMatch(service, 'service', /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, 'is no domain like storage.googleapis.com'),
        // Destroying the stack would switch the API off for the whole project.
        ...mustBe(service, 'disable_on_destroy', false),
      ]),
  },
];
