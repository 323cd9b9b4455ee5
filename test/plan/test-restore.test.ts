import { runDates } from '../../lib/plan';
import { AWS_TEST_RESTORE_SIZE } from '../../lib/plan/test-restore';
import { compileText, planOf, s3, spec } from './support';

/** Test restores as a plan schedules them. */
const own = s3('acme-own', 'orders/');
const gcs = 'gcs: { bucket: "acme-own" location: "europe-west3" path: "orders/" }';
const ASKED = 'validation: { frequency: "weekly" test_restore: true }';
const text = (type: string, validation = ASKED, storage = own) =>
  spec({ database: `orders: { type: "${type}" ${validation} storage: { ${storage} } }` });
const onAws = (asked: string) => {
  const { shared, shards } = planOf(asked).awsTasks;
  const tasks = shards.flatMap((shard) => shard.tasks);
  return {
    schedules: tasks.flatMap(({ schedules }) => schedules.filter(({ command }) => command === 'test-restore')),
    keys: shared.map(({ records }) => records.alias),
    endpoints: shared.flatMap(({ network }) => (network.kind === 'isolated' ? [network.signing] : [])),
    shards: shards.map(({ testRestores }) => testRestores),
  };
};

test('who asks for it gets a schedule, a key for records, and a way to that key', () => {
  const { schedules, keys, endpoints, shards } = onAws(text('pg_dump'));
  expect(schedules).toMatchObject([
    {
      id: 'aws.task.orders.test-restore',
      name: 'orders-test-restore',
      from: ['backup.database.orders.validation'],
      schedule: { kind: 'calendar', days: { kind: 'weekdays' } },
    },
  ]);
  expect([keys, endpoints, shards]).toEqual([['alias/hypnoscript-backup-records'], [true], [AWS_TEST_RESTORE_SIZE]]);
});

test.each([
  ['nobody asks for it', text('pg_dump', ''), 1],
  ['validation is off', text('pg_dump', 'validation: { enabled: false test_restore: true }'), 1],
  ['the image has no MySQL server', text('mysqldump'), 1],
  ['the image has no SQL Server, and nothing else runs in the region', text('sqlcmd'), 0],
])('nothing is there for it but the key, which outlives who asks for it: %s', (_, asked, keys) => {
  expect(onAws(asked).keys).toEqual(Array(keys).fill('alias/hypnoscript-backup-records'));
  expect(onAws(asked)).toMatchObject({ schedules: [], endpoints: [undefined], shards: [undefined] });
});

describe('DR3077', () => {
  const found = (storage: string, extra = {}) =>
    compileText(
      spec({ database: `orders: { type: "pg_dump" ${ASKED} storage: { ${storage} } }`, ...extra }),
    ).diagnostics.flatMap(({ code, path }) => (code === 'DR3077' ? [path] : []));
  const cold = (days: number) =>
    `glacier: { bucket: "acme-cold" region: "eu-west-1" path: "o/" transition_days: ${days} retrieval_tier: "bulk" }`;

  test('backups that are archived before the next full are not test-restored in silence', () => {
    expect(found(cold(1))).toEqual(['backup.database.orders.storage.glacier.transition_days']);
  });

  test('AWS thaws them before, as an identity of its own, and what that takes is said', () => {
    const text = (where: string) => spec({ database: `orders: { type: "pg_dump" ${ASKED} storage: { ${where} } }` });
    const thaws = (where: string) =>
      planOf(text(where)).awsTasks.shards.flatMap(({ tasks }) => tasks.map((one) => one.thaws));
    expect([thaws(cold(1)), thaws(cold(30))]).toEqual([[true], [undefined]]);
    // A full of a week ago is read on the day on which the next one is taken.
    expect([thaws(cold(7)), thaws(cold(8))]).toEqual([[true], [undefined]]);
    const [said] = compileText(text(cold(1))).diagnostics.filter(({ code }) => code === 'DR3077');
    expect([said?.message, said?.fix]).toEqual([
      expect.stringMatching(/a test restore thaws it first, for hours and for money each time$/),
      'archive after more than 7 days',
    ]);
  });

  test('Azure thaws them in the same way', () => {
    const cool = (days: number) =>
      spec({
        database: `orders: { type: "pg_dump" ${ASKED} storage: { azure: { storage_account: "acmeown" container: "docs" path: "o/" lifecycle: { tier_to_archive: ${days} } } } }`,
      });
    const thawers = (days: number) =>
      planOf(cool(days)).azureTasks.shards.flatMap(({ tasks }) => tasks.map(({ jobs }) => jobs.thawer));
    expect([thawers(7), thawers(8)]).toEqual([['b-orders-thawer'], [undefined]]);
    const [said, ...more] = compileText(cool(7)).diagnostics.filter(({ code }) => code === 'DR3077');
    expect(more).toEqual([]);
    expect([said?.path, said?.message, said?.fix]).toEqual([
      'backup.database.orders.storage.azure.lifecycle.tier_to_archive',
      expect.stringMatching(/a test restore thaws it first, for hours and for money each time$/),
      'archive after more than 7 days',
    ]);
    const quiet = planOf(cool(7).replace(ASKED, ''));
    expect(quiet.azureTasks.shards.flatMap(({ tasks }) => tasks.map(({ jobs }) => jobs.thawer))).toEqual([undefined]);
  });

  test('what stays readable until the next full is', () => {
    expect(found(cold(30))).toEqual([]);
  });

  test('one store that is read at once is enough', () => {
    const cloud = 'aws_s3: { bucket: "acme-all" region: "eu-west-1" }';
    expect(found(cold(1), { cloud })).toEqual([]);
  });
});

describe('DR3076', () => {
  const found = (asked: string) =>
    compileText(asked).diagnostics.flatMap(({ code, path }) => (code === 'DR3076' ? [path] : []));
  const path = 'backup.database.orders.validation.test_restore';

  test.each([
    ['sqlcmd', own, [path]],
    ['mysqldump', own, [path]],
    ['mysqldump', gcs, [path]],
    ['mariadb-dump', own, []],
    ['pg_dump', own, []],
  ])('%s on %s: %j', (type, storage, expected) => {
    expect(found(text(type, ASKED, storage))).toEqual(expected);
  });

  test('a data set that asks for none has none', () => {
    expect(found(text('sqlcmd', ''))).toEqual([]);
  });
});

test('dates of test restores stand among the runs, and not those that nobody can run', () => {
  const dates = (type: string) =>
    runDates(planOf(text(type)), new Date('2026-11-02T00:00:00Z'), new Date('2026-11-30T00:00:00Z'))
      .filter((run) => run.type === 'test-restore')
      .map(({ task, expectedEnd }) => [task, expectedEnd]);
  expect(dates('pg_dump')).toEqual(Array.from({ length: 4 }, () => ['orders', undefined]));
  expect(dates('sqlcmd')).toEqual([]);
});

describe('a task that no stack starts', () => {
  const cold = 'azure: { storage_account: "acmeown" container: "docs" path: "docs/" }';
  const texts = {
    'files of a Windows host on Google': spec({
      filesystem: `docs: { paths: ["D:\\\\docs"] ${ASKED} storage: { gcs: { bucket: "acme-docs" location: "US" path: "docs/" } } }`,
    }),
    'files of a Windows host on Azure': spec({
      filesystem: `docs: { paths: ["D:\\\\docs"] ${ASKED} storage: { ${cold} } }`,
    }),
    'files of a Windows host on AWS': spec({
      filesystem: `docs: { paths: ["D:\\\\docs"] ${ASKED} storage: { glacier: { bucket: "acme-cold" region: "eu-west-1" path: "docs/" transition_days: 1 retrieval_tier: "bulk" } } }`,
    }),
  };

  test.each(Object.entries(texts))('%s: nobody is told of a test restore there but whoever runs it', (_, asked) => {
    const plan = planOf(asked);
    expect(plan.tasks[0]?.validation.testRestore).toBeDefined();
    const runs = runDates(plan, new Date('2026-11-02T00:00:00Z'), new Date('2026-11-30T00:00:00Z'));
    expect(new Set(runs.map(({ type }) => type)).has('test-restore')).toBe(false);
    const found = compileText(asked).diagnostics;
    expect(found.filter(({ code }) => ['DR3077', 'DR3078'].includes(code))).toEqual([]);
    const [undeployed] = found.filter(({ code }) => code === 'DR3057');
    expect(undeployed?.fix).toMatch(/hypdr-runner test-restore .*\(.*\d\d:\d\d.*\)/);
  });

  test('whoever asks for none is told of none', () => {
    const [quiet = ''] = Object.values(texts);
    const [undeployed] = compileText(quiet.replace(ASKED, '')).diagnostics.filter(({ code }) => code === 'DR3057');
    expect(undeployed?.fix).not.toContain('test-restore');
  });
});
