import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { EXIT } from '../../../lib/runner/exit-code';
import { restore } from '../../../lib/runner/restore/restore';
import type { RestoreOptions } from '../../../lib/runner/restore/restore';
import { stagingName } from '../../../lib/runner/restore/sqlserver-check';
import { readWish } from '../../../lib/runner/restore/wish';
import { verifyQuick } from '../../../lib/runner/verify';
import { startFakeSqlServer } from '../../servers/fake-sqlserver';
import type { FakeSqlServer } from '../../servers/fake-sqlserver';
import { createDatabase, databaseOf, foreignBackup, newState } from '../../servers/sqlserver/model';
import { startHost } from './sqlserver-host';
import type { HostOptions, SqlServerHost } from './sqlserver-host';

/**
 * Restores into a model of SQL Server, which refuses what the documentation says that the server refuses. No real server
 * has seen this.
 */

jest.setTimeout(120_000);

const HOUR = 3_600_000;
const START = Date.UTC(2027, 0, 3, 2, 15);
const URL_OF_TARGET = 'sqlserver://backup@localhost/';

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

async function start(options: HostOptions = {}): Promise<void> {
  host = await startHost(options);
  target.state((state) => Object.assign(state, newState(target.password)));
  clock(0);
}

/** A full at 1, a differential at 2, logs at 3 and 4, with a change half an hour before each. */
async function chain(names: readonly string[] = ['orders', 'stock']): Promise<void> {
  for (const [index, type] of (['full', 'differential', 'log', 'log'] as const).entries()) {
    clock(index + 0.5);
    for (const name of names) host.write(name, `${type} ${index + 1}`);
    clock(index + 1);
    const run = await host.run(type);
    expect([run.exit, run.why]).toEqual([EXIT.success, undefined]);
  }
  await verify();
}

async function verify(): Promise<void> {
  expect((await verifyQuick(host.task, host.machine(4.2))).findings).toEqual([]);
}

type Changes = Partial<Omit<RestoreOptions, 'wish'>> & { readonly from?: string };

async function run({ from = 'latest', ...changes }: Changes = {}) {
  const wish = readWish(from);
  if ('wrong' in wish) throw new Error(wish.wrong);
  const shared = path.join(host.folder, 'shared');
  mkdirSync(shared, { recursive: true });
  const machine = {
    ...host.machine(4.5, {
      PATH: target.environment.PATH,
      HYPDR_RESTORE_PASSWORD: target.password,
      HYPDR_RESTORE_SQLSERVER_FOLDER: shared,
    }),
  };
  const options: RestoreOptions = {
    ...{ mode: 'restore', target: URL_OF_TARGET, databases: undefined, replace: [], globals: 'left out' },
    ...{ owners: 'kept', ...changes, wish },
  };
  const report = await restore(host.task, options, machine);
  expect(readdirSync(shared)).toEqual([]);
  return { ...report, events: machine.events };
}

const databases = () => target.state((state) => state.databases.map(({ name, state: now }) => [name, now]));
const texts = (name: string) => target.state((state) => databaseOf(state, name).changes.map(({ text }) => text));
const executed = () => target.state((state) => state.executed);

test('full, differential and logs come back under staging names, which are renamed at the end', async () => {
  const odd = "it's $(x) a ]]odd[ \nGO\n:r näme";
  await start({ databases: { orders: {}, [odd]: {} } });
  await chain(['orders', odd]);
  target.calls();
  const report = await run();
  expect([report.exit, report.why, report.warnings]).toEqual([EXIT.success, undefined, []]);
  for (const name of ['orders', odd]) expect(texts(name)).toEqual(host.held(name));
  expect(databases().map(([, now]) => now)).toEqual(['ONLINE', 'ONLINE']);
  expect(report.notes).toContain('orders: 2 tables, about 600 rows, 3 backups');

  const own = executed().filter((one) => one.includes(stagingName('orders')) || one.includes('[orders]'));
  expect(own.map((one) => one.split(' ').slice(0, 2).join(' '))).toEqual([
    ...['RESTORE DATABASE', 'RESTORE LOG', 'RESTORE LOG', 'RESTORE DATABASE'],
    ...['ALTER DATABASE', 'ALTER DATABASE', 'ALTER DATABASE'],
  ]);
  expect(own[0]).toContain(", MOVE N'orders' TO N'/var/opt/mssql/data/hypdr_");
  expect(own[0]).toContain("MOVE N'orders_log' TO N'/var/opt/mssql/log/hypdr_");
  expect(own.slice(0, 3).every((one) => one.includes('NORECOVERY, CHECKSUM, STATS = 10'))).toBe(true);
  expect(own.slice(1).some((one) => one.includes('MOVE'))).toBe(false);
  for (const { argv, env } of target.calls()) {
    expect(argv.join(' ')).not.toContain(target.password);
    expect(Object.keys(env).filter((name) => /AWS|HYPDR/.test(name))).toEqual([]);
  }
  expect(JSON.stringify(report)).not.toContain(target.password);
});

test.each([
  [60, '2027-01-03T06:05:00.000', 'UTC+01:00'],
  [-210, '2027-01-03T01:35:00.000', 'UTC-03:30'],
])('a moment between two logs is told to the server in the zone of the source (%s)', async (zone, local, shown) => {
  await start({ state: { zone } });
  await chain();
  const moment = '2027-01-03T05:05:00.000Z';
  const report = await run({ from: moment, databases: ['orders'] });
  expect([report.exit, report.why]).toEqual([EXIT.success, undefined]);
  expect(texts('orders')).toEqual(['first of orders', 'full 1', 'differential 2', 'log 3']);
  expect(executed().filter((one) => one.includes(`STOPAT = N'${local}'`))).toHaveLength(1);
  expect(report.notes).toContain(`orders: logs up to ${moment}, ${local} of the source's clock (${shown})`);
  expect(report.stop).toMatchObject({
    last: { at: '2027-01-03T03:15:00.000Z' },
    next: { at: '2027-01-03T05:15:00.000Z' },
  });
});

test('a differential is restored onto its full, each under CHECKSUM', async () => {
  await start();
  await chain();
  const slot = host.manifests().find(({ type }) => type === 'differential')?.slot;
  const report = await run({ from: `${slot}-differential`, databases: ['orders'] });
  expect([report.exit, report.why]).toEqual([EXIT.success, undefined]);
  expect(texts('orders')).toEqual(['first of orders', 'full 1', 'differential 2']);
  expect(executed().filter((one) => one.startsWith('RESTORE DATABASE'))).toHaveLength(3);
});

test('what was changed up to the moment is there', async () => {
  await start();
  await chain();
  const report = await run({ from: '2027-01-03T05:50:00Z' });
  expect([report.exit, report.why]).toEqual([EXIT.success, undefined]);
  expect(texts('orders')).toEqual(host.held('orders'));
  expect(report.stop).toMatchObject({
    last: { at: '2027-01-03T05:15:00.000Z' },
    next: { at: '2027-01-03T06:15:00.000Z' },
  });
});

test('a moment around which the clock of the source was changed is refused', async () => {
  await start();
  for (const type of ['full', 'log'] as const) {
    clock(type === 'full' ? 1 : 2);
    await host.run(type);
    host.change((state) => {
      state.zone = 0;
    });
  }
  await verify();
  const report = await run({ from: '2027-01-03T03:45:00Z' });
  expect(report).toMatchObject({ exit: EXIT.permanent, why: expect.stringContaining('clock was changed') as string });
  expect(executed()).toEqual([]);
});

describe('what is there already', () => {
  test('is left alone without its name, and renamed with it', async () => {
    await start();
    await chain();
    target.state((state) => createDatabase(state, 'orders'));
    const refused = await run();
    expect(refused).toMatchObject({ exit: EXIT.permanent, why: expect.stringContaining('--replace orders') as string });
    expect([databases(), executed()]).toEqual([[['orders', 'ONLINE']], []]);
    const report = await run({ replace: ['orders'] });
    expect([report.exit, report.why]).toEqual([EXIT.success, undefined]);
    expect(databases().map(([name]) => name)).toEqual(['orders_before_20270103T064500Z', 'orders', 'stock']);
    expect(texts('orders')).toEqual(host.held('orders'));
  });

  test.each(['RESTORING', 'ONLINE'])(
    'half of a restore that was killed (%s) is dropped by the next one',
    async (now) => {
      await start();
      await chain();
      target.state((state) => createDatabase(state, stagingName('orders'), { state: now }));
      const report = await run();
      expect([report.exit, report.why]).toEqual([EXIT.success, undefined]);
      expect(databases().map(([name]) => name)).toEqual(['orders', 'stock']);
    },
  );
});

test('one database gets another name by the path of the target; several do not', async () => {
  await start();
  await chain();
  const several = await run({ target: `${URL_OF_TARGET}copy` });
  expect(several.why).toContain('one name to 2 databases');
  const report = await run({ target: `${URL_OF_TARGET}copy`, databases: ['stock'] });
  expect([report.exit, databases()]).toEqual([EXIT.success, [['copy', 'ONLINE']]]);
  expect(texts('copy')).toEqual(host.held('stock'));
});

test('logins are not promised', async () => {
  await start();
  await chain();
  expect((await run({ globals: 'restored' })).why).toContain('restores no logins');
});

test('a dry run says what it would do, and does nothing', async () => {
  await start();
  await chain();
  const report = await run({ mode: 'dry-run', from: '2027-01-03T05:05:00Z' });
  expect([report.exit, databases(), executed()]).toEqual([EXIT.success, [], []]);
  expect(report.plan.join('\n')).toContain(
    `restore orders as ${stagingName('orders')}, logs up to 2027-01-03T05:05:00`,
  );
});

test('a statement that fails leaves neither half nor whole of it', async () => {
  await start();
  await chain();
  target.state((state) => {
    state.failures = [{ statement: 'RESTORE LOG', number: 3203, text: 'Read on the device failed' }];
  });
  const report = await run();
  expect(report).toMatchObject({ exit: EXIT.permanent, why: expect.stringContaining('Read on the device') as string });
  expect(databases()).toEqual([]);
});

test('an encrypted database needs its certificate first, which is named', async () => {
  const thumbprint = '0xA1B2C3';
  const certificates = [{ name: 'tde', thumbprint, protection: 'MK', databases: ['orders'] }];
  await start({ databases: { orders: { encrypted: true } }, state: { certificates } });
  await chain(['orders']);
  const report = await run();
  expect(report).toMatchObject({ exit: EXIT.permanent, why: expect.stringContaining(thumbprint) as string });
  expect(executed()).toEqual([]);
  target.state((state) => {
    state.certificates = certificates;
  });
  expect((await run()).exit).toBe(EXIT.success);
});

test('a server older than the source, and a login that may create nothing, are refused before a byte is read', async () => {
  await start();
  await chain();
  target.state((state) => {
    state.version = '15.0.4000.1';
  });
  expect((await run()).why).toContain('as new or newer');
  target.state((state) => {
    state.version = '16.0.4135.4';
    state.login.sysadmin = false;
  });
  expect((await run()).why).toContain('may create no database');
});

describe('damage', () => {
  test('a log that is gone is named, with the nearest point, and nothing is touched', async () => {
    await start();
    await chain();
    const log = host.manifests().find(({ type }) => type === 'log');
    rmSync(path.join(host.local, `${log?.slot}-log-${log?.attempt}`), { recursive: true });
    const report = await run();
    expect(report.exit).toBe(EXIT.damaged);
    expect(report.why).toContain(`${log?.slot}-log`);
    expect(report.nearest?.from).toContain('differential');
    expect([databases(), executed()]).toEqual([[], []]);
  });

  test('bytes that were changed are refused before the server sees them', async () => {
    await start();
    await chain();
    const full = host.manifests().find(({ type }) => type === 'full');
    const stream = full?.streams.find(({ database }) => database === 'orders');
    const segment = stream?.encodings[0]?.segments[0];
    const file = path.join(host.local, `${full?.slot}-full-${full?.attempt}`, segment?.name ?? '');
    const bytes = readFileSync(file);
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
    rmSync(file);
    writeFileSync(file, bytes);
    const report = await run();
    expect([report.exit, databases(), executed()]).toEqual([EXIT.damaged, [], []]);
  });

  test('a full of another product between full and differential is no base: the run took a full, and that is restored', async () => {
    await start();
    clock(1);
    await host.run('full');
    host.change((state) => foreignBackup(state, databaseOf(state, 'orders'), 'full'));
    clock(2);
    host.write('orders', 'later');
    await host.run('differential');
    await verify();
    const report = await run({ from: `${host.manifests().at(-1)?.slot}-full` });
    expect([report.exit, report.why]).toEqual([EXIT.success, undefined]);
    expect(texts('orders')).toEqual(host.held('orders'));
  });
});
