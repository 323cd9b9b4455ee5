import { many } from './many';
import { compileText, planOf } from './support';

test('few tasks have everything of their own', () => {
  const shards = planOf(many(300, 20)).awsTasks.shards;
  expect(shards.every(({ groups }) => groups === undefined)).toBe(true);
  const families = shards.flatMap(({ tasks }) => tasks.map(({ family }) => family));
  expect(new Set(families).size).toBe(300);
});

describe('many tasks', () => {
  const { awsTasks } = planOf(many(400, 4));
  const { shards, shared } = awsTasks;

  test('share roles, a few for each shard, and containers where they have no folder', () => {
    const roles = shards.flatMap(({ groups }) => groups?.roles ?? []);
    expect(roles.length).toBe(4 * 2 * 3);
    expect(new Set(roles.map(({ id }) => id)).size).toBe(roles.length);
    for (const { tasks } of shards) {
      const families = new Set(tasks.filter(({ local }) => !local).map(({ family }) => family));
      expect(families.size).toBe(1);
    }
    expect(shared[0]?.network).toMatchObject({ kind: 'isolated', sessions: true });
  });

  test('a role covers the places of its tasks, and as little else as a policy can say', () => {
    for (const { tasks, groups } of shards) {
      for (const { store, ledgers } of groups?.roles ?? []) {
        const own = tasks.flatMap((task) => task.stores.filter((one) => one.store === store.store));
        expect(
          own.flatMap(({ prefixes }) => prefixes).every((one) => store.prefixes.some((two) => one.startsWith(two))),
        ).toBe(true);
        expect(store.prefixes).toEqual(store.bucket === 'acme-all' ? ['data/'] : ['']);
        expect(ledgers).toEqual(['_verified/']);
      }
    }
    const few = planOf(many(400, 40)).awsTasks.shards.find(({ tasks }) => tasks.length < 10);
    const names = few?.tasks.map(({ task }) => task).sort();
    const own = few?.groups?.roles.find(({ store, work }) => store.bucket === 'acme-own' && work === 'pruner');
    expect(own?.store.prefixes).toEqual(names?.map((name) => `${name}/`));
    expect(own?.ledgers).toEqual(names?.map((name) => `_verified/${name}/`));
  });

  test('each start is in one list, at its own minute', () => {
    for (const { tasks, groups } of shards) {
      const schedules = new Map(tasks.flatMap((task) => task.schedules.map((one) => [one.id, one.schedule] as const)));
      const listed =
        groups?.lists.flatMap(({ schedule, starts }) => starts.map((start) => ({ ...start, schedule }))) ?? [];
      expect(listed.map(({ id }) => id).sort()).toEqual([...schedules.keys()].sort());
      for (const { id, afterSeconds, schedule: first } of listed) {
        const own = schedules.get(id);
        if (own?.kind !== 'calendar' || first.kind !== 'calendar') throw new Error(id);
        const minutes = (at: string) => Number(at.slice(0, 2)) * 60 + Number(at.slice(3));
        expect([own.days, own.timeZone, minutes(own.at)]).toEqual([
          first.days,
          first.timeZone,
          minutes(first.at) + afterSeconds / 60,
        ]);
      }
      const names = groups?.lists.map(({ name }) => name) ?? [];
      expect(new Set(names).size).toBe(names.length);
      expect(names.length).toBeLessThan(60);
    }
  });

  test('another task changes its own shard and no other, and moves no start', () => {
    const after = planOf(many(401, 4)).awsTasks.shards;
    const changed = after.filter((one, index) => JSON.stringify(one) !== JSON.stringify(shards[index]));
    expect(changed).toHaveLength(1);
    const schedules = (all: typeof shards) =>
      new Map(
        all.flatMap(({ tasks }) => tasks.flatMap((one) => one.schedules.map((two) => [two.id, two.schedule] as const))),
      );
    const now = schedules(after);
    for (const [id, schedule] of schedules(shards)) expect(now.get(id)).toEqual(schedule);
  });
});

test('the number from which tasks share is one of identities', () => {
  const inContainers = (count: number) => planOf(many(count, 20, Infinity)).awsTasks.shards;
  expect(inContainers(306).some(({ groups }) => groups)).toBe(false);
  expect(inContainers(307).every(({ groups }) => groups)).toBe(true);
});

test('who is test-restored has one identity more', () => {
  const inContainers = (count: number) =>
    planOf(many(count, 20, Infinity, 'validation: { test_restore: true }')).awsTasks.shards;
  expect(inContainers(230).some(({ groups }) => groups)).toBe(false);
  const shards = inContainers(231);
  expect(shards.every(({ groups }) => groups)).toBe(true);
  const works = new Set(shards.flatMap(({ groups }) => groups?.roles.map(({ work }) => work) ?? []));
  expect([...works].sort()).toEqual(['pruner', 'restorer', 'verifier', 'writer']);
});

describe('findings', () => {
  const found = (text: string, code: string) => compileText(text).diagnostics.filter((one) => one.code === code);

  test('few tasks raise none, and say when their shards need more roles than an account has', () => {
    expect(found(many(300, 20), 'DR3074')).toEqual([]);
    expect(found(many(300, 20), 'DR3075')).toEqual([]);
    // 918 of the tasks, and five for each shard.
    const [roles, ...more] = found(many(306, 20, Infinity), 'DR3075');
    expect([roles?.path, roles?.message, more]).toEqual([
      'backup.database',
      'the tasks on AWS make 1018 roles, and an account has 1000',
      [],
    ]);
  });

  test('many tasks say so, with the numbers of both ways', () => {
    const [shared] = found(many(400, 4), 'DR3074');
    expect(shared).toMatchObject({ severity: 'note', path: 'backup.database' });
    // A tenth runs on hosts. In a shard: three bases, two stores with three roles each, secrets, and six of its own.
    expect(shared?.message).toContain(`would have ${360 * 3 + 40 * 2 + 4 * 5} roles`);
    expect(shared?.message).toContain(`share ${4 * (3 + 6 + 1 + 6)} roles`);
    expect(found(many(400, 4), 'DR3075')).toEqual([]);
  });

  test('shards that are as many as tasks make too many roles again', () => {
    const [roles] = found(many(640, 64), 'DR3075');
    expect(roles?.path).toBe('deployment.task_shards');
    expect(Number(/make (\d+) roles/.exec(roles?.message ?? '')?.[1])).toBeGreaterThan(1000);
  });

  test('a shard over the limit of a stack says how many are enough, here too', () => {
    const [large] = found(many(400, 1), 'DR3058');
    const enough = Number(/task_shards to (\d+)/.exec(large?.fix ?? '')?.[1]);
    expect(enough).toBeGreaterThan(1);
    expect(found(many(400, enough), 'DR3058')).toEqual([]);
  });
});
