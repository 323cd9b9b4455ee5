import { existsSync, readFileSync } from 'node:fs';
import { estimatesOf } from '../../lib/cli/drill-estimates';
import { renderDrill } from '../../lib/cli/drill-report';
import { compile } from '../../lib/compile';
import type { RestoreRecord } from '../../lib/contract';
import { folder } from './support';

const record: RestoreRecord = {
  ...{ version: 1, kind: 'drill', task: 'orders', engine: 'postgresql', result: 'passed', store: 'aws.bucket.acme' },
  ...{ startedAt: '2026-11-22T10:00:00Z', endedAt: '2026-11-22T10:02:30Z' },
  backup: {
    ...{ slot: '20261122T021500Z', type: 'full', sha256: 'a'.repeat(64) },
    ...{ pointInTime: '2026-11-22T02:15:03Z', bytes: 1000 },
  },
  steps: [{ step: 'read and compare', seconds: 5.25 }],
  ...{ rtoAchievedSeconds: 90, rpoAchievedSeconds: 27_897 },
  objective: { tier: 'critical', rtoSeconds: 14_400, rpoSeconds: 900 },
  checks: [{ kind: 'count', name: 'orders', result: 'passed', expected: '3 rows', found: '3 rows' }],
  ...{ warnings: [], tools: {} },
};

const steps = (...actions: readonly (readonly [string, string])[]) =>
  compile(
    [
      {
        name: 'dr.hyp',
        text: `disaster_recovery { scenarios: { flood: { description: "x" probability: "low" impact: "high" recovery_steps: [
          ${actions.map(([action, time], index) => `{ step: ${index + 1} action: "${action}" estimated_time: "${time}" responsible: "team" }`).join('\n')}
        ] } } }`,
      },
    ],
    { environment: {}, unset: 'warning', today: '2026-11-22' },
  ).spec;

test('steps that speak of restoring are measured by the restore, those of validation by what was looked at', () => {
  const spec = steps(['Stop database', '5m'], ['Database restoration', '3h'], ['Validate the data', '1m']);
  expect(estimatesOf(spec, record)).toEqual([
    {
      path: 'disaster_recovery.scenarios.flood.recovery_steps[1]',
      ...{ action: 'Database restoration', estimatedSeconds: 10_800, measuredSeconds: 90 },
    },
    {
      path: 'disaster_recovery.scenarios.flood.recovery_steps[2]',
      ...{ action: 'Validate the data', estimatedSeconds: 60, measuredSeconds: 60 },
    },
  ]);
});

test.each(['Restart application', 'Identify last backup', 'Test functionality'])('"%s" is no restore', (action) => {
  expect(estimatesOf(steps([action, '1h']), record)).toEqual([]);
});

test('of a restore that did not come to an end nothing is measured', () => {
  const { rtoAchievedSeconds: _, ...rest } = record;
  expect(estimatesOf(steps(['Restore', '1h']), rest)).toEqual([]);
});

test('people read steps, estimates and promises, kept and missed', () => {
  const spec = steps(['Database restoration', '1m']);
  expect(renderDrill(record, estimatesOf(spec, record))).toBe(`\
drill of "orders" passed, 20261122T021500Z-full of 2026-11-22T02:15:03Z from aws.bucket.acme

step              took
----------------  -----
read and compare  5.3 s

step of the spec, by its words                                              estimated  measured
--------------------------------------------------------------------------  ---------  --------  ---------------------
Database restoration (disaster_recovery.scenarios.flood.recovery_steps[0])  1m         1m 30s    longer than estimated

RTO achieved: 1m 30s of 4h promised for critical: kept
RPO achieved: 7h 44m 57s of 15m promised for critical: MISSED
checks: 1 passed, 0 failed
`);
});

test('a failure says why, and which checks it was', () => {
  const text = renderDrill(
    {
      ...record,
      ...{ result: 'failed', why: '1 of 1 checks failed' },
      checks: [{ kind: 'count', name: 'orders', result: 'failed', expected: '3 rows', found: '2 rows' }],
    },
    [],
  );
  expect(text).toContain('why: 1 of 1 checks failed\n');
  expect(text).toContain('checks: 0 passed, 1 failed\n  orders: 2 rows, not 3 rows\n');
});

const SPEC = `
backup {
  general: { backup_window: { start: "02:00" end: "06:00" timezone: "UTC" } types: { full: { frequency: "daily" retention: 7 compression: "gzip" } } }
  database: { orders: { type: "pg_dump" storage: { s3: { bucket: "acme-orders" region: "eu-west-1" path: "orders/" } } } }
}`;

/** A package whose runner says what the test wants, and where it was told to work. */
const withRunner = (program: string) => folder({ 'my.hyp': SPEC, 'dist/bin/runner.js': program });
const drillIn = (made: ReturnType<typeof folder>, ...words: readonly string[]) =>
  made.hypdr(['drill', 'restore', 'my.hyp', ...words], { packageRoot: made.path });

test('the bundled runner gets the task of the spec, and its record is told', async () => {
  const made = withRunner(`
    const { readFileSync, writeFileSync } = require('node:fs');
    const words = process.argv.slice(2);
    const task = JSON.parse(readFileSync(words[words.indexOf('--task') + 1], 'utf8'));
    writeFileSync('asked.json', JSON.stringify({ words, task: task.name }));
    console.log(JSON.stringify({ record: ${JSON.stringify(record)} }));`);
  const { exit, out } = await drillIn(made, '--task', 'orders', '--store', 'a', 'b', '--record-key', 'key.pem');
  expect([exit, out.split('\n')[0]]).toEqual([0, expect.stringContaining('drill of "orders" passed')]);
  const asked = JSON.parse(readFileSync(made.file('asked.json'), 'utf8')) as { words: string[]; task: string };
  expect(asked.task).toBe('orders');
  expect(asked.words.join(' ')).toMatch(
    /^test-restore --drill --task \S+ --format json --scratch \S+ --store a --store b --record-key key.pem$/,
  );
  expect(existsSync(asked.words[asked.words.indexOf('--task') + 1] ?? '')).toBe(false);
});

test.each([
  [
    'a failed restore',
    `console.log(JSON.stringify({ record: ${JSON.stringify({ ...record, result: 'failed' })} }))`,
    5,
  ],
  ['a runner that tells nothing', 'process.exit(78)', 5],
  ['a runner that was not understood', 'process.exit(2)', 2],
])('%s is no success', async (_, program, exit) => {
  expect(await drillIn(withRunner(program), '--task', 'orders')).toMatchObject({ exit });
});

test('what a runner that was killed has left is reaped before its folder goes', async () => {
  const made = withRunner(`
    const words = process.argv.slice(2);
    if (words[0] !== 'reap') process.kill(process.pid, 'SIGKILL');
    require('node:fs').writeFileSync('reaped', words.join(' '));`);
  expect(await drillIn(made, '--task', 'orders')).toMatchObject({ exit: 5 });
  expect(readFileSync(made.file('reaped'), 'utf8')).toMatch(/^reap --task \S+ --scratch \S+$/);
});

test('a data set that is not there is told with those that are', async () => {
  const { exit, err } = await drillIn(withRunner(''), '--task', 'order');
  expect([exit, err]).toEqual([2, 'hypdr: there is no data set "order"; there are orders\n']);
});
