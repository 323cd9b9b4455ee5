import { compileText, database, findings, planOf, s3, spec } from './support';

/** Many data sets, each with a prefix of its own in one bucket. */
function many(count: number, shards: number): string {
  const names = Array.from({ length: count }, (_, index) => `orders${String(index).padStart(3, '0')}`);
  return spec({
    window: 'start: "00:30" end: "06:00" timezone: "UTC"',
    database: names.map((name) => database(name, s3('acme-own', `${name}/`))).join(''),
    deployment: `task_shards: ${shards}`,
  });
}

test('a shard over the limit of a stack is an error that says how many are enough', () => {
  const { diagnostics } = compileText(many(120, 1));
  const [found] = diagnostics.filter((one) => one.code === 'DR3058');
  const enough = Number(/task_shards to (\d+)/.exec(found?.fix ?? '')?.[1]);
  expect(enough).toBeGreaterThan(1);
  expect(findings(compileText(many(120, enough)), 'DR3058')).toEqual([]);
});

test('another task changes its own shard and no other', () => {
  const before = planOf(many(300, 20)).awsTasks.shards;
  const after = planOf(many(301, 20)).awsTasks.shards;
  expect(before).toHaveLength(20);
  const changed = after.filter((one, index) => JSON.stringify(one) !== JSON.stringify(before[index]));
  expect(changed).toHaveLength(1);
  expect(findings(compileText(many(301, 20)), 'DR3058')).toEqual([]);
});

test('data sets whose names are alike have names of their own for everything that AWS knows', () => {
  const names = ['shop.v2', 'shop-v2', 'shop_v2'];
  const plan = planOf(
    spec({ database: names.map((name) => database(`"${name}"`, s3('acme-own', `${name}/`))).join('') }),
  );
  const tasks = plan.awsTasks.shards.flatMap((shard) => shard.tasks);
  expect(tasks.map(({ task }) => task).sort()).toEqual([...names].sort());
  expect(new Set(tasks.map(({ family }) => family)).size).toBe(names.length);
  const schedules = tasks.flatMap((task) => task.schedules.map(({ name }) => name));
  expect(new Set(schedules).size).toBe(schedules.length);
  for (const name of schedules) expect(name).toMatch(/^[a-z0-9-]{1,64}$/);
});
