import { existsSync, readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { BackupManifest, TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { testRestore } from '../../../lib/runner/test-restore/test-restore';
import { openThrowAway } from '../../../lib/runner/test-restore/throwaway';
import type { PrivateFolder } from '../../../lib/runner/test-restore/private-folder';
import { databaseTask } from '../../suites/runner/database-task';
import { testTask } from '../../suites/runner/engine-machine';
import { freeze } from '../freeze';
import { manifestOf } from '../manifests';
import type { MemoryStore } from '../memory-store';
import { machineAt, makeTarHistory, opening, task as plain, worldOf } from '../restore/world';
import type { TarHistory } from '../restore/world';

/** Test restores of files out of stores in memory. */

let history: TarHistory;
let counted: readonly number[];
beforeAll(async () => {
  history = await makeTarHistory();
  counted = await Promise.all(
    history.copies.map(async (copy) => (await readdir(copy, { recursive: true })).length + 1),
  );
});
afterAll(() => history.stop());

const SLOT = '20261127T040000Z';
const root = () => `/${history.member}`;
const taskHere = (changes: Partial<TaskManifest> = {}): TaskManifest => ({
  ...plain,
  source: { kind: 'files', paths: [root()], exclude: [], hidden: true, permissions: true, ownership: true },
  ...changes,
});

/** What was counted on a day, or something else. */
const world = (differ = 0) =>
  worldOf(history, {
    change: (day, { type }) => ({
      contents: [{ name: root(), entries: type === 'full' ? (counted[day] ?? 0) + differ : 1, exact: true }],
    }),
  });

async function run(stores: readonly MemoryStore[], day = 5, changes: Partial<TaskManifest> = {}, down: string[] = []) {
  const machine = machineAt(day);
  const tested = await testRestore(taskHere(changes), { slot: SLOT, open: opening(stores, down) }, machine);
  const all = path.join(machine.stateFolder, 'test-restore');
  expect(existsSync(all) ? readdirSync(all) : []).toEqual([]);
  return tested;
}

test('the newest chain is restored, counted and measured', async () => {
  const { a, b, backups } = await world();
  const { exit, place, record } = await run([a, b], 5, { objective: { tier: 'critical', rpoSeconds: 60 } });
  expect([exit, place, record.why]).toEqual([EXIT.success, 'a', undefined]);
  expect(record).toMatchObject({
    ...{ kind: 'test-restore', task: 'test', engine: 'files', result: 'passed', store: 'a' },
    backup: { slot: '20261126T021500Z', type: 'incremental', sha256: backups[4]?.sha256 },
    // A day and the minute after the slot.
    rpoAchievedSeconds: 86_460,
    objective: { tier: 'critical', rpoSeconds: 60 },
  });
  expect(record.checks.map(({ kind, name, result }) => `${result} ${kind} ${name}`)).toEqual([
    'passed freshness newest full in a',
    'passed freshness newest incremental in a',
    `passed count ${root()}`,
    `passed count ${root()} after the increments`,
    `told newest ${root()}`,
    'told freshness rpo of tier critical',
  ]);
});

test('a restore that alone takes longer than the RTO is good, and no success', async () => {
  const { a } = await world();
  const slow = await run([a], 5, { objective: { tier: 'critical', rtoSeconds: 0 } });
  expect([slow.exit, slow.record.result, slow.record.warnings]).toEqual([
    EXIT.degraded,
    'passed',
    [expect.stringContaining('the RTO of tier critical is 0:00')],
  ]);
  const quick = await run([a], 5, { objective: { tier: 'critical', rtoSeconds: 3600 } });
  expect([quick.exit, quick.record.warnings]).toEqual([EXIT.success, []]);
});

test('a backup that is what its hashes say and does not load has failed, in words without data', async () => {
  const rotten = history.archives.map((one, day) => (day === 2 ? { ...one, bytes: Buffer.alloc(10_240, 'x') } : one));
  const { a } = await worldOf({ ...history, archives: rotten });
  const { exit, record, said } = await run([a]);
  expect([exit, record.result, record.store]).toEqual([EXIT.permanent, 'failed', 'a']);
  expect(record.why).toMatch(/failed: the log of the run has the words$/);
  expect(record.why).not.toContain('tar archive');
  expect(said).toContain('tar archive');
});

test('another count fails', async () => {
  const { a } = await world(1);
  const { exit, record } = await run([a]);
  expect([exit, record.result]).toEqual([EXIT.damaged, 'failed']);
  expect(record.why).toBe('1 of 5 checks failed');
});

test('what is old fails before anything is read', async () => {
  const { a } = await world();
  const { exit, place, record } = await run([a], 20);
  expect([exit, place, record.result, record.store, record.steps]).toEqual([
    EXIT.damaged,
    'a',
    'failed',
    undefined,
    [],
  ]);
  expect(record.why).toMatch(/^stale: newest full in a is .* old, and should be at most /);
});

test('stores that are down are worth another try', async () => {
  const { a, b } = await world();
  const { exit, place, record } = await run([a, b], 5, {}, ['a', 'b']);
  expect([exit, place, record.backup, record.result]).toEqual([EXIT.retry, undefined, undefined, 'failed']);
});

test('what lies in an archive is asked for, and the test comes back', async () => {
  const { a } = await world();
  const { asked } = freeze(a, (key) => key.includes('-full-'));
  const { exit, record } = await run([a]);
  expect([exit, record.why]).toEqual([EXIT.retry, expect.stringContaining('come back at')]);
  expect(asked.length).toBeGreaterThan(0);
});

describe('where there is no server', () => {
  const folder = {} as PrivateFolder;
  const open = (task: TaskManifest, tools: BackupManifest['tools']) =>
    openThrowAway(task, {
      folder,
      manifest: manifestOf(0, 'full', 1, undefined, { tools }).manifest,
      chain: [],
      machine: machineAt(0),
    });

  test('for SQL Server, it is said', async () => {
    await expect(open(testTask({ engine: 'sqlserver' }), {})).rejects.toMatchObject({
      kind: 'config',
      message: 'a test restore of SQL Server needs a server, and none is named',
      fix: expect.stringContaining('HYPDR_TEST_SQLSERVER') as string,
    });
  });

  test('of a version that is new enough, what installs it is said', async () => {
    await expect(open(databaseTask('postgresql', 'd', {}), { postgresql: '99.1' })).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringMatching(/PostgreSQL server here.*one as new as the backup's, 99\.1/) as string,
      fix: 'install it, on Debian: apt-get install postgresql-99',
    });
  });
});
