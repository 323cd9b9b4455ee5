import type { GoogleTaskShard } from '../../lib/contract';
import { compileText, database, findings, planOf, spec } from './support';

/** Many data sets on Google, a hundred in each bucket; some names differ only in what names of resources do not have. */
function many(count: number, shards: number, extra = ''): string {
  const names = Array.from({ length: count }, (_, index) =>
    index % 2 === 0 ? `orders.${index}` : `orders-${index - 1}`,
  );
  return spec({
    types: 'full: { frequency: "weekly" retention: 30 }',
    window: 'start: "00:30" end: "06:00" timezone: "UTC"',
    database: names
      .map((name, index) => {
        const bucket = `acme-${Math.floor(index / 100)}`;
        return database(`"${name}"`, `gcs: { bucket: "${bucket}" location: "europe-west3" path: "${name}/" }`, extra);
      })
      .join(''),
    deployment: `name: "a-rather-long-name" task_shards: ${shards}`,
  });
}

const tasksOf = (shards: readonly GoogleTaskShard[]) => shards.flatMap((shard) => shard.tasks);

test('another task changes its own shard and no other', () => {
  const before = planOf(many(300, 12)).googleTasks.shards;
  const after = planOf(many(301, 12)).googleTasks.shards;
  expect(before).toHaveLength(12);
  const changed = after.filter((one, index) => JSON.stringify(one) !== JSON.stringify(before[index]));
  expect(changed).toHaveLength(1);
});

test('300 tasks have names of their own, of lengths that the services take', () => {
  const tasks = tasksOf(planOf(many(300, 1)).googleTasks.shards);
  for (const names of [
    tasks.map((task) => task.job),
    tasks.map((task) => task.account),
    tasks.flatMap((task) => task.schedules.map((schedule) => schedule.name)),
  ]) {
    expect(new Set(names).size).toBe(names.length);
  }
  for (const { job, account } of tasks) {
    expect(`${job}-w`).toMatch(/^[a-z][a-z0-9-]{0,47}[a-z0-9]$/);
    expect(`${account}-w`).toMatch(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/);
  }
});

test('a task that moves to another number of shards is new there before it is gone here', () => {
  const [one, two] = [1, 2].map((shards) => tasksOf(planOf(many(50, shards)).googleTasks.shards));
  const names = new Set(one?.flatMap((task) => [task.job, task.account]));
  expect(two?.filter((task) => names.has(task.job) || names.has(task.account))).toEqual([]);
});

test('a project of 300 tasks has to ask for service accounts first, and its jobs fit', () => {
  expect(findings(compileText(many(300, 4)), 'DR3060')).toEqual(['DR3060 backup.database']);
  expect(findings(compileText(many(340, 4)), 'DR3060')).toEqual(['DR3060 backup.database', 'DR3060 backup.database']);
});

test('who restores for a test is an account of its own, with rights of its own', () => {
  const told = (count: number, code: string, extra = 'validation: { test_restore: true }') =>
    compileText(many(count, 1, extra).replaceAll(/acme-\d+/g, 'acme')).diagnostics.flatMap((one) =>
      one.code === code ? [one.message, one.fix] : [],
    );
  expect(told(24, 'DR3060')).toEqual([]);
  expect(told(25, 'DR3060')[0]).toContain('need 103 service accounts');
  expect([told(125, 'DR3061'), told(126, 'DR3061', '')]).toEqual([[], []]);
  const [message, fix] = told(126, 'DR3061');
  expect([message, fix]).toEqual([expect.stringContaining('need 1512 members'), expect.stringContaining('125 data')]);
});

test('a container on Google is started by its stack; a set of files stays on its host, which starts it, unless that has Windows', () => {
  const text = spec({
    types: 'full: { frequency: "weekly" retention: 30 }',
    database: database('orders', 'gcs: { bucket: "acme-data" location: "europe-west3" path: "orders/" }'),
    filesystem: 'docs: { paths: ["/srv/docs"] storage: { gcs: { bucket: "acme-docs" location: "US" path: "docs/" } } }',
  });
  expect(findings(compileText(text), 'DR3057')).toEqual([]);
  const windows = text.replace('/srv/docs', 'D:\\\\docs');
  expect(findings(compileText(windows), 'DR3057')).toEqual(['DR3057 backup.filesystem.docs']);
  expect(planOf(windows).googleTasks.shards.map(({ tasks }) => tasks.map((one) => one.task))).toEqual([['orders']]);
  expect(planOf(text).googleTasks.shards.map(({ region, tasks }) => [region, tasks.map((one) => one.task)])).toEqual([
    ['europe-west3', ['orders']],
    ['us-central1', ['docs']],
  ]);
});

test('a task whose bucket is a multi-region runs in a region of it', () => {
  const inPlace = (location: string) =>
    planOf(
      spec({
        types: 'full: { frequency: "weekly" retention: 30 }',
        database: database('orders', `gcs: { bucket: "acme-data" location: "${location}" path: "orders/" }`),
      }),
    ).googleTasks.shards[0]?.region;
  expect(['EU', 'us', 'ASIA', 'NAM4', 'EUR4', 'europe-west6'].map(inPlace)).toEqual([
    ...['europe-west1', 'us-central1', 'asia-east1', 'us-central1', 'europe-west4', 'europe-west6'],
  ]);
});
