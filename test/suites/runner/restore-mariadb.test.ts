import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import type { Restorable } from '../../../lib/runner/restore/restorable';
import type { RestoreReport } from '../../../lib/runner/restore/report';
import { startAzureStore, startGcsStore, startS3Store } from '../../servers/cloud-store';
import type { CloudStore } from '../../servers/cloud-store';
import { startMariadb } from '../../servers/mariadb';
import type { MariadbServer } from '../../servers/mariadb';
import { databaseTask } from './database-task';
import { everything, lines, olderClient, transfers, value } from './mariadb-source';
import { runHere, writeTask } from './program-run';
import type { Host } from './program-run';

/** MariaDB by `restore`: from each kind of store, up to a moment between two backups, and without acting by itself. */

jest.setTimeout(180_000);

let source: MariadbServer;
let target: MariadbServer;
let stores: readonly CloudStore[];
let folder: string;

const AWKWARD = readFileSync(path.join(__dirname, 'awkward-mariadb.sql'), 'utf8');

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-restore-my-'));
  [source, ...stores] = await Promise.all([startMariadb(), startS3Store(), startAzureStore(), startGcsStore()]);
  for (const store of stores) await store.makeBucket('shop');
  await source.sql(AWKWARD);
}, 180_000);

afterAll(async () => {
  await Promise.all([source.stop(), ...stores.map((one) => one.stop())]);
  rmSync(folder, { recursive: true, force: true });
});

/** Its scheduler is on, and its clients see each error. */
beforeEach(async () => {
  target = await startMariadb({ settings: { 'server-id': '2', 'event-scheduler': 'ON' } });
});
afterEach(() => target.stop());

/** All of the server, unless a database is named. */
function hostOf(name: string, clouds: readonly CloudStore[] = [], database?: string) {
  const own = path.join(folder, name);
  mkdirSync(own);
  const environment = Object.assign({}, source.environment, ...clouds.map((one) => one.environment)) as Record<
    string,
    string
  >;
  const host: Host = { folder: own, state: path.join(own, 'state'), environment };
  const changes: Partial<TaskManifest> = {
    stores: clouds.map((one) => one.target('shop', `${name}/`)),
    local: { id: 'local', from: [], path: path.join(own, 'local') },
    ...(database === undefined && { source: { kind: 'database', secret: 'test', environment: [] } }),
  };
  const file = writeTask(host, databaseTask('mariadb', database ?? 'all', changes));
  return { host, file };
}

type Backed = ReturnType<typeof hostOf>;

let slots = 0;
async function take({ host, file }: Backed, type: 'full' | 'log'): Promise<string> {
  const slot = `20270101T${String((slots += 1)).padStart(6, '0')}Z`;
  for (const argv of [
    ['backup', '--type', type, '--slot', slot],
    ['verify', '--quick'],
  ]) {
    const ran = await runHere(host, [...argv, '--task', file], { now: () => new Date('2027-01-01T01:00:00Z') });
    expect([argv[0], ran.exit, ran.stderr]).toEqual([argv[0], EXIT.success, '']);
  }
  return slot;
}

const url = () => `mariadb://${target.user}@127.0.0.1:${target.port}/`;
const now = () => new Date('2027-01-01T01:00:00Z');

async function restore({ host, file }: Backed, argv: readonly string[] = [], to = url(), scheduler = 'ON') {
  const environment = { PATH: process.env.PATH, ...host.environment, HYPDR_RESTORE_PASSWORD: target.password };
  const ran = await runHere(host, ['restore', '--task', file, '--format', 'json', '--target', to, ...argv], {
    environment,
    now,
  });
  expect(ran.stdout + ran.stderr).not.toContain(target.password);
  expect(
    await value(target, "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = 'hypdr_restoring'"),
  ).toBe('0');
  expect(await value(target, 'SELECT @@event_scheduler')).toBe(scheduler);
  return JSON.parse(ran.stdout) as RestoreReport;
}

async function restorable({ host, file }: Backed): Promise<Restorable> {
  return JSON.parse(
    (await runHere(host, ['restorable', '--task', file, '--format', 'json'], { now })).stdout,
  ) as Restorable;
}

test('comes back from each of four kinds of stores, with logs and accounts, and its event does not run', async () => {
  const backed = hostOf('everywhere', stores);
  await source.sql('CREATE OR REPLACE EVENT shop.emptier ON SCHEDULE EVERY 1 SECOND DO DELETE FROM shop.audit');
  await source.sql("INSERT INTO shop.audit (what) VALUES ('kept')");
  await take(backed, 'full');
  await source.sql('UPDATE shop.accounts SET balance = balance + 5 WHERE id = 1; DELETE FROM shop.events WHERE n < 9');
  await source.sql(
    "CREATE EVENT shop.second ON SCHEDULE EVERY 1 SECOND DO DELETE FROM shop.texts; CREATE USER late@'%'; GRANT SELECT ON shop.* TO late@'%'",
  );
  await take(backed, 'log');
  for (const store of ['s3', 'azure', 'gcs', 'local']) {
    const report = await restore(backed, [
      '--store',
      store,
      '--globals',
      '--replace',
      'shop',
      '--replace',
      "it's = odd",
    ]);
    expect([report.exit, report.why, report.warnings, report.store]).toEqual([EXIT.success, undefined, [], store]);
    expect(report.held).toEqual([
      {
        kind: 'event',
        name: 'shop.emptier',
        release: 'ALTER DEFINER=`root`@`127.0.0.1` EVENT `shop`.`emptier` ENABLE',
      },
      { kind: 'event', name: 'shop.second', release: 'ALTER DEFINER=`root`@`127.0.0.1` EVENT `shop`.`second` ENABLE' },
    ]);
    // The scheduler is on again, and a second has passed for everybody who asks the server.
    await value(target, 'SELECT SLEEP(1.5)');
    expect(await everything(target)).toBe(await everything(source));
    expect(await value(target, 'SELECT COUNT(*) FROM shop.audit')).toBe('1');
    expect(report.notes).toEqual(
      expect.arrayContaining([expect.stringContaining('2 statements about accounts were not replayed')]),
    );
  }
  expect(await lines(target, "SHOW GRANTS FOR app@'%'")).toEqual(await lines(source, "SHOW GRANTS FOR app@'%'"));
  expect(await value(target, "SELECT COUNT(*) FROM mysql.user WHERE user = 'late'")).toBe('0');
  const [event] = await lines(
    target,
    "SELECT sql_mode, time_zone, definer, status FROM information_schema.events WHERE event_name = 'emptier'",
  );
  const [before] = await lines(
    source,
    "SELECT sql_mode, time_zone, definer, 'DISABLED' FROM information_schema.events WHERE event_name = 'emptier'",
  );
  expect(event).toBe(before);
  // What was restored is in no log of the target.
  expect(await value(target, "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name LIKE 'hypdr%'")).toBe(
    '0',
  );
  await source.sql("DROP EVENT shop.second; DROP USER late@'%'");
});

test('a client that does not know the first line of newer dumps gets what follows it', async () => {
  const backed = hostOf('older');
  await take(backed, 'full');
  const bin = olderClient(folder);
  // As it came it would be refused: the tool of this test writes that line, and the client of this test ends at it.
  const dump = execFileSync('mariadb-dump', [`--defaults-file=${source.optionFile}`, 'shop', 'audit']);
  const load = spawnSync(path.join(bin, 'mariadb'), ['--binary-mode'], { input: dump, encoding: 'utf8' });
  expect([load.status, load.stderr]).toEqual([1, "ERROR at line 1: Unknown command '\\-'.\n"]);
  const report = await restore(
    { ...backed, host: { ...backed.host, environment: { PATH: `${bin}:${process.env.PATH ?? ''}` } } },
    ['--globals'],
  );
  expect([report.exit, report.why, report.warnings]).toEqual([EXIT.success, undefined, []]);
  expect(await everything(target)).toBe(await everything(source));
});

test('up to a moment between two backups, at a transaction that is shown with its neighbours', async () => {
  const backed = hostOf('moment');
  await take(backed, 'full');
  const full = (await restorable(backed)).points[0];
  const at = new Date(full?.at ?? '').getTime();
  const seconds = Math.floor(at / 1000);
  const note = (text: string, when: number) =>
    source.sql(`SET TIMESTAMP = ${when}; INSERT INTO shop.nothing VALUES (${when}, '${text}')`);
  await note('before', seconds - 50);
  await note('just before', seconds - 40);
  await source.sql(
    `SET TIMESTAMP = ${seconds - 30}; BEGIN; INSERT INTO shop.nothing VALUES (1, 'begun before'); SET TIMESTAMP = ${seconds + 70}; INSERT INTO shop.nothing VALUES (2, 'and committed after'); COMMIT`,
  );
  await note('after', seconds + 90);
  await source.sql('FLUSH BINARY LOGS');
  await note('later', seconds + 95);
  await take(backed, 'log');
  const moment = new Date(at + 1).toISOString();
  const report = await restore(backed, ['--from', moment]);
  expect([report.exit, report.why, report.point?.until]).toEqual([EXIT.success, undefined, moment]);
  const rows = await lines(target, 'SELECT note FROM shop.nothing ORDER BY id');
  expect(rows.filter((one) => /before|after/.test(one))).toEqual(['before', 'just before']);
  expect(report.stop).toMatchObject({
    last: { at: new Date((seconds - 40) * 1000).toISOString() },
    next: { at: new Date((seconds + 70) * 1000).toISOString(), position: report.stop?.position },
  });
  await source.sql('DELETE FROM shop.nothing');
});

test('the sum of transfers is the same at every moment, and each account is what its transfers made of it', async () => {
  const backed = hostOf('transfers');
  await source.sql('UPDATE shop.accounts SET balance = 1000; TRUNCATE shop.transfers');
  const stop = transfers(source);
  await take(backed, 'full');
  await take(backed, 'log');
  await take(backed, 'full');
  await take(backed, 'log');
  await stop();
  const { points, gaps } = await restorable(backed);
  expect(gaps.length).toBeLessThanOrEqual(1);
  const logs = points.filter(({ since }) => since !== undefined);
  expect(logs.length).toBe(2);
  let made = 0;
  for (const { since = '', at } of logs) {
    const middle = new Date((Date.parse(since) + Date.parse(at)) / 2).toISOString();
    for (const from of [middle, at]) {
      const report = await restore(backed, ['--from', from, '--replace', 'shop', '--replace', "it's = odd"]);
      expect([report.exit, report.why]).toEqual([EXIT.success, undefined]);
      expect(await value(target, 'SELECT SUM(balance) FROM shop.accounts')).toBe('100000');
      const wrong = `SELECT COUNT(*) FROM shop.accounts a WHERE balance <> 1000
        - 7 * (SELECT COUNT(*) FROM shop.transfers WHERE source = a.id) + 7 * (SELECT COUNT(*) FROM shop.transfers WHERE target = a.id)`;
      expect(await value(target, wrong)).toBe('0');
      const count = Number(await value(target, 'SELECT COUNT(*) FROM shop.transfers'));
      expect(count).toBeGreaterThanOrEqual(made);
      made = count;
    }
  }
  expect(made).toBeGreaterThan(0);
});

test('a moment that no logs reach is refused, with the nearest point', async () => {
  const backed = hostOf('gap');
  await take(backed, 'full');
  await source.sql("INSERT INTO shop.nothing VALUES (7, 'between')");
  await take(backed, 'full');
  const [first, second] = (await restorable(backed)).points;
  const between = new Date((Date.parse(first?.at ?? '') + Date.parse(second?.at ?? '')) / 2).toISOString();
  const report = await restore(backed, ['--from', between]);
  expect(report).toMatchObject({
    exit: EXIT.permanent,
    why: expect.stringContaining(`no logs reach ${between}`),
    nearest: { from: `${first?.slot}-full` },
  });
  await source.sql('DELETE FROM shop.nothing');
});

test('one database of several, whose logs hold those of the others too', async () => {
  const backed = hostOf('one', [], 'shop');
  await take(backed, 'full');
  await source.sql('UPDATE accounts SET balance = 5 WHERE id = 3; CREATE TABLE made (id int)', 'shop');
  await source.sql("INSERT INTO `it's = odd`.one VALUES (33)");
  await take(backed, 'log');
  await target.sql("CREATE DATABASE `it's = odd`; CREATE TABLE `it's = odd`.one (id int)");
  const report = await restore(backed, []);
  expect([report.exit, report.why, report.warnings]).toEqual([EXIT.success, undefined, []]);
  expect(await value(target, 'SELECT balance FROM shop.accounts WHERE id = 3')).toBe('5');
  expect(await value(target, "SELECT COUNT(*) FROM `it's = odd`.one")).toBe('0');
  expect(report.notes).toContainEqual(expect.stringContaining('narrowed to shop'));
  await source.sql("DROP TABLE shop.made; DELETE FROM `it's = odd`.one WHERE id = 33");
});

describe('what is there', () => {
  let backed: Backed;
  beforeAll(async () => {
    backed = hostOf('there');
    await take(backed, 'full');
  });

  test('is not touched without its name', async () => {
    await target.sql('CREATE DATABASE shop; CREATE TABLE shop.mine (id int)');
    const report = await restore(backed, ['--replace', 'other']);
    expect([report.exit, report.why]).toEqual([
      EXIT.permanent,
      expect.stringContaining('the target has `shop`, and not empty'),
    ]);
    expect(await lines(target, 'SHOW TABLES FROM shop')).toEqual(['mine']);
  });

  test('is what a killed restore left, and goes without a word', async () => {
    await target.sql(`CREATE DATABASE hypdr_restoring; CREATE TABLE hypdr_restoring.\`databases\` (name varchar(64) PRIMARY KEY);
      INSERT INTO hypdr_restoring.\`databases\` VALUES ('shop');
      CREATE TABLE hypdr_restoring.settings (name varchar(64) PRIMARY KEY, value varchar(64)); INSERT INTO hypdr_restoring.settings VALUES ('event_scheduler', 'ON');
      SET GLOBAL event_scheduler = OFF; CREATE DATABASE shop; CREATE TABLE shop.half (id int)`);
    expect((await restore(backed, ['--globals'])).exit).toBe(EXIT.success);
    expect(await everything(target)).toBe(await everything(source));
  });

  test('goes again where the load fails in the middle', async () => {
    await target.sql(`SET GLOBAL event_scheduler = OFF;
      CREATE USER limited@'127.0.0.1' IDENTIFIED BY '${target.password}'; GRANT ALL ON *.* TO limited@'127.0.0.1' WITH GRANT OPTION;
      REVOKE SUPER, SET USER ON *.* FROM limited@'127.0.0.1'`);
    const report = await restore(backed, ['--globals'], url().replace('root@', 'limited@'), 'OFF');
    expect([report.exit, report.why]).toEqual([
      EXIT.permanent,
      expect.stringMatching(/^load of dump: ERROR 1\d\d\d .*; grant the account SUPER/),
    ]);
    expect(await lines(target, "SHOW DATABASES LIKE 'shop'")).toEqual([]);
  });

  test('stays where the account may not do what is needed first', async () => {
    await target.sql(`CREATE DATABASE shop; CREATE TABLE shop.mine (id int);
      CREATE USER limited@'127.0.0.1' IDENTIFIED BY '${target.password}'; GRANT ALL ON *.* TO limited@'127.0.0.1' WITH GRANT OPTION;
      REVOKE SUPER, BINLOG ADMIN ON *.* FROM limited@'127.0.0.1'`);
    const report = await restore(backed, ['--replace', 'shop'], url().replace('root@', 'limited@'));
    expect([report.exit, report.why]).toEqual([EXIT.permanent, expect.stringContaining('grant the account SUPER')]);
    await target.sql("GRANT BINLOG ADMIN ON *.* TO limited@'127.0.0.1'");
    const again = await restore(backed, ['--replace', 'shop'], url().replace('root@', 'limited@'));
    expect([again.exit, again.why]).toEqual([EXIT.permanent, expect.stringContaining('switch event_scheduler off')]);
    expect(await lines(target, 'SHOW TABLES FROM shop')).toEqual(['mine']);
  });

  test('is another server than the source by an option file too', async () => {
    const report = await restore(backed, ['--globals'], target.optionFile);
    expect([report.exit, report.why, report.target]).toEqual([
      EXIT.success,
      undefined,
      `the server of ${target.optionFile}`,
    ]);
    expect(await everything(target)).toBe(await everything(source));
  });

  test('definers that are not there are told of', async () => {
    await source.sql("CREATE USER maker@'%'; CREATE DEFINER=maker@'%' VIEW shop.made AS SELECT 1 AS one");
    const own = hostOf('definers');
    await take(own, 'full');
    const report = await restore(own, []);
    expect([report.exit, report.warnings]).toEqual([
      EXIT.degraded,
      [expect.stringContaining('what runs as maker@% fails')],
    ]);
    await source.sql("DROP VIEW shop.made; DROP USER maker@'%'");
  });

  test('a server of another kind, a database in the URL and a choice of databases are refused', async () => {
    const why = async (argv: readonly string[], to?: string) => (await restore(backed, argv, to)).why;
    expect(await why([], `postgresql://x@127.0.0.1:${target.port}/`)).toContain('is of postgresql://');
    expect(await why([], `${url()}shop`)).toContain('--target names a database');
    expect(await why(['--database', 'shop'])).toContain('a dump is restored as a whole');
  });
});
