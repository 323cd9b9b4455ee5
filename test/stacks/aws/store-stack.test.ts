import { createApp } from '../../../lib/aws/app';
import { addAwsStacks } from '../../../stacks/aws';
import { bucketPlan, OTHER, PLANS, REPLICAS, STORE, VAULT_STORE } from '../../aws/fixture';
import { resourceTypes, templateOf, templatesOf } from '../../aws/support';

const BUCKET = ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy'];
const KEY = ['AWS::KMS::Alias', 'AWS::KMS::Key'];

describe('a store stack', () => {
  test.each([
    ['a backup store', STORE, [...KEY, ...BUCKET, ...BUCKET, ...BUCKET, ...BUCKET, ...Array(4).fill('AWS::IAM::Role')]],
    ['a replica store', REPLICAS, [...KEY, ...BUCKET, ...BUCKET]],
    ['a vault', VAULT_STORE, [...KEY, ...BUCKET, ...BUCKET]],
    ['a store under keys that exist', OTHER, [...Array(5).fill(BUCKET).flat(), ...Array(2).fill('AWS::IAM::Role')]],
  ])('%s holds buckets, keys, logs and roles', (_, plan, types) => {
    expect(resourceTypes(templateOf(plan))).toEqual([...types].sort());
  });

  test('is protected from deletion, pinned to its region, and says what it holds', () => {
    const stacks = addAwsStacks(createApp(), PLANS);
    expect(
      stacks.map((stack) => [stack.terminationProtection, stack.region, stack.templateOptions.description]),
    ).toEqual([
      [true, 'eu-west-1', 'buckets that backups are written to, eu-west-1'],
      [true, 'eu-central-1', 'buckets that hold replicas of backups, eu-central-1'],
      [true, 'eu-central-1', 'buckets that hold replicas of backups, eu-central-1'],
      [true, 'eu-west-1', 'buckets that backups are written to, eu-west-1'],
    ]);
  });

  test('carries the account that it is for, or none', () => {
    const accounts = createdAssembly().stacks.map(({ stackName, environment }) => [stackName, environment.account]);
    expect(Object.fromEntries(accounts)).toEqual({
      [STORE.name]: 'unknown-account',
      [REPLICAS.name]: 'unknown-account',
      [VAULT_STORE.name]: VAULT_STORE.account,
      [OTHER.name]: OTHER.account,
    });
  });

  test('is deployed after the stacks that the plan names, and takes nothing from them', () => {
    const stack = createdAssembly().getStackByName(STORE.name);
    expect(stack.dependencies.map(({ id }) => id).filter((id) => !id.includes('assets'))).toEqual([
      REPLICAS.name,
      VAULT_STORE.name,
    ]);
    for (const template of templatesOf(PLANS).values()) {
      expect(JSON.stringify(template.toJSON())).not.toMatch(/ImportValue|GetStackOutput|"Export"/);
    }
  });

  test('has no literal account where the plan leaves it open', () => {
    const text = JSON.stringify(templateOf(REPLICAS).toJSON());
    expect(text).not.toMatch(/\d{12}/);
  });

  test('is refused when it names a key or a stack that is not there', () => {
    const lost = { ...REPLICAS, buckets: [bucketPlan({ name: 'lost', keyId: 'aws/key/none' })] };
    expect(() => templateOf(lost)).toThrow(/no key 'aws\/key\/none'/);
    expect(() => addAwsStacks(createApp(), [{ ...REPLICAS, after: ['nowhere'] }])).toThrow(/after 'nowhere'/);
  });
});

function createdAssembly() {
  const app = createApp();
  addAwsStacks(app, PLANS);
  return app.synth();
}
