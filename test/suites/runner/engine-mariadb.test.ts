import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BackupManifest, TaskManifest } from '../../../lib/contract';
import type { EngineRun, PreparedSource } from '../../../lib/runner/engine/engine';
import { openEngine } from '../../../lib/runner/engine/open';
import { startMariadb } from '../../servers/mariadb';
import type { MariadbServer } from '../../servers/mariadb';
import { readRun, testMachine, testTask } from './engine-machine';
import {
  commandLine,
  countOf,
  everything,
  failure,
  lines,
  olderTool,
  pause,
  pidOf,
  transfers,
  value,
} from './mariadb-source';

const AWKWARD = readFileSync(path.join(__dirname, 'awkward-mariadb.sql'), 'utf8');
const EXCLUDED = ['temp_*', 'shop.cache_?arts'];

let server: MariadbServer;
let target: MariadbServer;
let folder: string;
const opened: PreparedSource[] = [];
const begun: EngineRun[] = [];

beforeAll(async () => {
  [server, target] = await Promise.all([startMariadb(), startMariadb({ settings: { 'server-id': '2' } })]);
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-mariadb-'));
  await server.sql(AWKWARD);
}, 120_000);

afterAll(async () => {
  await Promise.all([server.stop(), target.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

afterEach(async () => {
  for (const run of begun.splice(0)) await run.abort();
  for (const source of opened.splice(0)) await source.close();
});

const database = (changes: object = {}): TaskManifest['source'] => ({
  kind: 'database',
  secret: 's',
  environment: [],
  ...changes,
});

async function prepare(changes: Partial<TaskManifest> = {}, environment: Readonly<Record<string, string>> = {}) {
  const machine = testMachine({ ...server.environment, ...environment });
  const task = testTask({ engine: 'mariadb', tool: 'mariadb-dump', source: database(), ...changes });
  const source = await (await openEngine(task)).prepare(task, machine);
  opened.push(source);
  return { machine, source };
}

async function take(
  changes: Partial<TaskManifest> = {},
  environment: Readonly<Record<string, string>> = {},
  during: () => unknown = () => undefined,
) {
  const { machine, source } = await prepare(changes, environment);
  await source.lock('data');
  const run = await source.begin('full', undefined);
  begun.push(run);
  await during();
  const read = await readRun(run);
  await source.close();
  return { ...read, run, machine, source };
}

type Taken = Awaited<ReturnType<typeof take>>;

/** Restores by the plain client alone, accounts and all. */
async function restore({ streams }: Pick<Taken, 'streams'>): Promise<void> {
  for (const name of ["it's = odd", 'shop']) await target.sql(`DROP DATABASE IF EXISTS \`${name}\``);
  for (const { name, bytes } of streams) {
    // The accounts of the dump have the other server's passwords, also for the login of this test.
    if (name === 'accounts') continue;
    execFileSync('mariadb', [`--defaults-file=${target.optionFile}`, '--binary-mode'], { input: bytes });
  }
}

describe('a dump', () => {
  test('of all databases is restored row by row by the plain client, its counts are those of the rows', async () => {
    const taken = await take();
    expect(taken.streams.map(({ name, format, compression }) => [name, format, compression])).toEqual([
      ['accounts', 'sql', 'none'],
      ['dump', 'sql', 'none'],
    ]);
    expect(taken.degraded).toEqual([]);
    await restore(taken);
    expect(await everything(target)).toBe(await everything(server));
    expect(taken.contents).toHaveLength(15);
    for (const { database: schema = '', name, rows, exact } of taken.contents) {
      const all = name === 'past' ? 3 : await countOf(target, schema, name);
      expect([name, rows, exact]).toEqual([name, all, true]);
    }
    expect(taken.machine.events.map(({ event }) => event)).toEqual(['not_transactional', 'accounts_hidden']);
    expect(taken.machine.events[0]?.message).toContain('shop.loose (MyISAM)');
    expect(taken.source.identity).toEqual({ server_id: '1', gtid_domain_id: '0' });
    expect(taken.source.tools).toMatchObject({ server: expect.stringMatching(/^MariaDB \d+\.\d+\.\d+$/) });
  }, 60_000);

  test('has one coordinate, which is where the logs stand', async () => {
    const { run } = await take();
    const [file, position] = (await value(server, 'SHOW MASTER STATUS')).split('\t');
    const gtid = await value(server, 'SELECT @@gtid_binlog_pos');
    expect(run.position).toEqual({ 'binlog.file': file, 'binlog.position': position, gtid });
  }, 60_000);

  test.each([
    ['by the tool', {}],
    ['in a pass of its own, where the tool cannot', { withoutIgnoreTableData: true }],
  ])(
    'leaves rows of excluded tables out in every database and keeps the definitions: %s',
    async (_, { withoutIgnoreTableData = false }: { withoutIgnoreTableData?: boolean }) => {
      const environment: Record<string, string> = {};
      if (withoutIgnoreTableData) environment.PATH = `${olderTool(folder)}:${process.env.PATH}`;
      const options = { exclude_tables: [...EXCLUDED, 'no_such_*'] };
      const taken = await take({ options }, environment);
      expect(taken.streams.map(({ name }) => name)).toEqual(
        withoutIgnoreTableData ? ['accounts', 'definitions-1', 'definitions-2', 'dump'] : ['accounts', 'dump'],
      );
      await restore(taken);
      const emptied = ['temp_sessions', 'temp_other', 'cache_parts'];
      expect(await everything(target, emptied)).toBe(await everything(server, emptied));
      for (const [schema, table] of [
        ['shop', 'temp_sessions'],
        ['shop', 'cache_parts'],
        ["it's = odd", 'temp_other'],
      ] as const) {
        expect(await countOf(target, schema, table)).toBe(0);
        expect(taken.contents).toContainEqual({ database: schema, name: table, rows: 0, exact: true });
      }
      expect(await value(target, 'SELECT count(*) FROM shop.session_view')).toBe('0');
      expect(await value(target, 'SELECT count(*) FROM shop.logins')).toBe('30');
      expect(taken.run.position.not_valid).toBe('["shop.logins: logins_session_fk"]');
      expect(taken.machine.events.map(({ event }) => event)).toEqual([
        'not_transactional',
        'foreign_key_not_valid',
        'exclusion_unused',
        'accounts_hidden',
      ]);
    },
    60_000,
  );

  test.each([
    ['with all tables locked', { single_transaction: false, lock_tables: true }],
    ['without compression between server and tool', { compress: false }],
  ])(
    'is the same %s',
    async (_, options) => {
      await restore(await take({ options, tool: 'mysqldump' }));
      expect(await everything(target)).toBe(await everything(server));
    },
    60_000,
  );

  test('of one database holds that one alone, with accounts beside it', async () => {
    const { streams, contents } = await take({ source: database({ database: 'shop' }) });
    expect(streams[1]).toMatchObject({ name: 'dump', database: 'shop' });
    expect(new Set(contents.map((one) => one.database))).toEqual(new Set(['shop']));
    const accounts = String(streams[0]?.bytes);
    expect(accounts).toMatch(/CREATE USER IF NOT EXISTS `app`@`%` IDENTIFIED BY PASSWORD '\*[0-9A-F]{40}'/);
    expect(accounts).toContain('GRANT `readers` TO `app`@`%`');
    expect(accounts).toContain('GRANT SELECT ON `shop`.* TO `readers`');
    const lines = accounts.split('\n').filter((line) => !line.includes('`root`'));
    await target.sql(lines.join('\n'));
    expect(await value(target, "SHOW GRANTS FOR app@'%'")).toContain('GRANT `readers`');
  }, 60_000);

  test('is of one moment, with counts of that moment, while money moves between accounts', async () => {
    const stop = transfers(server);
    try {
      await pause(500);
      const taken = await take({}, {}, () => pause(500));
      await restore(taken);
      expect(await value(target, 'SELECT sum(balance) FROM shop.accounts')).toBe('100000');
      const counted = taken.contents.find(({ name }) => name === 'transfers')?.rows ?? 0;
      expect(counted).toBeGreaterThan(0);
      expect(await countOf(target, 'shop', 'transfers')).toBe(counted);
      expect(await countOf(server, 'shop', 'transfers')).toBeGreaterThan(counted);
    } finally {
      await stop();
    }
  }, 60_000);
});

describe('binary logs', () => {
  /** What the engine reads of a manifest. */
  const manifestOf = (taken: { run: EngineRun; source: PreparedSource }) =>
    ({
      pointInTime: taken.run.pointInTime.toISOString(),
      source: { identity: taken.source.identity, position: taken.run.position },
    }) as BackupManifest;

  async function takeLogs(parent: BackupManifest) {
    const { machine, source } = await prepare();
    await source.lock('log');
    expect(await source.canFollow('log', parent)).toEqual({ ok: true });
    const run = await source.begin('log', parent);
    begun.push(run);
    const read = await readRun(run);
    expect(await value(server, 'SELECT 1')).toBe('1');
    await source.close();
    return { ...read, run, machine, source };
  }

  /** Replays by the plain tools: from the position that stands beside the logs, all of them in one go. */
  function replay({ streams, run }: Awaited<ReturnType<typeof takeLogs>>): void {
    const files = streams.map(({ name, bytes }) => {
      const file = path.join(folder, name);
      writeFileSync(file, bytes);
      return file;
    });
    const start = `--start-position=${run.position['binlog.from.position']}`;
    const options = ['--no-defaults', start, '--disable-log-bin', ...files];
    const sql = execFileSync('mariadb-binlog', options, { maxBuffer: 1 << 28 });
    execFileSync('mariadb', [`--defaults-file=${target.optionFile}`, '--binary-mode'], { input: sql });
  }

  test('since a full, one after the other, give the source when the plain tool replays them', async () => {
    const stop = transfers(server);
    let full: Taken;
    try {
      await pause(300);
      full = await take({}, {}, () => pause(300));
    } finally {
      await stop();
    }
    await restore(full);
    await server.sql(
      `USE shop; INSERT INTO texts VALUES (10, '😀', x'00', b'1', NULL); UPDATE accounts SET balance = balance + 1 WHERE id = 1; UPDATE accounts SET balance = balance - 1 WHERE id = 2; FLUSH BINARY LOGS; ALTER TABLE nothing ADD COLUMN more int; INSERT INTO nothing VALUES (1, 'a', 2)`,
    );
    const first = await takeLogs(manifestOf(full));
    expect(first.streams.length).toBe(2);
    expect(first.contents.map(({ bytes }) => bytes)).toEqual(first.streams.map(({ bytes }) => bytes.length));
    replay(first);
    expect(await everything(target)).toBe(await everything(server));
    await server.sql('DELETE FROM shop.texts WHERE id = 10; ALTER TABLE shop.nothing DROP COLUMN more');
    await server.sql('TRUNCATE shop.nothing; TRUNCATE shop.audit');
    const second = await takeLogs(manifestOf(first));
    expect(second.run.position['binlog.from.file']).toBe(first.run.position['binlog.file']);
    expect(second.streams[0]?.name).toBe(String(first.run.position['binlog.file']).replace('.', '_'));
    replay(second);
    expect(await everything(target)).toBe(await everything(server));
    expect(await value(target, 'SELECT sum(balance) FROM shop.accounts')).toBe('100000');
  }, 90_000);

  test('that are no longer all there, or are of another server, make a full that says why', async () => {
    const full = await take();
    const parent = manifestOf(full);
    await server.sql('FLUSH BINARY LOGS; FLUSH BINARY LOGS');
    const { source } = await prepare();
    const because = async (one: BackupManifest) => {
      const answer = await source.canFollow('log', one);
      return answer.ok ? 'ok' : answer.why;
    };
    expect(await because(parent)).toBe('ok');
    const other = { ...parent, source: { ...parent.source, identity: { server_id: '9', gtid_domain_id: '0' } } };
    expect(await because(other)).toMatch(/another server/);
    const [last] = (await value(server, 'SHOW MASTER STATUS')).split('\t');
    // The server keeps a log until it no longer needs it for its own recovery.
    while (!(await value(server, 'SHOW BINARY LOGS')).startsWith(String(last))) {
      await server.sql(`PURGE BINARY LOGS TO '${last}'`);
      await pause(100);
    }
    expect(await because(parent)).toBe(
      `binary log ${parent.source.position['binlog.file']} is no longer on the server`,
    );
    const again = manifestOf(await take());
    await server.sql('RESET MASTER');
    for (let number = 1; number < 12; number += 1) await server.sql('FLUSH BINARY LOGS');
    expect(await because(again)).toMatch(/another one/);
    expect(await source.canFollow('incremental', again)).toMatchObject({ ok: false });
  }, 60_000);

  test('that are off are a clear error, and full backups go on without a coordinate', async () => {
    const plain = await startMariadb({ settings: { 'skip-log-bin': '1' } });
    try {
      await plain.sql('CREATE DATABASE d; CREATE TABLE d.t (i int)');
      const full = await take({ runs: [{ type: 'log' }] as never }, plain.environment);
      expect(full.run.position).toEqual({});
      expect(full.machine.events.map(({ event }) => event)).toContain('binary_logs_off');
      const { source } = await prepare({}, plain.environment);
      const error = await failure(() => source.canFollow('log', manifestOf(full)));
      expect([error.kind, error.message]).toEqual(['config', expect.stringMatching(/^binary logs are off/)]);
      expect(error.fix).toContain('--log-bin');
    } finally {
      await plain.stop();
    }
  }, 60_000);
});

describe('what cannot be done', () => {
  test('a wrong password is permanent, is not repeated, and leaves no file', async () => {
    const machine = testMachine({ ...server.environment, MYSQL_PWD: 'wrong-Canary-77' });
    const task = testTask({ engine: 'mariadb', tool: 'mariadb-dump', source: database() });
    const error = await failure(async () => (await openEngine(task)).prepare(task, machine));
    expect(error.kind).toBe('config');
    expect(error.message).toMatch(/Access denied/);
    expect(error.message + error.fix).not.toContain('wrong-Canary-77');
    expect(readdirSync(path.join(machine.stateFolder, 'logins', 'test'))).toEqual([]);
  });

  test('a database that is not there is permanent, a server that is not there is worth another try', async () => {
    const { source } = await prepare({ source: database({ database: 'nowhere' }) });
    expect((await failure(() => source.begin('full', undefined))).kind).toBe('config');
    expect((await failure(() => prepare({}, { MYSQL_TCP_PORT: '1' }))).kind).toBe('retry');
  });

  test('a server without TLS is refused where the spec asks for it', async () => {
    for (const tls of ['require', 'verify-full']) {
      const error = await failure(() => prepare({ source: database({ tls }) }));
      expect([tls, error.kind]).toEqual([tls, 'config']);
    }
    await prepare({ source: database({ tls: 'prefer' }) });
  });

  test('an account without rights is told what it lacks; one that cannot read accounts is degraded', async () => {
    await server.sql(
      `CREATE USER narrow@'127.0.0.1' IDENTIFIED BY 'n "\\\\#'; GRANT SELECT ON shop.* TO narrow@'127.0.0.1'`,
    );
    const as = { source: database({ database: 'shop', user: 'narrow', environment: ['SHOP_PASSWORD'] }) };
    const environment = { SHOP_PASSWORD: 'n "\\#' };
    const error = await failure(() => prepare(as, environment));
    expect([error.kind, error.message]).toEqual([
      'config',
      'database "shop": the account lacks SHOW VIEW, TRIGGER, EVENT',
    ]);
    await server.sql(
      `GRANT SHOW VIEW, TRIGGER, EVENT, LOCK TABLES ON shop.* TO narrow@'127.0.0.1'; GRANT RELOAD, BINLOG MONITOR ON *.* TO narrow@'127.0.0.1'`,
    );
    const { streams, degraded } = await take(as, environment);
    expect(streams.map(({ name }) => name)).toEqual(['dump']);
    expect(degraded.map(({ name }) => name)).toEqual(['accounts', 'routines']);
    await server.sql("GRANT SELECT ON mysql.* TO narrow@'127.0.0.1'");
    const whole = await take(as, environment);
    expect(whole.degraded).toEqual([]);
    expect(String(whole.streams[1]?.bytes)).toContain('PROCEDURE `twice`');
  }, 60_000);

  test('a server without tables is a failure', async () => {
    await server.sql('CREATE DATABASE hollow');
    const { source } = await prepare({ source: database({ database: 'hollow' }) });
    expect((await failure(() => source.begin('full', undefined))).kind).toBe('source');
    await server.sql('DROP DATABASE hollow');
  });

  test('an option file that leaves a table out is found out', async () => {
    const home = mkdtempSync(path.join(folder, 'home-'));
    writeFileSync(path.join(home, '.my.cnf'), '[mariadb-dump]\nignore-table=shop.texts\n');
    const error = await failure(() => take({}, { HOME: home }));
    expect(error.message).toContain('nothing of table shop.texts');
  }, 60_000);

  test.each(['connection', 'tool'])(
    'a dump whose %s is killed never ends well',
    async (victim) => {
      await server.sql(
        // What shrinks well fits into the buffers between server and tool, and nobody reads any more.
        `USE shop; DROP TABLE IF EXISTS shop.big; CREATE TABLE shop.big AS SELECT seq, concat(${Array(30).fill('md5(rand())').join(', ')}) AS t FROM seq_1_to_60000; ALTER TABLE shop.big ENGINE=InnoDB`,
      );
      const { source } = await prepare();
      const run = await source.begin('full', undefined);
      begun.push(run);
      const error = await failure(async () => {
        for await (const { name, output, ended } of run.streams()) {
          if (name === 'dump') {
            await new Promise((resolve) => output.once('readable', resolve));
            if (victim === 'tool') process.kill(pidOf('mariadb-dump', server.environment.MYSQL_TCP_PORT), 'SIGKILL');
            else await server.sql(`KILL ${await connectionReading('big')}`);
          }
          output.resume();
          await ended;
        }
      });
      expect(error.kind).toBe('retry');
      expect(error.message).toMatch(/mariadb-dump of it's = odd, shop/);
      await run.abort();
      await server.sql('DROP TABLE shop.big');
    },
    60_000,
  );

  test('a session that is lost with its lock makes the run fail, though the dump goes on', async () => {
    const { source } = await prepare();
    await source.lock('data');
    const run = await source.begin('full', undefined);
    begun.push(run);
    for await (const { output, ended } of run.streams()) {
      output.resume();
      await ended;
    }
    for (const id of await lines(server, "SELECT id FROM information_schema.processlist WHERE command = 'Sleep'"))
      await server.sql(`KILL ${id}`);
    expect((await failure(() => run.finish())).message).toMatch(/lock was lost/);
  }, 60_000);

  test('a second run finds the lock held, a crash or a release frees it, and logs have their own', async () => {
    const first = (await prepare()).source;
    const second = (await prepare()).source;
    const lock = await first.lock('data');
    expect(await second.lock('data')).toBe('held');
    expect(await second.lock('log')).not.toBe('held');
    if (lock === 'held') throw new Error('held');
    await lock.release();
    expect(await second.lock('data')).not.toBe('held');
    await second.close();
    await pause(300);
    expect(await first.lock('data')).not.toBe('held');
  });

  test('an end of the run ends children and sessions within ten seconds', async () => {
    const { machine, source } = await prepare();
    const run = await source.begin('full', undefined);
    begun.push(run);
    machine.controller.abort();
    await run.abort();
    await source.close();
    await pause(300);
    expect(
      await value(
        server,
        'SELECT count(*) FROM information_schema.processlist WHERE id <> connection_id() AND user = "root"',
      ),
    ).toBe('0');
  }, 15_000);

  test('a tool of the other family, and one that is older than its server, are refused by name', async () => {
    const tools = (version: string) => {
      const bin = mkdtempSync(path.join(folder, 'bin-'));
      for (const name of ['mysqldump', 'mysql', 'mariadb-dump', 'mariadb'])
        writeFileSync(
          path.join(bin, name),
          `#!/bin/sh\n[ "$1" = --version ] && echo "${name}  ${version}" && exit\nexec /usr/bin/${name} "$@"\n`,
          { mode: 0o755 },
        );
      return { PATH: `${bin}:${process.env.PATH}` };
    };
    const other = await failure(() => prepare({ tool: 'mysqldump' }, tools('Ver 8.0.36 for Linux on x86_64')));
    expect([other.kind, other.message]).toEqual([
      'config',
      expect.stringMatching(/^mysqldump is MySQL 8\.0\.36's and the server is MariaDB/),
    ]);
    const ancient = await failure(() => prepare({}, tools('Ver 10.16 Distrib 10.1.48-MariaDB, for Linux')));
    expect(ancient.message).toMatch(/10\.1\.48, which is too old/);
  });

  test('the password is in no argument of any child, and its file is private and goes away', async () => {
    const account = { MYSQL_HOME: '', MYSQL_PWD: server.password };
    const { machine, source } = await prepare({ source: database({ user: server.user }) }, account);
    const logins = path.join(machine.stateFolder, 'logins', 'test');
    expect(readdirSync(logins)).toHaveLength(1);
    const mode = execFileSync('stat', ['-c', '%a', path.join(logins, String(readdirSync(logins)[0]))]);
    expect(String(mode).trim()).toBe('600');
    const run = await source.begin('full', undefined);
    begun.push(run);
    for await (const { output, ended } of run.streams()) {
      const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
      const running = all.map((pid) => commandLine(pid));
      expect(running.some((line) => line.startsWith('mariadb'))).toBe(true);
      expect(running.filter((line) => line.includes(server.password))).toEqual([]);
      output.resume();
      await ended;
    }
    await source.close();
    expect(readdirSync(logins)).toEqual([]);
    expect(JSON.stringify(machine.events)).not.toContain(server.password);
  }, 60_000);
});

/** The dump's own connection, as soon as it reads the rows of a table, which wait for the reader of the dump. */
async function connectionReading(table: string): Promise<string> {
  for (;;) {
    const [id] = await lines(
      server,
      `SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT /%SQL_NO_CACHE%FROM \`${table}\`%' AND id <> connection_id()`,
    );
    if (id !== undefined) return id;
    await pause(20);
  }
}
