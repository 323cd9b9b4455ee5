import fc from 'fast-check';
import {
  cloudFormationStack,
  container,
  gcsBucket,
  iamRole,
  keyVault,
  keyVaultKey,
  kmsAlias,
  kmsCryptoKey,
  kmsKeyRing,
  logAnalyticsWorkspace,
  resourceGroup,
  s3Bucket,
  storageAccount,
} from '../../lib/clouds';
import type { NameRule } from '../../lib/clouds';
import type { ProtectionPlan } from '../../lib/plan';
import { leafShapes } from '../review/mutants';
import { AZURE_STORE, GOOGLE_STORE, compileText, database, planOf, s3, spec } from './support';

/** Names that the plan makes fit their service's rules, whatever the deployment is called. */
const taken = (name: string) => compileText(spec({ deployment: `name: "${name}"` })).plan !== undefined;
/** What the type of the name takes, without compiling a spec for each candidate. */
const pattern = new RegExp(String(leafShapes('deployment.name')[0]?.json.pattern));
const letters = 'abcdefghijklmnopqrstuvwxyz0123456789-';
const word = fc
  .oneof(
    fc.string({ unit: fc.constantFrom(...letters), minLength: 2, maxLength: 24 }),
    // What services reserve, and what makes two hyphens meet at a cut.
    fc.constantFrom('xn-a', 'sthreea', 'sthr', 'amzn-s3-demos', 'aws', 'google', 'a-b-c', 'ab'),
    fc.constantFrom('x'.repeat(24), `${'x'.repeat(11)}-${'y'.repeat(12)}`),
  )
  .filter((text) => pattern.test(text));

const bucketName = fc
  .string({ unit: fc.constantFrom(...letters), minLength: 3, maxLength: 63 })
  .filter((text) => s3Bucket.judge(text).kind === 'known');

function text(name: string, environment: string, store: string): string {
  return spec({
    database: database(
      'orders',
      `${s3('acme-own', 'orders/')} glacier: { bucket: "acme-cold" transition_days: 1 retrieval_tier: "bulk" }`,
    ),
    cloud: `aws_s3: { bucket: "${store}" region: "ap-northeast-1" replication: { destination_bucket: "acme-dr" destination_region: "ap-southeast-2" } } ${AZURE_STORE} ${GOOGLE_STORE}`,
    deployment: `name: "${name}" environment: "${environment}"`,
  });
}

/** Every name that the plan makes or takes over, with the rule of its service. */
function namesOf(plan: ProtectionPlan): readonly (readonly [string, NameRule, string])[] {
  const aws = plan.aws.flatMap((stack) => [
    ['stack', cloudFormationStack, stack.name] as const,
    ['log bucket', s3Bucket, stack.logs.name.replace('{account}', '123456789012')] as const,
    ...stack.keys.flatMap((key) => (key.kind === 'created' ? [['alias', kmsAlias, key.alias] as const] : [])),
    ...stack.buckets.flatMap((bucket) => [
      ['bucket', s3Bucket, bucket.name] as const,
      ...(bucket.replication ? [['role', iamRole, bucket.replication.roleName] as const] : []),
    ]),
  ]);
  const azure = plan.azure.flatMap((stack) => [
    ['resource group', resourceGroup, stack.resourceGroup] as const,
    ['workspace', logAnalyticsWorkspace, stack.logs.workspace] as const,
    ...stack.keys.flatMap((key) => [
      ['vault', keyVault, key.vaultName] as const,
      ['key', keyVaultKey, key.keyName] as const,
    ]),
    ...stack.accounts.flatMap((account) => [
      ['account', storageAccount, account.name] as const,
      ...account.containers.map((one) => ['container', container, one.name] as const),
    ]),
  ]);
  const google = plan.google.flatMap((stack) => [
    ...stack.buckets.map((bucket) => ['bucket', gcsBucket, bucket.name] as const),
    ...stack.keys.flatMap((key) =>
      key.kind === 'created'
        ? [['key ring', kmsKeyRing, key.keyRing] as const, ['key', kmsCryptoKey, key.keyName] as const]
        : [],
    ),
  ]);
  return [...aws, ...azure, ...google];
}

test('names fit the rules of their services for any deployment and any bucket', () => {
  fc.assert(
    fc.property(word, word, bucketName, (name, environment, store) => {
      fc.pre(!['acme-own', 'acme-cold', 'acme-dr'].includes(store));
      const wrong = namesOf(planOf(text(name, environment, store))).flatMap(([what, rule, one]) => {
        const verdict = rule.judge(one);
        return verdict.kind === 'known' ? [] : [`${what} ${one}: ${verdict.kind === 'malformed' ? verdict.why : ''}`];
      });
      expect(wrong).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test.each(['xn--a', 'a--b', 'sthree', 'sthree-a', 'amzn-s3-demo', 'amzn-s3-demo-a'])(
  '%s cannot be a deployment',
  (name) => {
    expect(taken(name)).toBe(false);
  },
);

test('two deployments in one account share no name that the spec does not give', () => {
  const given = [
    'acme-own',
    'acme-cold',
    'acme-dr',
    'acme-store',
    'acme-all-gcs',
    'acmeall',
    'backups',
    'acme-store-replication',
    'acme-own-replication',
  ];
  const made = (name: string, environment: string) =>
    new Set(
      namesOf(planOf(text(name, environment, 'acme-store')))
        .map(([, , one]) => one)
        .filter((one) => !given.includes(one)),
    );
  fc.assert(
    fc.property(word, word, word, word, (name, environment, otherName, otherEnvironment) => {
      fc.pre(name !== otherName);
      const [one, other] = [made(name, environment), made(otherName, otherEnvironment)];
      expect([...one].filter((each) => other.has(each))).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

test('the default environment is no part of names', () => {
  const names = (deployment: string) =>
    planOf(spec({ database: database('orders', s3('acme-own', 'o/')), deployment })).name;
  expect([names(''), names('name: "acme"'), names('name: "acme" environment: "prod"')]).toEqual([
    'hypnoscript',
    'acme',
    'acme-prod',
  ]);
});

describe('bucket names', () => {
  const plan = (naming: string, extra = '') =>
    planOf(
      spec({
        cloud:
          'aws_s3: { bucket: "acme-all" region: "eu-west-1" replication: { destination_bucket: "acme-dr" destination_region: "eu-central-1" } }',
        deployment: `${naming} ${extra}`,
      }),
    );

  test('are literal, unless the deployment says otherwise', () => {
    const namings = ({ aws }: ProtectionPlan) =>
      aws.flatMap((stack) => stack.buckets.map((one) => [one.name, one.naming]));
    expect(namings(plan(''))).toEqual([
      ['acme-all', 'literal'],
      ['acme-dr', 'literal'],
    ]);
    expect(namings(plan('bucket_naming: "account_regional"'))).toEqual([
      ['acme-all', 'account_regional'],
      ['acme-dr', 'account_regional'],
    ]);
  });

  test('of the destination are of the same kind in the rule that names it', () => {
    const rule = plan('bucket_naming: "account_regional"').aws[0]?.buckets[0]?.replication?.rules[0];
    expect(rule).toMatchObject({ bucket: 'acme-dr', naming: 'account_regional', region: 'eu-central-1' });
  });

  test('that leave no room for account and region are refused', () => {
    const long = 'a'.repeat(50);
    const named = (deployment: string) =>
      compileText(spec({ cloud: `aws_s3: { bucket: "${long}" region: "eu-west-1" }`, deployment }));
    expect(named('').plan).toBeDefined();
    expect(named('bucket_naming: "account_regional"').plan).toBeUndefined();
  });
});
