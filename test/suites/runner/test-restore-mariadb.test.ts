import { readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { startMariadb } from '../../servers/mariadb';
import type { MariadbServer } from '../../servers/mariadb';
import { databaseTask } from './database-task';
import { GiveUp, until } from '../../servers/until';
import { bundleRunner, runHere, startRunner, writeTask } from './program-run';
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

/** The newest backup of MariaDB, logs and all, in a server that the runner starts, looks into and removes. */

jest.setTimeout(180_000);

let source: MariadbServer;
let folder: string;

const AWKWARD = readFileSync(path.join(__dirname, 'awkward-mariadb.sql'), 'utf8');

beforeAll(async () => {
  folder = openFolder('test-my');
  source = await startMariadb();
  await source.sql(AWKWARD);
}, 180_000);

afterAll(async () => {
  await source.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** All databases of the server. */
function hostOf(name: string, changes: Partial<TaskManifest> = {}) {
  const local = { id: 'local', from: [], path: path.join(folder, name, 'local') };
  const all = { kind: 'database', secret: 'test', environment: [] } as const;
  return testHost(folder, name, databaseTask('mariadb', 'all', { local, source: all, ...changes }), source.environment);
}

const asking = (...queries: string[]): Partial<TaskManifest> => ({
  validation: {
    ...{ id: 'v', from: [], checksum: true, cadence: { kind: 'weekly' }, queries },
    testRestore: { schedule: { kind: 'interval', everySeconds: 86_400, offsetSeconds: 0 }, database: 'shop' },
  },
});

test('passes: the full has its rows, the logs after it are replayed, every table is checked, no event acts', async () => {
  const queries = [
    'SELECT COUNT(*) = 1 FROM transfers;',
    "SELECT @@skip_networking AND @@event_scheduler = 'OFF'",
    "SELECT COUNT(*) = 0 FROM information_schema.events WHERE status = 'ENABLED'",
    "SELECT COUNT(*) > 1 FROM information_schema.events WHERE event_schema = 'shop'",
    'SELECT COUNT(*) FROM rich',
  ];
  await source.sql('CREATE EVENT shop.eager ON SCHEDULE EVERY 1 SECOND DO DELETE FROM shop.transfers');
  await source.sql('UPDATE shop.accounts SET balance = 2000 WHERE id = 1');
  const one = hostOf('green', asking(...queries));
  await take(one);
  await source.sql('INSERT INTO shop.transfers (source, target) VALUES (1, 2)');
  await take(one, ['--type', 'log']);
  const { exit, stderr, record, kept } = await testRestore(one);
  expect([exit, stderr, record.why]).toEqual([EXIT.success, '', undefined]);
  expect(record).toMatchObject({ backup: { type: 'log' }, result: 'passed', store: 'local' });
  expect(kept?.store).toBe('local');
  expect(record.checks.filter(({ kind }) => kind === 'query')).toEqual(
    queries.map((name) => ({ kind: 'query', name, result: 'passed' })),
  );
  expect(verdicts(record)).toEqual(
    expect.arrayContaining([
      'passed count shop: accounts: 100 rows',
      // Of the full: the logs bring one more.
      'passed count shop: transfers: 0 rows',
      'passed count shop: past: 3 rows',
      'passed integrity CHECK TABLE of shop: 13 sound',
    ]),
  );
});

test('fails for a query that answers no, and for a full that is damaged', async () => {
  const one = hostOf(
    'failing',
    asking('SELECT COUNT(*) FROM nothing', 'SELECT NULL', 'SELECT id FROM nothing', 'SELECT x'),
  );
  await take(one);
  const { exit, record } = await testRestore(one);
  expect([exit, record.result]).toEqual([EXIT.damaged, 'failed']);
  expect(record.checks.filter(({ kind }) => kind === 'query').map(({ found }) => found)).toEqual([
    '0',
    'NULL',
    'no row',
    'an error, 1054',
  ]);
  damage(path.join(one.host.folder, 'local'));
  const damaged = await testRestore(one);
  expect([damaged.exit, damaged.record.why]).toEqual([
    EXIT.damaged,
    expect.stringContaining('no store has all of it as it was'),
  ]);
});

test('as in a container, where who runs the program is not root', async () => {
  const one = hostOf('plain', asking('SELECT COUNT(*) FROM accounts'));
  await take(one);
  const user = giveAway(one);
  const program = bundleRunner(folder);
  const words = ['test-restore', '--record-key', one.key, '--task', one.file];
  const { exit, stderr, stdout } = await startRunner(program, one.host, words, { user }).ended;
  expect([exit, stdout]).toEqual([EXIT.success, expect.stringContaining('the test restore passed\n')]);
  expect(stderr).not.toContain('"level":"warning"');
  expectNothing(one.host);
});

test('without queries the newest time is told; what a killed one left is removed by the next', async () => {
  const one = hostOf('killed', asking('SELECT SLEEP(3600)'));
  await take(one);
  const { host, file } = one;
  const program = bundleRunner(host.folder);
  const { child, ended } = startRunner(program, host, ['test-restore', '--task', file]);
  const all = path.join(host.state, 'test-restore');
  let pid = 0;
  await until(async () => {
    if (child.exitCode !== null) throw new GiveUp('the runner ended');
    const [id = ''] = readdirSync(all).filter((name) => !name.endsWith('.lock'));
    pid = Number(readFileSync(path.join(all, id, 'server/server.pid'), 'utf8'));
    // The file is there before its number is.
    if (pid === 0) throw new Error('no number yet');
    return Promise.resolve();
  }, 60_000);
  child.kill('SIGKILL');
  await ended;
  expect(commandOf(pid)).toContain('mariadbd');
  expect(listening(pid)).toEqual([]);
  const next = {
    ...one,
    file: writeTask(host, { ...taskOf(file), validation: { ...taskOf(file).validation, queries: [] } }),
  };
  // The holder of its lock ends when its pipe does.
  await until(async () => {
    const ran = await runHere(host, ['test-restore', '--task', next.file]);
    expect(ran.events.map(({ event }) => event)).toContain('test_restore_reaped');
    expect(ran.stdout).toContain('told: newest shop: found 2026-03-29T01:30:00Z');
  }, 60_000);
  expectNothing(host);
});

function taskOf(file: string): TaskManifest {
  return JSON.parse(readFileSync(file, 'utf8')) as TaskManifest;
}
