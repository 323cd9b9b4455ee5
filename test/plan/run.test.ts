import type { TaskRun } from '../../lib/contract';
import { scheduleText } from '../../lib/units';
import { TYPES, bucket, compileText, database, findings, planOf, spec, task } from './support';

/** What each engine runs for the types of the spec. */
const STORAGE = 'storage: { s3: { bucket: "acme-db" region: "eu-west-1" path: "one/" } }';
const SETS = {
  postgresql: { database: `one: { type: "pg_dump" ${STORAGE} }` },
  mysql: { database: `one: { type: "mysqldump" ${STORAGE} }` },
  mariadb: { database: `one: { type: "mariadb-dump" ${STORAGE} }` },
  sqlserver: { database: `one: { type: "sqlcmd" ${STORAGE} }` },
  files: { filesystem: `one: { paths: ["/srv"] ${STORAGE} }` },
} as const;
type Engine = keyof typeof SETS;

function runs(engine: Engine, types: string = TYPES) {
  const { runs: made } = task(planOf(spec({ types, ...SETS[engine] })), 'one');
  return made.map((run) => [run.type, run.for.join('+'), run.cadence.kind, days(run), run.retentionDays]);
}

/** Days of a run as people read them, without its time. */
function days({ schedule }: TaskRun): string {
  return scheduleText(schedule).replace(/ \d\d:\d\d$/, '');
}

describe('the documented types', () => {
  const full = ['full', 'full', 'weekly', 'sun', 30];

  test.each([
    ['postgresql', [full, ['full', 'incremental+differential', 'daily', 'mon-sat', 14]]],
    ['mysql', [full, ['log', 'incremental', 'daily', 'mon-sat', 7], ['full', 'differential', 'daily', 'mon-sat', 14]]],
    [
      'mariadb',
      [full, ['log', 'incremental', 'daily', 'mon-sat', 7], ['full', 'differential', 'daily', 'mon-sat', 14]],
    ],
    [
      'sqlserver',
      [full, ['log', 'incremental', 'daily', 'mon-sat', 7], ['differential', 'differential', 'daily', 'mon-sat', 14]],
    ],
    [
      'files',
      [
        full,
        ['incremental', 'incremental', 'daily', 'mon-sat', 7],
        ['differential', 'differential', 'daily', 'mon-sat', 14],
      ],
    ],
  ] as const)('on %s', (engine, expected) => {
    expect(runs(engine)).toEqual(expected);
  });

  test.each([
    ['postgresql', ['incremental', 'differential']],
    ['mysql', ['incremental', 'differential']],
    ['mariadb', ['incremental', 'differential']],
    ['sqlserver', ['incremental']],
    ['files', []],
  ] as const)('that run as something else on %s are said', (engine, types) => {
    const { diagnostics } = compileText(spec(SETS[engine]));
    const said = diagnostics.filter((one) => one.code === 'DR3020').map((one) => one.message.split(' ')[0]);
    expect([...said].sort()).toEqual([...types].sort());
  });
});

describe('types that come to the same run', () => {
  test('at the same times are one, with the longest retention and its lock', () => {
    const [, merged] = task(planOf(spec(SETS.postgresql)), 'one').runs;
    expect(merged).toMatchObject({ for: ['incremental', 'differential'], retentionDays: 14, lockDays: 14 });
  });

  test.each([
    ['"12h"', 3],
    ['"weekly"', 3],
    ['"24h"', 2],
  ])('at other times stay two: daily and %s', (frequency, count) => {
    const types = `full: { frequency: "monthly" retention: 90 } incremental: { frequency: "daily" retention: 7 } differential: { frequency: ${frequency} retention: 14 }`;
    expect(runs('postgresql', types)).toHaveLength(count);
  });

  test.each([
    ['true', 'false', true],
    ['false', 'true', true],
    ['false', 'false', false],
  ])('are encrypted where one of them is asked to be: %s and %s', (first, second, expected) => {
    const types = `full: { frequency: "weekly" retention: 30 } incremental: { frequency: "daily" retention: 7 encryption: ${first} } differential: { frequency: "daily" retention: 14 encryption: ${second} }`;
    expect(task(planOf(spec({ types, ...SETS.postgresql })), 'one').runs[1]?.encryption).toBe(expected);
  });

  test('are one with a full of the same times', () => {
    const types = 'full: { frequency: "daily" retention: 10 } incremental: { frequency: "daily" retention: 40 }';
    expect(runs('postgresql', types)).toEqual([['full', 'full+incremental', 'daily', 'daily', 40]]);
  });
});

describe('the day of the full', () => {
  const types = (full: string, other: string) =>
    `full: { ${full} retention: 30 } incremental: { ${other} retention: 7 }`;

  test.each([
    ['frequency: "weekly" day: "friday"', 'frequency: "daily"', 'fri', 'sat-thu'],
    ['frequency: "weekly"', 'frequency: "daily"', 'sun', 'mon-sat'],
    ['frequency: "monthly" day: 15', 'frequency: "daily"', 'day 15', 'daily but day 15'],
    ['frequency: "monthly"', 'frequency: "daily"', 'day 1', 'daily but day 1'],
    ['frequency: "daily"', 'frequency: "daily"', 'daily', 'daily'],
    ['frequency: "weekly"', 'frequency: "15m"', 'sun', 'every 15m'],
  ])('%s beside %s', (full, other, fullDays, otherDays) => {
    const made = task(planOf(spec({ types: types(full, other), ...SETS.files })), 'one').runs;
    expect(made.map(days)).toEqual([fullDays, otherDays]);
  });
});

describe('log backups', () => {
  const types = 'full: { frequency: "weekly" retention: 30 } log: { frequency: "15m" retention: 7 }';

  test.each(['mysql', 'mariadb', 'sqlserver'] as const)('of %s keep their own frequency', (engine) => {
    const made = task(planOf(spec({ types, ...SETS[engine] })), 'one').runs;
    expect(made[1]).toMatchObject({ type: 'log', cadence: { kind: 'every', seconds: 900 }, retentionDays: 7 });
    expect(made[1]?.schedule).toMatchObject({ kind: 'interval', everySeconds: 900 });
  });

  test.each(['postgresql', 'files'] as const)('of %s do not exist, and this is said', (engine) => {
    expect(runs(engine, types)).toHaveLength(1);
    expect(findings(compileText(spec({ types, ...SETS[engine] })), 'DR3021')).toHaveLength(1);
  });
});

test('a task carries window, zone, tool, options and where it runs, so that the runner needs no plan', () => {
  const text = spec({
    window: 'start: "01:00" end: "05:00" timezone: "Asia/Tokyo"',
    database: database(
      'orders',
      'local: { path: "/b" max_size: "2GB" } s3: { bucket: "acme-db" region: "eu-west-1" path: "o/" }',
      'settings: { format: "directory" parallel_jobs: 3 }',
    ),
    deployment:
      'tasks: { orders: { host: "hosts:role=db" expected_duration: "45m" hard_stop: true hooks: { before: "/b" after: "/a" on_error: "/e" } } } max_parallel: 5 validation: { orders: { queries: ["SELECT 1"] } }',
    rest: 'database { orders: { primary: { host: "db.example.com" port: 5433 database: "shop" username: env.DB_USER password: env.DB_PASSWORD ssl_mode: "verify-full" } } }',
  });
  const made = task(planOf(text, { environment: { DB_USER: 'joe', DB_PASSWORD: 'hunter2' } }), 'orders');
  expect(made).toMatchObject({
    tool: 'pg_dump',
    host: 'hosts:role=db',
    window: { start: '01:00', end: '05:00', timeZone: 'Asia/Tokyo' },
    options: { format: 'directory', parallel_jobs: 3 },
    local: { path: '/b', maxBytes: 2_000_000_000 },
    runs: [{ expectedSeconds: 2700 }, { expectedSeconds: 2700 }],
    hardStop: true,
    maxParallel: 5,
    hooks: { before: '/b', after: '/a', onError: '/e' },
    validation: { checksum: true, queries: ['SELECT 1'] },
    source: { host: 'db.example.com', port: 5433, database: 'shop', tls: 'verify-full', secret: 'hypnoscript/orders' },
  });
  expect(JSON.stringify(made)).not.toContain('hunter2');
});

test.each([
  ['postgresql', 'container'],
  ['mysql', 'container'],
  ['sqlserver', 'hosts:hypnoscript:backup=one'],
  ['files', 'hosts:hypnoscript:backup=one'],
] as const)('tasks of %s run on %s', (engine, host) => {
  const plan = planOf(spec(SETS[engine]));
  expect(task(plan, 'one').host).toBe(host);
  expect(bucket(plan, 'acme-db').name).toBe('acme-db');
});
