import type { BackupManifest, TaskManifest } from '../../../lib/contract';
import type { EngineRun, PreparedSource } from '../../../lib/runner/engine/engine';
import { openEngine } from '../../../lib/runner/engine/open';
import { startMariadb } from '../../servers/mariadb';
import type { MariadbServer } from '../../servers/mariadb';
import { until } from '../../servers/until';
import { readRun, testMachine, testTask } from './engine-machine';
import { failure, value } from './mariadb-source';

/** Backups of a server that follows another one: what it says of that, and of which moment they are. */

let source: MariadbServer;
/** `replica` writes what it replays into its own logs, `deaf` does not, as MariaDB's default is. */
let replica: MariadbServer;
let deaf: MariadbServer;
const opened: PreparedSource[] = [];
const begun: EngineRun[] = [];

beforeAll(async () => {
  const readOnly = { 'read-only': 'ON', 'slave-net-timeout': '5' };
  [source, replica, deaf] = await Promise.all([
    startMariadb({ settings: { 'server-id': '11' } }),
    startMariadb({ settings: { ...readOnly, 'server-id': '12', 'log-slave-updates': 'ON' } }),
    startMariadb({ settings: { ...readOnly, 'server-id': '13', 'log-slave-updates': 'OFF' } }),
  ]);
  // What the source logged until then are its own logins.
  const from = await value(source, 'SELECT @@gtid_binlog_pos');
  await source.sql(`
    CREATE USER follower@'127.0.0.1' IDENTIFIED BY 'f'; GRANT REPLICATION SLAVE ON *.* TO follower@'127.0.0.1';
    CREATE USER narrow@'127.0.0.1' IDENTIFIED BY 'n';
    GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES, RELOAD, BINLOG MONITOR ON *.* TO narrow@'127.0.0.1';
    CREATE DATABASE shop; CREATE TABLE shop.items (id int PRIMARY KEY); INSERT INTO shop.items VALUES (1)`);
  for (const one of [replica, deaf])
    await one.sql(`SET GLOBAL gtid_slave_pos = '${from}';
      CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${source.port}, MASTER_USER = 'follower',
        MASTER_PASSWORD = 'f', MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1; START SLAVE`);
  for (const one of [replica, deaf]) await arrived(one, 1);
}, 120_000);

afterAll(() => Promise.all([source.stop(), replica.stop(), deaf.stop()]));

afterEach(async () => {
  for (const run of begun.splice(0)) await run.abort();
  for (const one of opened.splice(0)) await one.close();
});

const arrived = (where: MariadbServer, id: number) =>
  until(async () => expect(await value(where, `SELECT max(id) FROM shop.items`)).toBe(`${id}`), 30_000);

/** Columns come one below the other, without their names. */
const says = (where: MariadbServer, pattern: RegExp) =>
  until(async () => expect(await where.sql('SHOW ALL SLAVES STATUS\\G')).toMatch(pattern), 30_000);

interface Take {
  readonly as?: object;
  readonly parent?: BackupManifest;
}

async function take(server: MariadbServer, { as = {}, parent }: Take = {}) {
  const machine = testMachine({ ...server.environment, SHOP_PASSWORD: 'n' });
  const from = { kind: 'database', secret: 's', environment: [], ...as } as TaskManifest['source'];
  const task = testTask({ engine: 'mariadb', tool: 'mariadb-dump', source: from });
  const prepared = await (await openEngine(task)).prepare(task, machine);
  opened.push(prepared);
  await prepared.lock(parent ? 'log' : 'data');
  const started = new Date();
  const run = await prepared.begin(parent ? 'log' : 'full', parent);
  begun.push(run);
  const { degraded } = await readRun(run);
  const manifest = {
    pointInTime: run.pointInTime.toISOString(),
    source: { identity: prepared.identity, position: run.position },
  } as BackupManifest;
  return { degraded, manifest, old: (started.getTime() - run.pointInTime.getTime()) / 1000, machine };
}

const NARROW = { as: { user: 'narrow', environment: ['SHOP_PASSWORD'] } };
const stale = (why: RegExp) => [{ name: 'server', why: expect.stringMatching(why) as string }];

test('one that follows is as good a source as any', async () => {
  const { degraded, old } = await take(replica);
  expect(degraded).toEqual([]);
  expect(old).toBeLessThan(5);
}, 60_000);

test('one that replays nothing any more, or gets nothing, is degraded, and its logs too', async () => {
  const { manifest: full } = await take(replica);
  await replica.sql('STOP SLAVE SQL_THREAD');
  const replays = stale(/^the server is a replica: from 127\.0\.0\.1:\d+ it replays nothing \(SQL thread: No\)/);
  expect((await take(replica)).degraded).toEqual(replays);
  expect((await take(replica, { parent: full })).degraded).toEqual(replays);
  await replica.sql('STOP SLAVE');
  expect((await take(replica)).degraded).toEqual(
    stale(/it receives nothing \(I\/O thread: No\) and replays nothing \(SQL thread: No\)/),
  );
  await replica.sql('START SLAVE');
  await says(replica, /\nYes\nYes\n/);
  expect((await take(replica, { parent: full })).degraded).toEqual([]);
}, 120_000);

test('one of several sources is enough', async () => {
  await replica.sql(`CHANGE MASTER 'orders' TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${deaf.port}`);
  expect((await take(replica)).degraded).toEqual(stale(/^the server is a replica: from orders it receives nothing/));
  await replica.sql("RESET SLAVE 'orders' ALL");
  expect((await take(replica)).degraded).toEqual([]);
}, 60_000);

test('one whose row is not its source’s stops with a number, and no words that quote it', async () => {
  await replica.sql('SET sql_log_bin = 0; INSERT INTO shop.items VALUES (4242)');
  await source.sql('INSERT INTO shop.items VALUES (4242)');
  await says(replica, /\nYes\nNo\n[^]*\n1062\n/);
  const { degraded } = await take(replica);
  expect(degraded).toEqual(stale(/SQL thread: No, error 1062\)/));
  expect(JSON.stringify(degraded)).not.toContain('4242');
  await replica.sql('SET sql_log_bin = 0; DELETE FROM shop.items WHERE id = 4242; START SLAVE');
  await arrived(replica, 4242);
}, 60_000);

test('one that is behind claims no moment that it has not replayed, and no moment before what it follows', async () => {
  const { manifest: full } = await take(replica);
  // It waits with a change of an hour and a half ago, which it is meant to.
  await replica.sql('STOP SLAVE; CHANGE MASTER TO MASTER_DELAY = 20000; START SLAVE');
  await source.sql('SET timestamp = UNIX_TIMESTAMP() - 5400; INSERT INTO shop.items VALUES (5000)');
  await says(replica, /\n54\d\d\n/);
  const { degraded, old } = await take(replica);
  expect(degraded).toEqual([]);
  expect(old).toBeGreaterThan(5390);
  expect(old).toBeLessThan(5500);
  const log = await take(replica, { parent: full });
  expect(log.manifest.pointInTime).toBe(full.pointInTime);
  await replica.sql('STOP SLAVE; CHANGE MASTER TO MASTER_DELAY = 0; START SLAVE');
  await arrived(replica, 5000);
}, 120_000);

test('one whose logs lack what it replays gives fulls, and no logs that would be empty', async () => {
  const { degraded, manifest } = await take(deaf);
  expect(degraded).toEqual([]);
  const error = await failure(() => take(deaf, { parent: manifest }));
  expect([error.kind, error.message]).toEqual([
    'config',
    'the server is a replica whose binary logs lack what it replays',
  ]);
}, 60_000);

test('an account that may not see it says so: degraded where nobody else writes', async () => {
  const hidden = await take(replica, NARROW);
  expect(hidden.degraded).toContainEqual(stale(/^the server is read-only, and whether it follows another one/)[0]);
  const primary = await take(source, NARROW);
  expect(primary.degraded.filter(({ name }) => name === 'server')).toEqual([]);
  expect(primary.machine.events.map(({ event }) => event)).toContain('replication_hidden');
  await source.sql("GRANT REPLICA MONITOR ON *.* TO narrow@'127.0.0.1'");
  await until(async () => expect((await take(replica, NARROW)).degraded).toEqual([]), 30_000);
  expect((await take(source, NARROW)).machine.events.map(({ event }) => event)).not.toContain('replication_hidden');
}, 120_000);

test('one whose source is gone is degraded', async () => {
  await source.kill();
  await says(replica, /\nConnecting\nYes\n[^]*\n20\d\d\n/);
  expect((await take(replica)).degraded).toEqual(stale(/receives nothing \(I\/O thread: Connecting, error 20\d\d\)/));
}, 120_000);
