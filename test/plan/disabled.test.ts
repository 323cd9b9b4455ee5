import type { ProtectionPlan } from '../../lib/plan';
import {
  AWS_STORE,
  AZURE_STORE,
  GOOGLE_STORE,
  buckets,
  compileText,
  database,
  errors,
  planOf,
  s3,
  spec,
} from './support';

/** `enabled: false` anywhere builds nothing for it; any block may be absent. */
const all = (plan: ProtectionPlan) => ({
  tasks: plan.tasks.map((one) => one.name),
  aws: Object.keys(buckets(plan)).sort(),
  azure: plan.azure.flatMap((stack) => stack.accounts.flatMap((one) => one.containers.map((inner) => inner.name))),
  google: plan.google.flatMap((stack) => stack.buckets.map((one) => one.name)),
  copies: plan.copies.map((one) => one.id),
});
const off = (block: string) => block.replace('{', '{ enabled: false ');
const orders = database('orders', s3('acme-own', 'orders/'));
const nothing = { tasks: [], aws: [], azure: [], google: [], copies: [] };

test('all backups switched off build nothing', () => {
  const text = spec({
    general: 'enabled: false',
    database: orders,
    cloud: `${AWS_STORE} ${AZURE_STORE} ${GOOGLE_STORE}`,
  });
  expect(all(planOf(text))).toEqual(nothing);
});

test('a data set that is switched off has no task, no bucket and no copy', () => {
  const plan = planOf(
    spec({ database: off(orders) + database('users', s3('acme-two', 'users/')), cloud: GOOGLE_STORE }),
  );
  expect(all(plan)).toEqual({
    ...nothing,
    tasks: ['users'],
    aws: ['acme-two'],
    google: ['acme-all-gcs'],
    copies: ['copy.users.gcp_storage'],
  });
});

test.each([
  ['aws', AWS_STORE, { aws: ['acme-own'] }],
  ['azure', AZURE_STORE, { azure: [], copies: ['copy.orders.gcp_storage'] }],
  ['google', GOOGLE_STORE, { google: [], copies: ['copy.orders.azure_blob'] }],
])('a store of %s that is switched off is not built and not filled', (_, store, expected) => {
  const cloud = [AWS_STORE, AZURE_STORE, GOOGLE_STORE].map((one) => (one === store ? off(one) : one)).join(' ');
  const plan = planOf(spec({ database: orders, cloud }));
  expect(all(plan)).toMatchObject(expected);
  expect(plan.tasks[0]?.stores.map((one) => one.bucket)).toEqual(
    store === AWS_STORE ? ['acme-own'] : ['acme-own', 'acme-all'],
  );
});

test('what is switched off makes no findings of the plan', () => {
  const { diagnostics } = compileText(spec({ database: off(orders), cloud: off(GOOGLE_STORE) }));
  expect(diagnostics.filter((one) => /backup\.(database|cloud)/.test(one.path))).toEqual([]);
});

test('what is switched off is typed all the same', () => {
  const text = spec({ database: off(database('orders', s3('Acme_Own', 'orders/'))) });
  expect(errors(compileText(text))).toEqual(['DR2002 backup.database.orders.storage.s3.bucket']);
});

test('validation that is switched off checks no checksum and restores nothing', () => {
  const validation = (extra: string) =>
    planOf(spec({ database: database('orders', s3('acme-own', 'o/'), extra) })).tasks[0]?.validation;
  const off = validation('validation: { enabled: false test_restore: true }');
  expect(off).toMatchObject({ checksum: false });
  expect(off).not.toHaveProperty('testRestore');
  expect(validation('validation: { test_restore: true frequency: "daily" }')).toMatchObject({
    checksum: true,
    testRestore: { schedule: { kind: 'calendar', days: { kind: 'all' } } },
    cadence: { kind: 'daily' },
  });
  expect(validation('validation: { verify_checksum: false }')).toMatchObject({ checksum: false });
});

describe('absent', () => {
  test.each([
    ['everything', {}, nothing],
    ['shared stores', { database: orders }, { ...nothing, tasks: ['orders'], aws: ['acme-own'] }],
    ['data sets', { cloud: GOOGLE_STORE }, { ...nothing, google: ['acme-all-gcs'] }],
  ])('%s', (_, parts, expected) => {
    expect(all(planOf(spec(parts)))).toEqual(expected);
  });

  test('a spec without backups has no plan and no error', () => {
    const { plan, diagnostics } = compileText('disaster_recovery { objectives: { rpo: { critical_data: "1h" } } }');
    expect(plan).toBeUndefined();
    expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([]);
  });
});

test('several stores of one cloud are all built and all filled', () => {
  const aws = (name: string, region: string) => `aws_s3_${name}: { bucket: "acme-${name}" region: "${region}" }`;
  const plan = planOf(
    spec({
      database: orders,
      cloud: `${aws('one', 'eu-west-1')} ${aws('two', 'us-east-2')} other: { provider: "aws" bucket: "acme-three" region: "us-east-2" } gcp_storage_a: { bucket: "acme-a" location: "EU" } gcp_storage_b: { bucket: "acme-b" location: "us-central1" }`,
    }),
  );
  expect(plan.aws.map((stack) => [stack.region, stack.buckets.map((one) => one.name)])).toEqual([
    ['eu-west-1', ['acme-one', 'acme-own']],
    ['us-east-2', ['acme-three', 'acme-two']],
  ]);
  expect(plan.tasks[0]?.stores.map((one) => one.bucket).sort()).toEqual([
    'acme-one',
    'acme-own',
    'acme-three',
    'acme-two',
  ]);
  expect(plan.copies.map((one) => one.destination)).toEqual(['google.bucket.acme-a', 'google.bucket.acme-b']);
  expect(plan.google).toHaveLength(1);
});
