import { chmodSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { startS3Store } from '../../servers/cloud-store';
import type { CloudStore } from '../../servers/cloud-store';
import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import { databaseTask } from './database-task';
import { GiveUp, until } from '../../servers/until';
import { bundleRunner, runHere, startRunner } from './program-run';
import {
  commandOf,
  damage,
  expectNothing,
  giveAway,
  listening,
  openFolder,
  take,
  testHost,
  testRestore,
  verdicts,
} from './test-restore-host';

/** The newest backup of PostgreSQL in a server that the runner starts, looks into and removes. */

jest.setTimeout(180_000);

let source: PostgresServer;
let store: CloudStore;
let folder: string;

const AWKWARD = readFileSync(path.join(__dirname, 'awkward.sql'), 'utf8');

beforeAll(async () => {
  folder = openFolder('test-pg');
  [source, store] = await Promise.all([startPostgres({ settings: { wal_level: 'logical' } }), startS3Store()]);
  await store.makeBucket('bank');
  await source.sql('CREATE DATABASE bank');
  await source.sql(AWKWARD, 'bank');
}, 180_000);

afterAll(async () => {
  await Promise.all([source.stop(), store.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

function hostOf(name: string, changes: Partial<TaskManifest> = {}) {
  const local = { id: 'local', from: [], path: path.join(folder, name, 'local') };
  const environment = { ...source.environment, ...store.environment };
  return testHost(folder, name, databaseTask('postgresql', 'bank', { local, ...changes }), environment);
}

const asking = (...queries: string[]): Partial<TaskManifest> => ({
  validation: { id: 'v', from: [], checksum: true, cadence: { kind: 'weekly' }, queries },
});

test('passes: every table has its rows, the server is gone, and a signed record says so', async () => {
  const one = hostOf('green');
  await take(one);
  const { exit, stderr, record, kept } = await testRestore(one);
  expect([exit, stderr, record.why]).toEqual([EXIT.success, '', undefined]);
  expect(verdicts(record)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^passed freshness newest full in local/),
      'passed count bank: public.accounts: 100 rows',
      'passed count bank: large objects: 2 entries',
      'told newest bank: 2026-01-30T00:00:00Z',
      'passed integrity pg_amcheck',
    ]),
  );
  expect(record).toMatchObject({ result: 'passed', store: 'local', backup: { type: 'full' } });
  expect(record.rtoAchievedSeconds).toBeGreaterThan(0);
  expect(kept?.name).toMatch(/^_records\/bank\/\d{8}T\d{6}Z-test-restore-[0-9a-f]+\.json$/);
  expect(existsSync(path.join(one.host.folder, 'local', kept?.name ?? ''))).toBe(true);
});

test('asks the queries of the spec, and keeps no answer', async () => {
  const queries = [
    'SELECT count(*) = 100 FROM accounts;',
    "SELECT words FROM texts WHERE id = 5 -- a secret's",
    "SELECT current_setting('listen_addresses') = '' AND current_setting('archive_mode') = 'off'",
    // Whoever owned something owns it again.
    "SELECT bool_and(tableowner = 'postgres') FROM pg_tables WHERE schemaname = 'public'",
  ];
  const one = hostOf('queries', asking(...queries));
  await take(one);
  const { exit, record } = await testRestore(one);
  expect([exit, record.why]).toEqual([EXIT.success, undefined]);
  expect(record.checks.filter(({ kind }) => kind === 'query')).toEqual(
    queries.map((name) => ({ kind: 'query', name, result: 'passed' })),
  );
});

test('fails for queries that answer nothing, no, or with an error, which is not quoted', async () => {
  const one = hostOf(
    'failing',
    asking(
      'SELECT id FROM accounts WHERE false',
      'SELECT NULL',
      'SELECT false',
      "SELECT ''",
      'SELECT count(*) FROM nothing',
      "SELECT ('hunter' || id)::int FROM accounts",
      'DELETE FROM accounts RETURNING 1',
    ),
  );
  await take(one);
  const { exit, record, stdout, stderr, events } = await testRestore(one, ['--metrics', `prometheus:${one.file}.prom`]);
  expect([exit, record.result]).toEqual([EXIT.damaged, 'failed']);
  expect(record.why).toMatch(/^7 of \d+ checks failed$/);
  const found = record.checks.filter(({ kind }) => kind === 'query').map((check) => check.found);
  expect(found).toEqual(['no row', 'NULL', 'false', 'an empty value', '0', 'an error, 22P02', 'an error, 42601']);
  expect(stdout + stderr + JSON.stringify(events)).not.toContain('hunter1');
  expect(readFileSync(`${one.file}.prom`, 'utf8')).toContain('hypnoscript_test_restore_success{task="bank"} 0\n');
});

test('fails for a backup that is older than the schedule promises, before anything is read', async () => {
  const one = hostOf('stale');
  await take(one);
  const later = new Date(Date.now() + 3 * 86_400_000);
  const { exit, record, kept } = await testRestore(one, [], { now: () => later });
  expect([exit, record.result, record.steps]).toEqual([EXIT.damaged, 'failed', []]);
  expect(record.why).toMatch(/^stale: newest full in local is .* old, and should be at most 25:10:00$/);
  expect([record.store, record.backup?.type, kept?.store]).toEqual([undefined, 'full', 'local']);
});

test('falls over from a damaged store to the next one, and fails where there is none', async () => {
  const one = hostOf('damaged', { stores: [store.target('bank', 'damaged/')] });
  await take(one);
  damage(path.join(one.host.folder, 'local'));
  const over = await testRestore(one);
  expect([over.exit, over.record.result, over.record.store, over.kept?.store]).toEqual([
    EXIT.degraded,
    'passed',
    's3',
    's3',
  ]);
  expect(over.record.warnings).toEqual([expect.stringContaining('local is passed over')]);
  const { exit, record } = await testRestore(one, ['--store', 'local']);
  expect([exit, record.result, record.why]).toEqual([
    EXIT.damaged,
    'failed',
    expect.stringContaining('no store has all of it as it was'),
  ]);
});

test('fails where a table does not have the rows that its manifest names', async () => {
  const one = hostOf('forged');
  await take(one);
  const local = path.join(one.host.folder, 'local');
  const manifest = readdirSync(local).find((name) => name.endsWith('.manifest.json')) ?? '';
  const text = readFileSync(path.join(local, manifest), 'utf8');
  const forged = text
    .replace(/("public\.accounts",\s*"rows": ?)100/, '$199')
    .replace('"public.nothing"', '"public.something"');
  expect(forged).not.toBe(text);
  chmodSync(path.join(local, manifest), 0o600);
  writeFileSync(path.join(local, manifest), forged);
  rmSync(path.join(local, '_verified'), { recursive: true });
  expect((await runHere(one.host, ['verify', '--quick', '--task', one.file])).exit).toBe(EXIT.success);
  const { exit, record } = await testRestore(one);
  expect([exit, record.result]).toEqual([EXIT.damaged, 'failed']);
  expect(verdicts(record).filter((line) => line.startsWith('failed'))).toEqual([
    'failed count bank: public.accounts: 100 rows',
    'failed count bank: public.something: missing',
    'failed count bank: public.nothing: 0 rows',
  ]);
});

test('a dump that no server takes has failed for good, and the record quotes no row of it', async () => {
  // The rows of one table are loaded before those of the other, which its constraint asks.
  await source.sql('CREATE DATABASE mutual');
  await source.sql(
    `CREATE TABLE z_rules (id int); INSERT INTO z_rules VALUES (1);
     CREATE FUNCTION allowed(int) RETURNS bool LANGUAGE sql AS 'SELECT EXISTS (SELECT FROM public.z_rules WHERE id = $1)';
     CREATE TABLE a_items (id int CHECK (allowed(id)), mail text); INSERT INTO a_items VALUES (1, 'hunter2@example.com')`,
    'mutual',
  );
  const one = hostOf('mutual', {
    name: 'mutual',
    source: { kind: 'database', database: 'mutual', secret: 'test', environment: [] },
  });
  await take(one);
  const { exit, record, kept, stdout, stderr } = await testRestore(one, ['--metrics', `prometheus:${one.file}.prom`]);
  expect([exit, record.result, record.store]).toEqual([EXIT.damaged, 'failed', 'local']);
  expect(record.why).toBe('restore of "mutual" failed: the log of the run has the words');
  expect(kept?.store).toBe('local');
  expect(readFileSync(`${one.file}.prom`, 'utf8')).toMatch(/hypnoscript_test_restore_success\{.*\} 0/);
  expect(stdout).not.toContain('hunter2');
  // Whoever looks into it finds the reason here.
  expect(stderr).toContain('violates check constraint');
});

test('as in a container, where who runs the program is not root', async () => {
  const one = hostOf('plain', asking('SELECT count(*) FROM accounts'));
  await take(one);
  const user = giveAway(one);
  const program = bundleRunner(folder);
  const words = ['test-restore', '--record-key', one.key, '--task', one.file];
  const { exit, stderr, stdout } = await startRunner(program, one.host, words, { user }).ended;
  expect([exit, stdout]).toEqual([EXIT.success, expect.stringContaining('the test restore passed\n')]);
  expect(stderr).not.toContain('"level":"warning"');
  expectNothing(one.host);
});

test('without a key nothing is kept, and the run says so', async () => {
  const one = hostOf('keyless');
  await take(one);
  const ran = await runHere(one.host, ['test-restore', '--task', one.file, '--metrics', 'emf']);
  expectNothing(one.host);
  expect([ran.exit, ran.stderr]).toEqual([
    EXIT.degraded,
    expect.stringContaining('warning: the record is not kept: no key signs it: give --record-key'),
  ]);
  expect(ran.stdout).toContain('the test restore passed\n');
  expect(ran.stdout).toContain('"TestRestoreSuccess":1,"RtoAchievedSeconds":');
});

test('what a killed one leaves listens to nobody, and is removed by reap', async () => {
  const one = hostOf('killed', asking('SELECT pg_sleep(3600)'));
  await take(one);
  const { host, file } = one;
  const program = bundleRunner(host.folder);
  const { child, ended } = startRunner(program, host, ['test-restore', '--task', file]);
  const all = path.join(host.state, 'test-restore');
  const pid = await serverIn(all, () => child.exitCode === null);
  child.kill('SIGKILL');
  await ended;
  expect(listening(pid)).toEqual([]);
  expect(commandOf(pid)).toContain('postgres');
  const [id] = readdirSync(all).filter((name) => !name.endsWith('.lock'));
  // The holder of its lock ends when its pipe does.
  let reaped: unknown;
  await until(async () => {
    const ran = await runHere(host, ['reap', '--task', file, '--format', 'json']);
    ({ reaped } = JSON.parse(ran.stdout) as { reaped: unknown });
    expect(reaped).toEqual([{ id, processes: expect.any(Number) as number }]);
  }, 20_000);
  expectNothing(host);
});

test('one that is ended by a signal leaves nothing', async () => {
  const one = hostOf('ended', asking('SELECT pg_sleep(3600)'));
  await take(one);
  const { host, file } = one;
  const program = bundleRunner(host.folder);
  const { child, ended } = startRunner(program, host, ['test-restore', '--task', file]);
  await serverIn(path.join(host.state, 'test-restore'), () => child.exitCode === null);
  child.kill('SIGTERM');
  const { exit, stderr } = await ended;
  expect([exit, stderr]).toEqual([EXIT.interrupted, expect.stringContaining('ended by SIGTERM')]);
  expectNothing(host);
});

/** The server of the one test restore that runs, when it answers. */
async function serverIn(all: string, isAlive: () => boolean): Promise<number> {
  let pid = 0;
  await until(async () => {
    if (!isAlive()) throw new GiveUp('the runner ended');
    const [id = ''] = readdirSync(all).filter((name) => !name.endsWith('.lock'));
    const lines = readFileSync(path.join(all, id, 'server/data/postmaster.pid'), 'utf8').split('\n');
    if (lines[7]?.trim() !== 'ready') throw new Error('it starts');
    pid = Number(lines[0]);
    return Promise.resolve();
  }, 60_000);
  return pid;
}
