import { addGoogleStacks } from '../../stacks/google';
import { allNodes, resources, resourceTypes, synthStack } from '../terraform/synth-stack';
import { createdKey, existingKey, googleStack, lockedBucket, versionedBucket } from './fixture';

const synth = (plan = googleStack) => synthStack(plan.name, (app) => addGoogleStacks(app, [plan]));
const one = synth();
const two = synth({ ...googleStack, keys: [existingKey, createdKey], buckets: [versionedBucket, lockedBucket] });

test('a bucket whose key exists', () => {
  expect(resourceTypes(one)).toEqual([
    'google_kms_crypto_key_iam_member',
    'google_project_service',
    'google_project_service',
    'google_storage_bucket',
  ]);
});

test('two buckets, one with a key that the stack makes', () => {
  expect(resourceTypes(two)).toEqual([
    'google_kms_crypto_key',
    'google_kms_crypto_key_iam_member',
    'google_kms_crypto_key_iam_member',
    'google_kms_key_ring',
    'google_project_service',
    'google_project_service',
    'google_storage_bucket',
    'google_storage_bucket',
  ]);
});

test('every node of the plan is found in the template', () => {
  expect(allNodes(two)).toEqual([
    'google/bucket/acme-backups',
    'google/bucket/acme.locked',
    'google/key/acme',
    'google/key/made',
    'google/lifecycle/cold',
    'google/lifecycle/end',
    'google/lifecycle/near',
    'google/stack/acme',
  ]);
});

test('two buckets that share a key share its grant', () => {
  const shared = synth({ ...googleStack, buckets: [versionedBucket, { ...lockedBucket, keyId: existingKey.id }] });
  expect(resources(shared, 'google_kms_crypto_key_iam_member')).toHaveLength(1);
});

test('names that differ only in a dot are two buckets', () => {
  const alike = [versionedBucket, { ...versionedBucket, id: 'other', name: 'acme-back.ups' }];
  expect(resources(synth({ ...googleStack, buckets: alike }), 'google_storage_bucket')).toHaveLength(2);
});

test('without buckets, keys and services nothing is made, and no rule of ours is broken', () => {
  const empty = synth({ ...googleStack, services: [], keys: [], buckets: [] });
  expect(resourceTypes(empty)).toEqual([]);
  expect(empty.findings).toEqual([]);
});

test('where the services are on already, buckets wait for their key alone', () => {
  const bare = synth({ ...googleStack, services: [] });
  const [grant] = Object.keys(bare.template.resource?.google_kms_crypto_key_iam_member ?? {});
  expect(resourceTypes(bare)).toEqual(['google_kms_crypto_key_iam_member', 'google_storage_bucket']);
  expect(resources(bare, 'google_storage_bucket')[0]?.depends_on).toEqual([
    `google_kms_crypto_key_iam_member.${grant}`,
  ]);
});

test('a key that the plan does not have is a fault of the plan', () => {
  expect(() => synth({ ...googleStack, keys: [] })).toThrow('names a key that the plan does not have: google/key/acme');
});

describe('the provider', () => {
  test('works in the project and region of the plan', () => {
    expect(one.template.provider?.google).toEqual([{ project: 'acme', region: 'europe-west3' }]);
  });

  test('takes the project of the credentials where the plan has none', () => {
    const { project: _project, region: _region, ...anywhere } = googleStack;
    expect(synth(anywhere).template.provider?.google).toEqual([{}]);
  });
});
