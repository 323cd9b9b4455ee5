import { addGoogleStacks } from '../../stacks/google';
import { nodesOf, onlyResource, synthStack } from '../terraform/synth-stack';
import { createdKey, googleStack, lockedBucket, versionedBucket } from './fixture';

const versioned = synthStack(googleStack.name, (app) => addGoogleStacks(app, [googleStack]));
const synthLocked = (locked: boolean) =>
  synthStack(googleStack.name, (app) => {
    const bucket = { ...lockedBucket, retention: { days: 30, locked } };
    addGoogleStacks(app, [{ ...googleStack, keys: [createdKey], buckets: [bucket] }]);
  });

test('the bucket is closed to the public, has one kind of access and is never destroyed', () => {
  expect(onlyResource(versioned, 'google_storage_bucket')).toMatchObject({
    name: 'acme-backups',
    location: 'EUROPE-WEST3',
    storage_class: 'STANDARD',
    uniform_bucket_level_access: true,
    public_access_prevention: 'enforced',
    force_destroy: false,
    lifecycle: { prevent_destroy: true },
    soft_delete_policy: { retention_duration_seconds: 604_800 },
  });
});

test('the bucket waits for its APIs and for the right to use its key', () => {
  const named = versioned.template.resource;
  expect(onlyResource(versioned, 'google_storage_bucket')).toMatchObject({
    encryption: { default_kms_key_name: 'projects/acme/locations/europe-west3/keyRings/backups/cryptoKeys/acme' },
    depends_on: [
      ...Object.keys(named?.google_kms_crypto_key_iam_member ?? {}).map((n) => `google_kms_crypto_key_iam_member.${n}`),
      ...Object.keys(named?.google_project_service ?? {}).map((name) => `google_project_service.${name}`),
    ],
  });
});

test('a versioned bucket has no retention policy', () => {
  const bucket = onlyResource(versioned, 'google_storage_bucket');
  expect(bucket.versioning).toEqual({ enabled: true });
  expect(bucket).not.toHaveProperty('retention_policy');
});

test.each([true, false])('a bucket with a retention policy has no versions (locked: %s)', (locked) => {
  expect(onlyResource(synthLocked(locked), 'google_storage_bucket')).toMatchObject({
    versioning: { enabled: false },
    retention_policy: { retention_period: 2_592_000, is_locked: locked },
    soft_delete_policy: { retention_duration_seconds: 0 },
  });
});

test('the bucket answers for its own node and for those of its rules', () => {
  expect(nodesOf(versioned, 'google_storage_bucket')).toEqual([
    [versionedBucket.id, ...versionedBucket.lifecycle.map(({ id }) => id)].sort(),
  ]);
});
