import { LONGEST_FULL_READ_SECONDS, fullReadOf } from '../../lib/plan/full-read';
import { afterWindow, delayAfterStart } from '../../lib/plan/after-window';
import { googleLimits } from '../../lib/plan/findings/google-tasks';
import { runDates } from '../../lib/plan';
import { clockHazards, occurrences, TimeOfDay, toLocalText, WEEKDAYS } from '../../lib/units';
import type { Cadence } from '../../lib/units';
import {
  AWS_STORE,
  AZURE_STORE,
  GOOGLE_STORE,
  compileText,
  database,
  findings,
  planOf,
  s3,
  spec,
  task,
} from './support';

const BERLIN = 'start: "02:00" end: "06:00" timezone: "Europe/Berlin"';
const planWith = (names: readonly string[], validation = '', parts = {}) =>
  planOf(
    spec({
      window: BERLIN,
      database: names.map((name) => database(name, s3('acme-own', `${name}/`), validation)).join(''),
      deployment: 'task_shards: 8',
      ...parts,
    }),
  );
const every = (frequency: string) => `validation: { frequency: "${frequency}" }`;
const NAMES = Array.from({ length: 60 }, (_, index) => `set${index}`);

test('without a word it is weekly, in the two hours after those in which pruning and copies begin', () => {
  const starts = planWith(NAMES).tasks.map(({ validation: { fullRead } }) => {
    if (fullRead?.kind !== 'calendar' || fullRead.days.kind !== 'weekdays') throw new Error('not weekly');
    expect(fullRead.timeZone).toBe('Europe/Berlin');
    expect(fullRead.at >= '08:00' && fullRead.at < '10:00').toBe(true);
    return { at: fullRead.at, days: fullRead.days.weekdays };
  });
  // Spread over the week and over the minutes: 60 names are on all days, and hardly two at one time.
  expect(new Set(starts.flatMap(({ days }) => days)).size).toBe(7);
  expect(starts.every(({ days }) => days.length === 1)).toBe(true);
  expect(new Set(starts.map(({ at }) => at)).size).toBeGreaterThan(40);
});

test('another data set moves none, and it moves no other work', () => {
  const before = planWith(NAMES);
  const after = planWith([...NAMES, 'one-more']);
  for (const { name, validation, runs } of before.tasks) {
    expect(task(after, name).validation).toEqual(validation);
    expect(task(after, name).runs).toEqual(runs);
  }
  const without = planWith(NAMES, 'validation: { verify_checksum: false }');
  const rest = (plan: typeof before) =>
    plan.awsTasks.shards.flatMap(({ tasks }) => tasks.flatMap(({ schedules }) => schedules));
  expect(rest(before).filter(({ command }) => command === 'verify')).toHaveLength(NAMES.length);
  expect(rest(before).filter(({ command }) => command !== 'verify')).toEqual(rest(without));
});

test.each([
  ['daily', { kind: 'all' }],
  ['24h', { kind: 'all' }],
  ['weekly', { kind: 'weekdays' }],
  ['7d', { kind: 'weekdays' }],
  ['monthly', { kind: 'month_day' }],
  ['6h', { kind: 'all' }],
  ['2d', { kind: 'all' }],
])('%s is kept, or becomes the next more frequent one of a calendar', (frequency, days) => {
  expect(task(planWith(['orders'], every(frequency)), 'orders').validation.fullRead).toMatchObject({ days });
});

test('a day of the month is one that every month has', () => {
  const days = planWith(NAMES, every('monthly')).tasks.map(({ validation }) => validation.fullRead);
  for (const one of days) {
    if (one?.kind !== 'calendar' || one.days.kind !== 'month_day') throw new Error('not monthly');
    expect(one.days.monthDay >= 1 && one.days.monthDay <= 28).toBe(true);
  }
});

test.each(['enabled: false', 'verify_checksum: false'])('%s: never by itself', (word) => {
  const plan = planWith(['orders'], `validation: { ${word} }`);
  expect(task(plan, 'orders').validation).not.toHaveProperty('fullRead');
  expect(JSON.stringify(plan.awsTasks)).not.toContain('"verify"');
  expect(runDates(plan, new Date('2026-11-01'), new Date('2026-12-01')).map(({ type }) => type)).not.toContain(
    'verify',
  );
});

test('each cloud that holds a data set reads its own part, at the same time', () => {
  const plan = planWith(['orders'], '', { cloud: `${AWS_STORE}\n${AZURE_STORE}\n${GOOGLE_STORE}` });
  const aws = plan.awsTasks.shards.flatMap(({ tasks }) => tasks.flatMap(({ schedules }) => schedules));
  const azure = plan.azureTasks.shards.flatMap(({ tasks }) => tasks.flatMap(({ flows }) => flows));
  const google = plan.googleTasks.shards.flatMap(({ tasks }) => tasks.flatMap(({ schedules }) => schedules));
  const { fullRead } = task(plan, 'orders').validation;
  const of = (list: readonly { command?: string; does?: string; schedule: unknown; from: readonly string[] }[]) =>
    list
      .filter(({ command, does }) => (command ?? does) === 'verify')
      .map(({ schedule, from }) => [schedule, from] as const);
  for (const list of [aws, azure, google]) {
    expect(of(list)).toEqual([[fullRead, ['backup.database.orders.validation']]]);
  }
});

test.each([
  // Skipped in spring, shown twice in autumn: two hours after the window lie in both.
  ['Europe/Berlin', '00:30'],
  ['America/New_York', '23:45'],
  ['Australia/Lord_Howe', '23:30'],
  ['UTC', '23:00'],
])('starts at minutes that exist once on every date: %s, a window until %s', (timeZone, end) => {
  const window = { start: TimeOfDay.minutes(0), end: TimeOfDay.parse(end) ?? TimeOfDay.minutes(0), timeZone };
  const { skipped, repeated } = clockHazards(timeZone);
  for (const name of NAMES) {
    const schedule = fullReadOf({ kind: 'daily' }, window, name);
    if (schedule.kind !== 'calendar') throw new Error('no calendar');
    const minute = TimeOfDay.parse(schedule.at)?.minutes ?? -1;
    expect([skipped.has(minute), repeated.has(minute)]).toEqual([false, false]);
    const days = [...occurrences(schedule, new Date('2027-01-01'), new Date('2028-01-01'))];
    expect(days.length).toBeGreaterThanOrEqual(364);
  }
});

test('what follows a window that ends in the night of the clocks starts at a minute that exists once, on every date', () => {
  const { skipped, repeated } = clockHazards('Europe/Berlin');
  for (const name of NAMES)
    for (const work of ['prune', 'copy google']) {
      const times = { start: '20:00', end: '01:00', timeZone: 'Europe/Berlin' };
      const schedule = afterWindow(times, name, work);
      if (schedule.kind !== 'calendar') throw new Error('no calendar');
      const minute = TimeOfDay.parse(schedule.at)?.minutes ?? -1;
      expect([skipped.has(minute), repeated.has(minute)]).toEqual([false, false]);
      expect(delayAfterStart(times, name, work)).toBe(((minute - 20 * 60 + 1440) % 1440) * 60);
    }
});

test('ends before anything is pruned again, also on the day that has an hour less', () => {
  const cadence: Cadence = { kind: 'daily' };
  for (const [timeZone, end] of [
    ['Europe/Berlin', '06:00'],
    ['Europe/Berlin', '22:30'],
    ['America/New_York', '00:00'],
  ] as const) {
    const window = { start: TimeOfDay.minutes(0), end: TimeOfDay.parse(end) ?? TimeOfDay.minutes(0), timeZone };
    const dates = (schedule: ReturnType<typeof fullReadOf>) => [
      ...occurrences(schedule, new Date('2027-03-01'), new Date('2027-04-15')),
    ];
    for (const name of NAMES) {
      const prunes = dates(afterWindow({ start: '00:00', end, timeZone }, name, 'prune'));
      for (const start of dates(fullReadOf(cadence, window, name)).slice(1, -1)) {
        const next = prunes.find((one) => one > start);
        const before = [...prunes].reverse().find((one) => one <= start);
        expect((next?.getTime() ?? Infinity) - start.getTime()).toBeGreaterThanOrEqual(
          LONGEST_FULL_READ_SECONDS * 1000,
        );
        expect(start.getTime() - (before?.getTime() ?? 0)).toBeLessThan(6 * 3_600_000);
      }
    }
  }
});

test('dates are on the clock of the zone, with the types that they serve, and no end that nobody knows', () => {
  const plan = planWith(['orders']);
  const dates = runDates(plan, new Date('2026-10-01T00:00:00Z'), new Date('2026-11-26T00:00:00Z'));
  const reads = dates.filter(({ type }) => type === 'verify');
  expect(reads).toHaveLength(8);
  const clock = (date: Date) => toLocalText(date, 'Europe/Berlin').slice(11, 16);
  expect(new Set(reads.map(({ start }) => clock(start))).size).toBe(1);
  expect(new Set(reads.map(({ start }) => WEEKDAYS[(start.getUTCDay() + 6) % 7])).size).toBe(1);
  for (const one of reads) {
    expect(one.for).toEqual(['full', 'incremental', 'differential']);
    expect(one).not.toHaveProperty('expectedEnd');
  }
});

describe('findings', () => {
  const found = (validation: string) =>
    findings(compileText(spec({ window: BERLIN, database: database('orders', s3('acme-own', 'orders/'), validation) })))
      .filter((one) => /^DR307[23]/.test(one))
      .join();
  const path = 'backup.database.orders.validation';

  test.each([
    ['', ''],
    ['validation: { frequency: "7d" }', ''],
    ['validation: { enabled: false }', `DR3072 ${path}.enabled`],
    ['validation: { verify_checksum: false }', `DR3072 ${path}.verify_checksum`],
    ['validation: { frequency: "6h" }', `DR3073 ${path}.frequency`],
    ['validation: { frequency: "3d" }', `DR3073 ${path}.frequency`],
    ['validation: { frequency: "6h" verify_checksum: false }', `DR3072 ${path}.verify_checksum`],
  ])('%s: %s', (validation, expected) => {
    expect(found(validation)).toBe(expected);
  });
});

test.each([
  [1666, false],
  [1667, true],
])('%i tasks of three schedules each in a region of Google: is a quota of schedules over: %s', (count, over) => {
  const storage = 'gcs: { bucket: "acme-own" location: "europe-west3" path: "orders/" }';
  const types = 'full: { frequency: "daily" retention: 30 }';
  const plan = planOf(spec({ types, database: database('orders', storage) }));
  const shards = plan.googleTasks.shards.map((shard) => ({
    ...shard,
    tasks: Array.from({ length: count }, () => shard.tasks[0] ?? []).flat(),
  }));
  const told: string[] = [];
  googleLimits({
    context: { report: ({ message }: { message: string }) => void told.push(message) },
    plan: { ...plan, googleTasks: { ...plan.googleTasks, shards } },
  } as unknown as Parameters<typeof googleLimits>[0]);
  expect(told.some((one) => / schedules in europe-west3, /.test(one))).toBe(over);
});
