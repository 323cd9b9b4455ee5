import { copierInputsOf } from '../../../lib/contract/copier-inputs';
import { orders, readerStack, readersPlan } from '../../google/readers';
import { bindingsOf, conditionLanguage, isAllowed } from '../../google/rights-model';
import type { ConditionLanguage } from '../../google/rights-model';
import { AWS_STORE, GOOGLE_STORE, database, need } from '../../plan/support';
import { allNodes, resources, resourceTypes } from '../../terraform/synth-stack';
import type { SynthesizedStack } from '../../terraform/synth-stack';

const TENANT = '22222222-0000-4000-8000-000000000000';
const plan = readersPlan();
const stack = readerStack(plan);
let language: ConditionLanguage;
beforeAll(async () => (language = await conditionLanguage()));

type Named = Readonly<Record<string, { readonly default?: unknown; readonly value?: string }>>;
const { variable, output } = stack.template as unknown as { readonly variable: Named; readonly output: Named };

/** Asks what whoever came through the pool of a cloud may do in a bucket. */
function asker(where: SynthesizedStack, cloud: string, bucket = 'acme-own') {
  const bindings = bindingsOf(where.template, where.template);
  const account = `copies-to-${cloud}-hypnoscript`;
  return {
    may: (verb: string, object: string) =>
      isAllowed(bindings, { account, permissions: [`storage.objects.${verb}`], bucket, object }, language),
    mayList: (lists: string) =>
      isAllowed(bindings, { account, permissions: ['storage.objects.list'], bucket, lists }, language),
  };
}

test('a pool and a provider for each cloud that copies, roles of one permission, and bindings on what is copied', () => {
  expect(resourceTypes(stack)).toEqual([
    ...Array<string>(2).fill('google_iam_workload_identity_pool'),
    ...Array<string>(2).fill('google_iam_workload_identity_pool_provider'),
    ...Array<string>(2).fill('google_project_iam_custom_role'),
    ...Array<string>(3).fill('google_project_service'),
    ...Array<string>(4).fill('google_storage_bucket_iam_member'),
  ]);
  expect(stack.findings).toEqual([]);
  const roles = resources(stack, 'google_project_iam_custom_role');
  expect(roles.map(({ permissions }) => permissions)).toEqual([['storage.objects.list'], ['storage.objects.get']]);
});

test('who copies out of Google is known by the tokens of its own cloud, and nobody until it is named', () => {
  const trust = resources(stack, 'google_iam_workload_identity_pool_provider');
  expect(trust.map(({ oidc, attribute_mapping, count }) => ({ oidc, attribute_mapping, count }))).toEqual([
    {
      // The runner asks for the provider's own name, which is taken where no audience is said.
      oidc: { issuer_uri: '${var.aws_copier_issuer}' },
      attribute_mapping: { 'google.subject': 'assertion.sub' },
      count: '${var.aws_copier_issuer != "" ? 1 : 0}',
    },
    {
      oidc: {
        issuer_uri: '${format("https://sts.windows.net/%s/", var.azure_copier_tenant_id)}',
        allowed_audiences: ['${var.azure_copier_audience}'],
      },
      attribute_mapping: { 'google.subject': 'assertion.sub' },
      count: '${var.azure_copier_tenant_id != "" ? 1 : 0}',
    },
  ]);
  expect(Object.fromEntries(Object.entries(variable).map(([name, one]) => [name, one.default]))).toEqual({
    aws_copier_issuer: '',
    aws_copier_subjects: [],
    azure_copier_audience: 'api://hypnoscript-dr-google',
    azure_copier_subjects: [],
    azure_copier_tenant_id: '',
  });
});

test('a tenant that the spec names is the one whose tokens are taken', () => {
  const named = readerStack(readersPlan({ deployment: `azure: { tenant: "${TENANT}" }` }));
  const { variable: said } = named.template as unknown as { readonly variable: Named };
  expect(said.azure_copier_tenant_id?.default).toBe(TENANT);
});

test.each(['aws', 'azure'] as const)('the output for jobs on %s is what their input takes', (cloud) => {
  const value = need(output[`${cloud}_copier_provider`]?.value, 'the output');
  const pool = /\$\{google_iam_workload_identity_pool\.(\w+)\.name\}/.exec(value)?.[1] ?? '';
  const { workload_identity_pool_id: id } = need(
    stack.template.resource?.google_iam_workload_identity_pool?.[pool],
    pool,
  );
  const said = value.replace(/\$\{.*?\}/, `projects/123/locations/global/workloadIdentityPools/${String(id)}`);
  const input = need(
    copierInputsOf(cloud, ['google']).find(({ variable: name }) => name === 'HYPDR_GOOGLE_PROVIDER'),
    'the input',
  );
  expect(said).toMatch(new RegExp(`^(${input.pattern})$`));
  expect(said.endsWith(`/copies-to-${cloud}-hypnoscript/providers/jobs-on-${cloud}`)).toBe(true);
});

const DATA = 'orders/2026/20261122T021500Z-full-aa/dump.0001';
const LEDGER = '_verified/orders/orders/2026/a';
const OBJECTS = [
  [true, 'get', DATA],
  [true, 'get', LEDGER],
  [false, 'create', DATA],
  [false, 'create', LEDGER],
  [false, 'delete', DATA],
  [false, 'delete', LEDGER],
  [false, 'get', 'other/a'],
  [false, 'get', '_verified/other/a'],
  [false, 'get', '_recovery/a'],
  [false, 'get', '_records/orders/a'],
] as const;
const LISTS = [
  [true, 'orders/'],
  [true, '_verified/orders/'],
  [false, ''],
  [false, 'other/'],
  [false, '_verified/'],
  [false, '_verified/other/'],
] as const;

/** What a reader may and should not, and what it should and may not. */
function wrongRights(where: SynthesizedStack, cloud: string): readonly string[] {
  const { may, mayList } = asker(where, cloud);
  return [
    ...OBJECTS.filter(([right, verb, object]) => may(verb, object) !== right).map(([, ...ask]) => ask.join(' ')),
    ...LISTS.filter(([right, prefix]) => mayList(prefix) !== right).map(([, prefix]) => `list ${prefix}`),
  ];
}

test.each(['aws', 'azure'])(
  'who copies to %s reads what is copied and the ledger of it, and writes nothing',
  (cloud) => {
    expect(wrongRights(stack, cloud)).toEqual([]);
    expect(asker(stack, cloud, 'acme-other').may('get', DATA)).toBe(false);
  },
);

test.each([
  ['a condition on nothing', 'objects/orders/', 'objects/', 'get _recovery/a'],
  ['a condition on all ledgers', '/_verified/orders/', '/_verified/', 'get _verified/other/a'],
  ['a condition on another data set', 'objects/orders/', 'objects/crm/', `get ${DATA}`],
  ['lists of everything', 'startsWith(\\"orders/', 'startsWith(\\"', 'list '],
  [
    'a role that writes',
    '["storage.objects.get"]',
    '["storage.objects.get","storage.objects.create"]',
    `create ${DATA}`,
  ],
  [
    'a role that deletes',
    '["storage.objects.get"]',
    '["storage.objects.get","storage.objects.delete"]',
    `delete ${DATA}`,
  ],
])('%s turns the test of rights red', (_, sound, faulty, found) => {
  const text = JSON.stringify(stack.template);
  const seeded = text.replaceAll(sound, faulty);
  expect(seeded).not.toBe(text);
  const template = JSON.parse(seeded) as SynthesizedStack['template'];
  expect(wrongRights({ ...stack, template }, 'aws')).toContain(found);
});

/** Data sets in one bucket, all of which are copied to AWS. */
function stackOf(count: number): SynthesizedStack {
  const many = Array.from({ length: count }, (_, index) =>
    database(`set${index}`, `gcs: { bucket: "acme-own" location: "europe-west1" path: "set${index}/" }`),
  ).join(' ');
  const deployment = 'task_shards: 8';
  return readerStack(readersPlan({ database: many, cloud: AWS_STORE, deployment }));
}

test.each([12, 60, 61, 150])('a reader of %i data sets fits into what conditions may have', (count) => {
  const wide = stackOf(count);
  // Operators of each condition, which the stack's own rules count.
  expect(wide.findings).toEqual([]);
  const members = resources(wide, 'google_storage_bucket_iam_member');
  // One role and one principal: 20 conditions. https://cloud.google.com/iam/quotas
  expect(members.length).toBeLessThanOrEqual(2 * 20);
  expect(new Set(members.map(({ condition }) => JSON.stringify(condition))).size).toBe(members.length);
  const { may, mayList } = asker(wide, 'aws');
  for (const index of [0, 7, count - 1]) {
    expect(may('get', `set${index}/a`)).toBe(true);
    expect(may('get', `_verified/set${index}/a`)).toBe(true);
    expect(mayList(`set${index}/`)).toBe(true);
    expect(mayList(`_verified/set${index}/`)).toBe(true);
    expect(may('create', `set${index}/a`)).toBe(false);
  }
  expect(may('get', '_recovery/a')).toBe(false);
  expect(mayList('_recovery/')).toBe(false);
  expect(mayList('')).toBe(false);
  // Up to 60 they are named one by one; more are all data of the bucket.
  expect(may('get', 'other/a')).toBe(count > 60);
});

test('only the sets that are copied are read: one that stays at home is not', () => {
  const home = database('crm', 'gcs: { bucket: "acme-own" location: "europe-west1" path: "crm/" }', 'copies: []');
  const { may } = asker(readerStack(readersPlan({ database: `${orders} ${home}`, cloud: AWS_STORE })), 'aws');
  expect(may('get', DATA)).toBe(true);
  expect(may('get', 'crm/a')).toBe(false);
  expect(may('get', '_verified/crm/a')).toBe(false);
});

test('every node is found, and nothing is made where nothing is copied out', () => {
  expect(allNodes(stack)).toEqual(['google.reader.aws', 'google.reader.azure', 'google.readers']);
  expect(readersPlan({ cloud: GOOGLE_STORE }).googleReaders).toEqual([]);
});
