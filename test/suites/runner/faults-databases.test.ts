import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXIT } from '../../../lib/runner/exit-code';
import { startVersityStore } from '../../servers/cloud-store';
import type { CloudStore } from '../../servers/cloud-store';
import { startMariadb } from '../../servers/mariadb';
import { startPostgres } from '../../servers/postgres';
import type { RunningServer } from '../../servers/server-process';
import { startTcpProxy } from '../../servers/tcp-proxy';
import type { TcpProxy, TcpRule } from '../../servers/tcp-proxy';
import { databaseTask } from './database-task';
import { slotAt } from './file-task';
import { restoreMariadb, restorePostgres } from './plain-restore';
import { listed, runHere, writeTask } from './program-run';
import type { Host, Ran } from './program-run';
import { backupsOn, chainOn, cloudShelf, folderShelf } from './shelf';
import type { Shelf } from './shelf';

/** The table of faults, its databases: what happens to a server and to the way there while it is dumped. */

interface Database {
  readonly server: RunningServer & { sql(statements: string, database?: string): Promise<string> };
  /** For the runner, with another port than the server's. */
  through(port: number): Readonly<Record<string, string>>;
  /** What the tool asks when it reads the large table. */
  readonly reading: string;
  /** Ends the connection of the tool from within. */
  terminate(): Promise<void>;
  /** Environment of somebody whose password is another one. */
  wrongPassword(password: string, folder: string): Readonly<Record<string, string>>;
  expectRestored(shelf: Shelf): Promise<void>;
  stop(): Promise<void>;
}

/** More than the buffers of two connections hold: the server can't have sent it all. */
const LARGE = 14_000;
const SUM = 'SELECT count(*), sum(id), max(note) FROM shop_orders';

async function postgresql(): Promise<Database> {
  const server = await startPostgres();
  await server.sql('CREATE DATABASE shop');
  await server.sql(
    `CREATE TABLE shop_orders AS SELECT id, repeat('x', 1000) AS note FROM generate_series(1, ${LARGE}) id;
     CREATE TABLE shop_zebra AS SELECT 1 AS id`,
    'shop',
  );
  return {
    server,
    through: (port) => ({ ...server.environment, PGPORT: `${port}` }),
    reading: 'COPY public.shop_orders',
    terminate: async () => {
      const ended = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY public.shop_orders%'`;
      expect(await server.sql(ended)).toBe('t\n');
    },
    wrongPassword: (password) => ({ ...server.environment, PGPASSWORD: password }),
    expectRestored: async (shelf) => {
      const backup = (await chainOn(shelf)).at(-1);
      if (!backup) throw new Error('nothing is published');
      await restorePostgres(shelf, backup, 'shop', { server, database: 'back' });
      expect(await server.sql(SUM, 'back')).toBe(await server.sql(SUM, 'shop'));
    },
    stop: () => server.stop(),
  };
}

async function mariadb(): Promise<Database> {
  const [server, target] = await Promise.all([startMariadb(), startMariadb({ settings: { 'server-id': '2' } })]);
  await server.sql(
    `CREATE DATABASE shop; USE shop;
     CREATE TABLE shop_orders AS SELECT seq AS id, to_base64(random_bytes(700)) AS note FROM seq_1_to_${LARGE};
     CREATE TABLE shop_zebra AS SELECT 1 AS id`,
  );
  return {
    server,
    through: (port) => ({ ...server.environment, MYSQL_TCP_PORT: `${port}` }),
    reading: 'note` FROM `shop_orders`',
    terminate: async () => {
      const found = `SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT /*!40001%'`;
      await server.sql(`KILL ${(await server.sql(found)).trim()}`);
    },
    wrongPassword: (password, folder) => {
      const text = `[client]\nhost=127.0.0.1\nport=${server.port}\nprotocol=tcp\nuser=${server.user}\npassword=${password}\n`;
      writeFileSync(path.join(folder, 'my.cnf'), text, { mode: 0o600 });
      return { ...server.environment, MYSQL_HOME: folder };
    },
    expectRestored: async (shelf) => {
      await target.sql('DROP DATABASE IF EXISTS shop');
      await restoreMariadb(shelf, await chainOn(shelf), target);
      expect(await target.sql(SUM, 'shop')).toBe(await server.sql(SUM, 'shop'));
    },
    stop: async () => void (await Promise.all([server.stop(), target.stop()])),
  };
}

const BUCKET = 'dumps';
let store: CloudStore;
let folder: string;

beforeAll(async () => {
  store = await startVersityStore();
  await store.makeBucket(BUCKET);
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-databases-'));
}, 40_000);

afterAll(async () => {
  await store.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.each([
  ['postgresql', postgresql],
  ['mariadb', mariadb],
] as const)('%s', (engine, start) => {
  let database: Database;
  let proxy: TcpProxy;
  let host: Host;
  let task: string;
  let shelves: readonly Shelf[];
  let day = 0;

  beforeAll(async () => {
    database = await start();
    proxy = await startTcpProxy(database.server);
    const own = mkdtempSync(path.join(folder, engine));
    const local = path.join(own, 'local');
    host = {
      folder: own,
      state: path.join(own, 'state'),
      environment: { ...database.through(proxy.port), ...store.environment },
    };
    const places = { stores: [store.target(BUCKET, `${engine}/`)], local: { id: 'local', from: [], path: local } };
    task = writeTask(host, databaseTask(engine, 'shop', places));
    shelves = [cloudShelf(store, BUCKET, `${engine}/`), folderShelf(local)];
    // Later runs have something that they must not spoil.
    expect(await backup()).toMatchObject({ exit: EXIT.success, stderr: '' });
  }, 40_000);

  afterAll(async () => {
    await proxy.stop();
    await database.stop();
  });

  const backup = (environment = host.environment): Promise<Ran> =>
    runHere(host, ['backup', '--task', task, '--slot', slotAt((day += 1))], {
      environment: { PATH: process.env.PATH, ...environment },
    });

  const published = async () =>
    (await Promise.all(shelves.map(backupsOn))).map((backups) => backups.map(({ manifest }) => manifest.slot));

  /** A run during which something happens while the large table is read. */
  async function runThrough(rule: TcpRule['action'], happens: () => Promise<void>): Promise<Ran> {
    proxy.inject({ whenClientSent: database.reading, afterBytes: 100_000, action: rule });
    const running = backup();
    const early = running.then(({ stderr }) => {
      if (!proxy.spent) throw new Error(`the run ended before the fault came: ${stderr}`);
    });
    await Promise.race([proxy.hit(), early]);
    await happens();
    proxy.resume();
    return running;
  }

  async function expectNothingNew(before: Awaited<ReturnType<typeof published>>): Promise<void> {
    expect(await published()).toEqual(before);
    const slots = before.flat().sort();
    expect((await listed(host, task)).map((one) => one.slot).sort()).toEqual(slots);
    const { exit, stdout } = await runHere(host, ['verify', '--quick', '--task', task]);
    expect([exit, stdout]).toEqual([EXIT.success, expect.stringContaining(' 0 findings')]);
  }

  async function expectNextIsWhole(): Promise<void> {
    expect(await backup()).toMatchObject({ exit: EXIT.success, stderr: '' });
    for (const shelf of shelves) await database.expectRestored(shelf);
  }

  const nothing = () => Promise.resolve();
  type Act = () => Promise<void>;
  const ROWS: readonly [string, TcpRule['action'], RegExp, Act, Act][] = [
    [
      'its connection is ended by an administrator mid-dump',
      'stall',
      /terminating connection due to administrator command|server closed the connection|lost connection|said nothing/i,
      () => database.terminate(),
      nothing,
    ],
    [
      'the server is killed mid-dump',
      'stall',
      /server closed the connection unexpectedly|lost connection|gone away/i,
      () => database.server.kill(),
      () => database.server.restart(),
    ],
    [
      'the network to it is cut mid-dump',
      'cut',
      /server closed the connection unexpectedly|lost connection|reset by peer/i,
      nothing,
      nothing,
    ],
  ];

  test.each(ROWS)(
    '%s: another try is worth it, nothing is published, and the next run is whole',
    async (_name, action, cause, happens, afterwards) => {
      const before = await published();
      const ran = await runThrough(action, happens);
      expect(proxy.spent).toBe(true);
      expect(ran.exit).toBe(EXIT.retry);
      expect(ran.stderr).toMatch(cause);
      expect(ran.stderr).toMatch(/; (check that the server runs|look into the server's log)/);
      await afterwards();
      await expectNothingNew(before);
      await expectNextIsWhole();
    },
    40_000,
  );

  test('the server is down: another try is worth it, and its address is named', async () => {
    const before = await published();
    await database.server.kill();
    const ran = await backup({ ...store.environment, ...database.through(database.server.port) });
    await database.server.restart();
    expect(ran.exit).toBe(EXIT.retry);
    expect(ran.stderr).toMatch(/127\.0\.0\.1.*; check that the server runs/s);
    await expectNothingNew(before);
  }, 40_000);

  test('a wrong password: somebody has to change it, says the run, and does not say it', async () => {
    const before = await published();
    const ran = await backup({ ...store.environment, ...database.wrongPassword('canary-of-a-password', folder) });
    expect([ran.exit, ran.stderr]).toEqual([EXIT.permanent, expect.stringContaining('check user')]);
    expect(JSON.stringify(ran)).not.toContain('canary-of-a-password');
    await expectNothingNew(before);
  }, 60_000);

  test('a second run while one runs ends at once, and the first one is whole', async () => {
    let second: Ran | undefined;
    const before = await published();
    const first = await runThrough('stall', async () => {
      second = await backup();
      await expectNothingNew(before);
    });
    expect(second).toMatchObject({ exit: EXIT.overlap, stderr: "another run of shop holds the source's lock\n" });
    expect(first).toMatchObject({ exit: EXIT.success, stderr: '' });
    for (const shelf of shelves) await database.expectRestored(shelf);
  }, 40_000);
});
