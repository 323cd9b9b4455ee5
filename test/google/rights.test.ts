import { renderPruner, renderWriter } from '../../lib/google/rights';
import { shardNames } from '../../lib/google/task-names';
import type { StackJson } from '../../lib/terraform/stack-json';
import { PROJECT_NUMBER, bindingsOf, noApi, conditionLanguage, isAllowed } from './rights-model';
import type { ConditionLanguage, Request } from './rights-model';
import { synthTasks } from './task-fixture';

/** The protocol's table of rights, asked of the synthesized roles and conditions: what is allowed, and what is not. */

const { plan, shared, shard } = synthTasks();
let language: ConditionLanguage;
beforeAll(async () => (language = await conditionLanguage()));

const task = (name: string) => {
  const found = plan.googleTasks.shards[0]?.tasks.find((one) => one.task === name);
  if (!found) throw new Error(name);
  return found;
};
const CONFIG = `${plan.googleTasks.shared[0]?.configBucket}-${PROJECT_NUMBER}`;

const create = ['storage.objects.create'];
const read = ['storage.objects.get'];
const list = ['storage.objects.list'];
const remove = ['storage.objects.delete'];
const overwrite = [...create, ...remove];

const RUN = '20261122T021500Z-full';
const MANIFEST = `${RUN}.manifest.json`;
const DATA = `${RUN}-0123456789abcdef/dump.0001`;

type Line = readonly [allowed: boolean, what: string, request: Request];

function linesOf(name: string, bucket: string, path: string, prefix: string): readonly Line[] {
  const { account, job } = task(name);
  const ledger = `_verified/${name}/${path}${MANIFEST}`;
  const as = (end: string) => (permissions: readonly string[], where: Omit<Request, 'account' | 'permissions'>) => ({
    account: `${account}${end}`,
    permissions,
    ...where,
  });
  const [writer, verifier, pruner] = [as('-w'), as('-v'), as('-p')];
  const object = (key: string) => ({ bucket, object: key });
  const manifest = { bucket: CONFIG, object: `tasks/${job}/${'a'.repeat(64)}.json` };
  const others = { bucket: CONFIG, object: 'tasks/other/a.json' };
  return [
    [true, 'writes data', writer(create, object(`${path}${DATA}`))],
    [true, 'writes its manifest', writer(create, object(`${path}${MANIFEST}`))],
    [true, 'reads its manifests', writer(read, object(`${path}${MANIFEST}`))],
    [true, 'lists its own', writer(list, { bucket, lists: prefix })],
    [true, 'lists one key of its own', writer(list, { bucket, lists: `${path}${DATA}` })],
    [true, 'reads its task', writer(read, manifest)],
    [false, 'reads data', writer(read, object(`${path}${DATA}`))],
    [false, 'deletes data', writer(remove, object(`${path}${DATA}`))],
    [false, 'deletes a manifest', writer(remove, object(`${path}${MANIFEST}`))],
    [false, 'overwrites data', writer(overwrite, object(`${path}${DATA}`))],
    [false, 'overwrites a manifest', writer(overwrite, object(`${path}${MANIFEST}`))],
    [false, 'writes the ledger', writer(create, object(ledger))],
    [false, 'reads the ledger', writer(read, object(ledger))],
    [false, 'writes records', writer(create, object(`_records/${name}/a`))],
    [false, 'writes the recovery', writer(create, object('_recovery/a/spec.hyp'))],
    [false, 'changes its task', writer(create, manifest)],
    [false, 'reads the task of another', writer(read, others)],
    [false, 'writes into a bucket that is not its own', writer(create, { bucket: 'acme-other', object: path })],

    [true, 'reads data', verifier(read, object(`${path}${DATA}`))],
    [true, 'reads manifests', verifier(read, object(`${path}${MANIFEST}`))],
    [true, 'reads the ledger', verifier(read, object(ledger))],
    [true, 'writes the ledger', verifier(create, object(ledger))],
    [true, 'writes the recovery', verifier(create, object('_recovery/a/recipe.md'))],
    [true, 'lists the recovery', verifier(list, { bucket, lists: '_recovery/a/' })],
    [false, 'reads the recovery', verifier(read, object('_recovery/a/recipe.md'))],
    [false, 'overwrites the recovery', verifier(overwrite, object('_recovery/a/recipe.md'))],
    [true, 'lists data', verifier(list, { bucket, lists: prefix })],
    [true, 'lists the ledger', verifier(list, { bucket, lists: `_verified/${name}/${prefix}` })],
    [true, 'reads its task', verifier(read, manifest)],
    [false, 'writes data', verifier(create, object(`${path}${DATA}`))],
    [false, 'writes a manifest', verifier(create, object(`${path}${MANIFEST}`))],
    [false, 'overwrites the ledger', verifier(overwrite, object(ledger))],
    [false, 'deletes data', verifier(remove, object(`${path}${DATA}`))],
    [false, 'writes the ledger of another', verifier(create, object(`_verified/other/${MANIFEST}`))],
    [false, 'reads the ledger of another', verifier(read, object(`_verified/other/${MANIFEST}`))],

    [true, 'deletes data', pruner(remove, object(`${path}${DATA}`))],
    [true, 'deletes a manifest', pruner(remove, object(`${path}${MANIFEST}`))],
    [true, 'reads manifests', pruner(read, object(`${path}${MANIFEST}`))],
    [true, 'reads the ledger', pruner(read, object(ledger))],
    [true, 'lists data', pruner(list, { bucket, lists: prefix })],
    [true, 'lists the ledger', pruner(list, { bucket, lists: `_verified/${name}/${prefix}` })],
    [false, 'reads data', pruner(read, object(`${path}${DATA}`))],
    [false, 'deletes the ledger', pruner(remove, object(ledger))],
    [false, 'writes data', pruner(create, object(`${path}${DATA}`))],
    [false, 'writes the ledger', pruner(create, object(ledger))],
  ];
}

function proberLines(): readonly Line[] {
  const account = plan.googleTasks.shards.map(shardNames)[0]?.accounts.prober ?? '';
  const ask = (permissions: readonly string[], where: Omit<Request, 'account' | 'permissions'>) => ({
    account,
    permissions,
    ...where,
  });
  return ['acme-data', 'acme-crm', 'acme-all'].flatMap((bucket): readonly Line[] => [
    [true, 'reads ledgers', ask(read, { bucket, object: `_verified/orders/orders/2026/${MANIFEST}` })],
    [true, 'lists ledgers', ask(list, { bucket, lists: '_verified/orders/' })],
    [true, 'lists records', ask(list, { bucket, lists: '_records/orders/' })],
    [false, 'reads records', ask(read, { bucket, object: '_records/orders/a' })],
    [true, 'reads tasks', ask(read, { bucket: CONFIG, object: 'tasks/any/a.json' })],
    [false, 'reads data', ask(read, { bucket, object: `orders/2026/${DATA}` })],
    // What prunes left lies there: names are enough.
    [bucket === 'acme-data', 'lists data', ask(list, { bucket, lists: 'orders/' })],
    [false, 'lists all', ask(list, { bucket, lists: '' })],
    [false, 'lists recoveries', ask(list, { bucket, lists: '_recovery/' })],
    [false, 'writes ledgers', ask(create, { bucket, object: '_verified/orders/a' })],
    [false, 'deletes ledgers', ask(remove, { bucket, object: '_verified/orders/a' })],
  ]);
}

const LINES = [
  ...linesOf('orders', 'acme-data', 'orders/2026/', 'orders/'),
  ...linesOf('shop.v2', 'acme-data', '2026/11/', '2'),
  ...linesOf('crm', 'acme-crm', 'crm/11/', 'crm/'),
  ...linesOf('crm', 'acme-all', 'data/crm/', 'data/crm/'),
  ...proberLines(),
];

/** Lines of the table that the templates do not keep. */
function broken(sharedJson: StackJson = shared.template, shardJson: StackJson = shard.template): readonly string[] {
  const bindings = bindingsOf(sharedJson, shardJson);
  return LINES.filter(([allowed, , request]) => isAllowed(bindings, request, language) !== allowed).map(
    ([allowed, what, { account, bucket, object, lists }]) =>
      `${account} ${allowed ? 'may not' : 'may'} what it ${allowed ? 'has to' : 'must not'}: ${what} ${bucket} ${object ?? lists}`,
  );
}

test('every line of the table holds', () => {
  expect(LINES.length).toBeGreaterThan(150);
  expect(broken()).toEqual([]);
});

test('one task touches nothing of another in the same bucket', () => {
  const bindings = bindingsOf(shared.template, shard.template);
  const { account } = task('orders');
  for (const [end, permissions] of [
    ['-w', create],
    ['-v', read],
    ['-p', remove],
  ] as const) {
    const request = { account: `${account}${end}`, permissions, bucket: 'acme-data', object: `2026/11/${DATA}` };
    expect(isAllowed(bindings, request, language)).toBe(false);
  }
});

const changed = (stack: StackJson, from: RegExp, to: string) =>
  JSON.parse(JSON.stringify(stack).replace(from, to)) as StackJson;

test.each([
  [
    'the writer may delete',
    () => [
      changed(shared.template, /"storage\.objects\.create"/, '"storage.objects.create","storage.objects.delete"'),
      shard.template,
    ],
  ],
  [
    'the creator may read',
    () => [
      changed(shared.template, /"storage\.objects\.create"/, '"storage.objects.create","storage.objects.get"'),
      shard.template,
    ],
  ],
  [
    'manifests are not told from data',
    () => [shared.template, changed(shard.template, / && resource\.name\.endsWith\([^)]*\)/g, '')],
  ],
  [
    'a condition holds for another bucket',
    () => [shared.template, changed(shard.template, /buckets\/acme-data\//g, 'buckets/acme-date/')],
  ],
] as const)('a seeded fault is found: %s', (_, fault) => {
  const [sharedJson, shardJson] = fault();
  expect(broken(sharedJson, shardJson)).not.toEqual([]);
});

test('only the writer may read the secret, and nobody else one of another', () => {
  const members = Object.values(shard.template.resource?.google_secret_manager_secret_iam_member ?? {});
  expect(members.map(({ secret_id, member }) => [secret_id, /_writer_/.test(String(member))]).sort()).toEqual([
    ['hypnoscript-crm', true],
    ['hypnoscript-orders', true],
    ['hypnoscript-shop-v2', true],
  ]);
});

test('a prefix that is none lets nobody below _: what is there belongs to others', () => {
  const whole = { bucket: 'b', prefixes: [''], dataSet: 'crm' };
  const may = (rights: ReturnType<typeof renderWriter>, right: string, key: string) =>
    rights
      .filter((one) => one.right === right)
      .some(({ condition }) =>
        language.evaluate(condition, { resource: { name: `projects/_/buckets/b/objects/${key}` }, api: noApi }),
      );
  expect(may(renderWriter(whole), 'create', 'crm/a')).toBe(true);
  expect(may(renderWriter(whole), 'create', '_verified/crm/a')).toBe(false);
  expect(may(renderWriter(whole), 'read', '_verified/crm/a.manifest.json')).toBe(false);
  expect(may(renderPruner(whole), 'remove', 'crm/a')).toBe(true);
  expect(may(renderPruner(whole), 'remove', '_verified/crm/a')).toBe(false);
});
