import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { RestoreRecord, TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { testRestore } from '../../../lib/runner/test-restore/test-restore';
import { prefixFor } from '../../../lib/runner/test-restore/throwaway-sqlserver';
import { verifyQuick } from '../../../lib/runner/verify';
import { startFakeSqlServer } from '../../servers/fake-sqlserver';
import type { FakeSqlServer } from '../../servers/fake-sqlserver';
import { createDatabase, newState } from '../../servers/sqlserver/model';
import { startHost } from './sqlserver-host';
import type { SqlServerHost } from './sqlserver-host';
import { verdicts } from './test-restore-host';

/**
 * The newest backup of SQL Server under names of a test on a server that was named for it, looked into, and dropped.
 * That server is a model: no real one has seen this.
 */

jest.setTimeout(120_000);

const HOUR = 3_600_000;
const START = Date.UTC(2027, 0, 3, 2, 15);

let host: SqlServerHost;
let target: FakeSqlServer;

beforeAll(async () => {
  target = startFakeSqlServer();
});
afterAll(() => target.stop());
afterEach(() => host.close());

const clock = (hours: number) =>
  host.change((state) => {
    state.clock = START + hours * HOUR;
  });

/** A full, then what the test names, with a change before each; verified. */
async function start(types: readonly ('differential' | 'log')[] = ['log']): Promise<void> {
  host = await startHost();
  target.state((state) => Object.assign(state, newState(target.password)));
  clock(0);
  for (const [index, type] of (['full', ...types] as const).entries()) {
    clock(index + 0.5);
    host.write('orders', `${type} ${index + 1}`);
    clock(index + 1);
    expect((await host.run(type)).exit).toBe(EXIT.success);
  }
  expect((await verifyQuick(host.task, host.machine(2.2))).findings).toEqual([]);
}

interface Asked {
  /** Ends the run when a step begins. */
  readonly endAt?: string;
  /** When it is run: hours after the start. */
  readonly at?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly validation?: Partial<TaskManifest['validation']>;
}

async function run({ at = 2.5, endAt, environment, validation }: Asked = {}) {
  const shared = path.join(host.folder, 'shared');
  mkdirSync(shared, { recursive: true });
  const machine = host.machine(at, {
    ...{ PATH: target.environment.PATH, TMPDIR: host.folder, HYPDR_RESTORE_PASSWORD: target.password },
    ...{ HYPDR_TEST_SQLSERVER: 'sqlserver://backup@localhost/', HYPDR_RESTORE_SQLSERVER_FOLDER: shared },
    ...environment,
  });
  const status = {
    show: (text: string) =>
      endAt !== undefined && text.startsWith(endAt) && machine.controller.abort(new Error('SIGTERM')),
    clear: () => undefined,
  };
  const task = { ...host.task, validation: { ...host.task.validation, ...validation } };
  const tested = await testRestore(task, { slot: 'S1' }, { ...machine, status } as unknown as typeof machine);
  expect(readdirSync(shared)).toEqual([]);
  expect(readdirSync(path.join(machine.stateFolder, 'test-restore'))).toEqual([]);
  return { ...tested, events: machine.events };
}

const databases = () => target.state((state) => state.databases.map(({ name }) => name));
const executed = () => target.state((state) => state.executed);
const integrity = ({ checks }: RestoreRecord) => checks.filter(({ kind }) => kind === 'integrity');

test('logs and all under names of its own, counted, asked, checked by CHECKDB, and dropped', async () => {
  await start();
  const queries = ["SELECT COUNT(*) FROM dbo.orders WHERE state = N'open';", 'SELECT 0, 1', 'SELECT x', 'SELECT NULL'];
  target.state((state) => {
    state.answers = { "SELECT COUNT(*) FROM dbo.orders WHERE state = N'open'": ['12'], 'SELECT 0, 1': ['0,1'] };
    state.answers['SELECT NULL'] = ['NULL'];
    createDatabase(state, 'orders', { changes: [{ lsn: 1, text: 'somebody else', at: 0 }] });
  });
  const { exit, record } = await run({
    validation: {
      queries,
      testRestore: { schedule: { kind: 'interval', everySeconds: 1, offsetSeconds: 0 }, database: 'orders' },
    },
  });
  expect([exit, record.result, record.why]).toEqual([EXIT.damaged, 'failed', '3 of 13 checks failed']);
  expect(record.backup).toMatchObject({ type: 'log' });
  expect(record.tools).toMatchObject({ 'test server': 'SQL Server 16.0.4135.4' });
  expect(verdicts(record)).toEqual(
    expect.arrayContaining([
      'told count orders: dbo.orders: about 120 rows',
      'told count stock: dbo.lines: about 480 rows',
      "passed query SELECT COUNT(*) FROM dbo.orders WHERE state = N'open';",
      'failed query SELECT 0, 1: 0',
      'failed query SELECT x: an error, 208',
      'failed query SELECT NULL: NULL',
      'passed integrity DBCC CHECKDB of orders',
      'passed integrity DBCC CHECKDB of stock',
    ]),
  );
  // What was there is untouched.
  expect(databases()).toEqual(['orders']);
  const prefix = prefixFor('shop');
  const names = new Set(executed().flatMap((one) => one.match(/hypdr_test_\w+/g) ?? []));
  expect([...names].every((one) => one.startsWith(prefix))).toBe(true);
  expect(names.size).toBe(2);
  expect(executed().filter((one) => one.startsWith('DROP'))).toHaveLength(2);
});

test('without queries the newest time is told, of those before the test', async () => {
  await start(['differential']);
  target.state((state) => {
    state.times = { 'dbo.orders': '2027-01-03T03:40:00', 'dbo.lines': '2031-01-01T00:00:00' };
  });
  const { exit, record } = await run();
  expect([exit, record.why]).toEqual([EXIT.success, undefined]);
  expect(verdicts(record)).toEqual(expect.arrayContaining(['told newest orders: 2027-01-03T03:40:00Z']));
});

test('a table that the newest full or differential has and the database has not fails, unless logs came after', async () => {
  await start(['differential']);
  // The server says less of what is restored than it said of the source.
  for (const later of [false, true]) {
    if (later) {
      clock(3);
      expect((await host.run('log')).exit).toBe(EXIT.success);
      expect((await verifyQuick(host.task, host.machine(3.2))).findings).toEqual([]);
    }
    target.state((state) => {
      state.forgets = 'dbo.lines';
    });
    const { exit, record } = await run({ at: later ? 3.5 : 2.5 });
    const seen = record.checks.filter(({ found }) => found === 'missing').map(({ result }) => result);
    expect([exit, new Set(seen)]).toEqual(
      later ? [EXIT.success, new Set(['told'])] : [EXIT.damaged, new Set(['failed'])],
    );
  }
});

test.each([
  [8939, 'Table error: Object ID 245575913, page (1:153). Test (m_type) failed.', EXIT.damaged],
  [7986, 'System table pre-checks: Object ID 245575913 has cross-object chain linkage.', EXIT.damaged],
  [8921, 'Check terminated. A failure was detected while collecting facts.', EXIT.retry],
  [2571, "User 'backup' does not have permission to run DBCC CHECKDB.", EXIT.permanent],
])('what CHECKDB finds is damage, and a check that came to no end is none (%s)', async (number, text, expected) => {
  await start();
  target.state((state) => {
    state.checkdb = [{ database: prefixFor('shop'), number, text }];
  });
  const { exit, record } = await run();
  expect([exit, record.result]).toEqual([expected, 'failed']);
  expect(integrity(record).map(({ found }) => found)).toEqual(
    expected === EXIT.damaged ? [`damage, error ${number}`, `damage, error ${number}`] : [],
  );
  expect(JSON.stringify(record)).not.toContain('245575913');
  expect(databases()).toEqual([]);
});

test('what a killed test left is dropped by the next one, and nothing else', async () => {
  await start();
  const prefix = prefixFor('shop');
  const others = [`hypdr_test_0123456789ab_0123456789ab`, 'orders'];
  target.state((state) => {
    createDatabase(state, `${prefix}0123456789ab`, { singleUser: true });
    for (const name of others) createDatabase(state, name);
  });
  const { exit, events } = await run();
  expect(exit).toBe(EXIT.success);
  expect(events.filter(({ event }) => event === 'test_restore_reaped').map(({ message }) => message)).toEqual([
    `${prefix}0123456789ab: what a test restore left that was killed, dropped`,
  ]);
  expect(databases()).toEqual(others);
});

test('a restore that fails leaves no database behind, and no word on the backup', async () => {
  await start();
  target.state((state) => {
    state.failures = [{ statement: 'RESTORE LOG', number: 1205, text: 'chosen as the deadlock victim' }];
  });
  // The server is somebody's: what it could not do now says nothing of the backup.
  const { exit, record } = await run();
  expect([exit, record.result]).toEqual([EXIT.retry, 'failed']);
  expect(databases()).toEqual([]);
});

test('a test that is ended in the middle drops what it has restored, staging names too', async () => {
  await start();
  const { exit } = await run({ endAt: 'restore stock' });
  expect(exit).toBe(EXIT.interrupted);
  expect(executed().filter((one) => one.startsWith('RESTORE')).length).toBeGreaterThan(1);
  expect(executed().filter((one) => one.startsWith('DROP')).length).toBe(1);
  expect(databases()).toEqual([]);
});

test('a database that does not go keeps none of the others, and is told', async () => {
  await start();
  target.state((state) => {
    state.failures = [{ statement: 'DROP DATABASE', number: 3702, text: 'Cannot drop database: it is in use.' }];
    state.failuresOnce = true;
  });
  const { exit, events } = await run();
  expect(exit).toBe(EXIT.success);
  expect(databases()).toHaveLength(1);
  expect(events.filter(({ event }) => event === 'test_restore_left')).toHaveLength(1);
});

test.each([
  ['', 'needs a server, and none is named'],
  ['sqlserver://backup@localhost/orders', 'names the database orders'],
  ['sqlserver://backup:secret@localhost/', '--target has a password in it'],
])('a server that cannot be used is said before anything is read: "%s"', async (url, why) => {
  await start();
  const { exit, record } = await run({ environment: { HYPDR_TEST_SQLSERVER: url } });
  expect([exit, record.why]).toEqual([EXIT.permanent, expect.stringContaining(why)]);
  expect(record.why).not.toContain('secret');
});

test('two tests of one task on one server: the second one waits for another day', async () => {
  await start();
  target.state((state) => state.locks.push({ resource: `master: hypdr test ${prefixFor('shop')}`, pid: process.pid }));
  const { exit } = await run();
  expect(exit).toBe(EXIT.overlap);
  target.state((state) => state.locks.splice(0));
});
