import type { BackupManifest } from '../../../lib/contract';
import { recordsOf } from '../../../lib/runner/engine/sqlserver-position';
import { EXIT } from '../../../lib/runner/exit-code';
import { verifyQuick } from '../../../lib/runner/verify';
import { startMinio } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { createBucket } from '../../servers/s3';
import {
  changeModel,
  createDatabase,
  databaseOf,
  foreignBackup,
  restoreOver,
  write,
} from '../../servers/sqlserver/model';
import { startHost } from './sqlserver-host';
import type { HostOptions, Run, SqlServerHost } from './sqlserver-host';

/**
 * Whole runs against a model of SQL Server: what it is right about is the documentation as we read it. No real server has
 * seen this engine.
 */

/** Everything that sqlcmd, the server's quoting and code pages could stumble over. */
const ODD = "it's $(x) a ]]odd[ \nGO\n:r näme";

jest.setTimeout(120_000);

let host: SqlServerHost;
let minio: MinioServer;

beforeAll(async () => {
  minio = await startMinio();
});
afterAll(() => minio.stop());
afterEach(() => host.close());

const start = async (options: HostOptions = {}) => (host = await startHost(options));
const must = ({ manifest, why }: Run): BackupManifest => {
  if (!manifest) throw new Error(why);
  return manifest.manifest;
};
const recordOf = (run: Run, database: string) => recordsOf(must(run)).get(database);
const said = ({ machine }: Run, event: string) =>
  machine.events.filter((one) => one.event === event).map(({ message }) => message);

test.each(['odbc', 'go'] as const)(
  'a full, a differential and logs by sqlcmd (%s) into S3 and a folder, verified, and restored at each of them',
  async (variant) => {
    const bucket = `acme-${variant}`;
    await createBucket(minio, bucket, 'locked');
    await start({
      databases: { orders: {}, [ODD]: {} },
      state: { variant },
      s3: { environment: minio.environment, bucket },
    });
    const names = ['orders', ODD];
    const same = () => {
      for (const name of names) expect(host.restored(name)).toEqual(host.held(name));
    };

    const full = await host.run('full');
    expect([full.exit, full.why]).toEqual([EXIT.success, undefined]);
    expect([...full.stored].sort()).toEqual([`aws.bucket.${bucket}`, 'local']);
    expect(must(full)).toMatchObject({
      tools: {
        sqlcmd: variant === 'go' ? '1.8.2 (Go)' : '18.4.0001.1 (ODBC)',
        sqlserver: '16.0.4135.4 Developer Edition (64-bit)',
      },
      source: { identity: { server_name: 'DB1' } },
      degraded: [],
    });
    expect(must(full).contents).toContainEqual({ database: ODD, name: 'dbo.lines', rows: 480, exact: false });
    expect(must(full).streams.map(({ name, format, compression }) => [name, format, compression])).toEqual([
      ['server', 'sql', 'gzip'],
      ['database-1', 'sqlserver', 'internal'],
      ['database-2', 'sqlserver', 'internal'],
    ]);
    same();

    for (const name of names) host.write(name, 'second');
    const differential = await host.run('differential');
    expect(must(differential)).toMatchObject({ type: 'differential', parent: { sha256: full.manifest?.sha256 } });
    expect(recordOf(differential, ODD)).toMatchObject({
      type: 'differential',
      differential_base_guid: recordOf(full, ODD)?.backup_set_guid,
    });
    same();

    for (const name of names) host.write(name, 'third');
    const log = await host.run('log');
    for (const name of names) host.write(name, 'fourth');
    const next = await host.run('log');
    expect(must(log).parent?.sha256).toBe(full.manifest?.sha256);
    expect(must(next).parent?.sha256).toBe(log.manifest?.sha256);
    const [before, after] = [recordOf(log, 'orders'), recordOf(next, 'orders')];
    expect(after).toMatchObject({ type: 'log', first_lsn: before?.last_lsn, copy_only: false });
    same();

    const verified = await verifyQuick(host.task, host.machine(9));
    expect(verified.findings).toEqual([]);
    expect(verified.verified).toHaveLength(8);
    expect(host.scratch()).toEqual([]);
    const runs = [full, differential, log, next];
    const spoken = JSON.stringify([runs.map(({ machine, why }) => [machine.events, why]), host.manifests()]);
    expect(spoken).not.toContain(host.server.password);
    for (const { argv, env } of host.server.calls()) {
      expect(argv.join(' ')).not.toContain(host.server.password);
      expect(Object.keys(env).filter((name) => /AWS|HYPDR/.test(name))).toEqual([]);
    }
  },
);

describe('differentials', () => {
  test('follow no full of another product: a full is taken, and the author is named', async () => {
    await start();
    await host.run('full');
    host.change((state) => foreignBackup(state, databaseOf(state, 'stock'), 'full'));
    const run = await host.run('differential');
    expect(must(run)).toMatchObject({ type: 'full', parent: null });
    expect(must(run).fullBecause).toBe(
      'database "stock": another full backup moved its differential base: taken by ACME\\svc-other as "nightly snapshot" at 2026-11-22T03:00:00 (clock of the server) to {B1C5A6D0-0000-4000-8000-000000000001}1',
    );
    host.write('stock', 'later');
    expect(must(await host.run('differential')).type).toBe('differential');
    expect(host.restored('stock')).toEqual(host.held('stock'));
  });

  test('are fulls of the one database whose base was moved while they were taken', async () => {
    await start();
    await host.run('full');
    host.change((state) => state.races.push({ database: 'orders', what: 'full' }));
    const run = await host.run('differential');
    expect([run.exit, must(run).type]).toEqual([EXIT.success, 'differential']);
    expect(recordOf(run, 'orders')).toMatchObject({ type: 'full', because: expect.stringContaining('svc-other') });
    expect(recordOf(run, 'stock')).toMatchObject({ type: 'differential' });
    expect(said(run, 'full_instead')).toEqual([
      expect.stringContaining('database "orders": a full is taken: another full backup moved'),
    ]);
    expect(host.restored('orders')).toEqual(host.held('orders'));
    // Its base is in no full run now.
    expect(must(await host.run('differential')).fullBecause).toContain('database "orders"');
  });

  test('hold a full of a database that is new', async () => {
    await start();
    await host.run('full');
    host.change((state) => write(createDatabase(state, 'young'), 'first'));
    const run = await host.run('differential');
    expect(recordOf(run, 'young')).toMatchObject({
      type: 'full',
      copy_only: false,
      because: 'it is not in the newest full backup',
    });
    expect(said(run, 'full_instead')[0]).toContain('database "young"');
    for (const name of ['orders', 'young']) expect(host.restored(name)).toEqual(host.held(name));
  });

  test('follow no full from before a restore', async () => {
    await start();
    await host.run('full');
    host.change((state) => restoreOver(state, databaseOf(state, 'orders')));
    expect(must(await host.run('differential')).fullBecause).toBe(
      'database "orders": it was restored since the newest full backup',
    );
  });

  test('follow no copy_only full', async () => {
    await start({ settings: 'copy_only: true' });
    const full = await host.run('full');
    expect(recordOf(full, 'orders')).toMatchObject({ copy_only: true });
    const run = await host.run('differential');
    expect(must(run)).toMatchObject({ type: 'full', fullBecause: expect.stringContaining('copy_only') });
    expect(host.server.state((state) => databaseOf(state, 'orders').baseGuid)).toBeNull();
  });

  test('warn of a database that went away', async () => {
    await start();
    await host.run('full');
    host.change((state) => void (state.databases = state.databases.filter(({ name }) => name !== 'stock')));
    const run = await host.run('differential');
    expect(said(run, 'database_gone')).toEqual(['database "stock" of the backup before is not on the server any more']);
  });
});

describe('logs', () => {
  test('of recovery model SIMPLE are missing, and those of the others count: degraded', async () => {
    await start({ databases: { orders: {}, scratch: { model: 'SIMPLE' } } });
    expect((await host.run('full')).exit).toBe(EXIT.success);
    host.write('orders', 'later');
    const run = await host.run('log');
    expect(run.exit).toBe(EXIT.degraded);
    expect(must(run).degraded).toEqual([{ name: 'scratch', why: expect.stringContaining('SET RECOVERY FULL') }]);
    expect(host.restored('orders')).toEqual(host.held('orders'));
    host.change((state) => changeModel(databaseOf(state, 'orders'), 'SIMPLE'));
    const none = await host.run('log');
    expect(none).toMatchObject({ exit: EXIT.permanent, stored: [] });
    expect(none.why).toMatch(/recovery model of "orders", "scratch" is SIMPLE; ALTER DATABASE/);
  });

  test('that another product took leave a gap: a copy_only full closes it, and differentials keep their base', async () => {
    await start();
    await host.run('full');
    host.write('orders', 'second');
    host.change((state) => foreignBackup(state, databaseOf(state, 'orders'), 'log'));
    host.write('orders', 'third');
    const run = await host.run('log');
    expect([run.exit, must(run).type]).toEqual([EXIT.success, 'log']);
    expect(recordOf(run, 'orders')).toMatchObject({
      type: 'full',
      copy_only: true,
      because: expect.stringContaining('taken by ACME\\svc-other'),
    });
    expect(recordOf(run, 'stock')).toMatchObject({ type: 'log' });
    host.write('orders', 'fourth');
    expect(recordOf(await host.run('log'), 'orders')).toMatchObject({ type: 'log' });
    for (const name of ['orders', 'stock']) expect(host.restored(name)).toEqual(host.held(name));
    expect(must(await host.run('differential')).type).toBe('differential');
  });

  test('that another product takes in the same moment: what was taken is kept, and a full goes after it', async () => {
    await start();
    await host.run('full');
    host.write('orders', 'second');
    host.change((state) => state.races.push({ database: 'orders', what: 'log' }));
    const run = await host.run('log');
    expect(
      must(run)
        .streams.filter((one) => one.database === 'orders')
        .map(({ name }) => name),
    ).toEqual(['database-1-log', 'database-1']);
    expect(recordOf(run, 'orders')).toMatchObject({ type: 'full', copy_only: true });
    expect(host.restored('orders')).toEqual(host.held('orders'));
  });

  test('begin with a full of a database that has none yet, and of one that was restored', async () => {
    await start();
    await host.run('full');
    host.change((state) => {
      write(createDatabase(state, 'young'), 'first');
      restoreOver(state, databaseOf(state, 'stock'));
    });
    const run = await host.run('log');
    expect(recordOf(run, 'young')).toMatchObject({ type: 'full', copy_only: false });
    expect(recordOf(run, 'stock')).toMatchObject({ type: 'full', copy_only: false });
    for (const name of ['young', 'stock']) host.write(name, 'later');
    await host.run('log');
    for (const name of ['young', 'stock']) expect(host.restored(name)).toEqual(host.held(name));
  });

  test('go on over a run that could not take them', async () => {
    await start();
    await host.run('full');
    host.write('orders', 'second');
    host.change((state) => void (databaseOf(state, 'orders').denied = true));
    const run = await host.run('log');
    expect(must(run).degraded).toEqual([{ name: 'orders', why: expect.stringContaining('permission denied') }]);
    expect(recordOf(run, 'orders')).toMatchObject({ type: 'full', stream: null });
    host.change((state) => void (databaseOf(state, 'orders').denied = false));
    expect(recordOf(await host.run('log'), 'orders')).toMatchObject({ type: 'log' });
    expect(host.restored('orders')).toEqual(host.held('orders'));
  });

  test('of copies leave those of another product alone', async () => {
    await start({ settings: 'copy_only: true' });
    host.change((state) => state.databases.forEach((one) => foreignBackup(state, one, 'full')));
    await host.run('full');
    host.write('orders', 'second');
    const before = host.server.state((state) => databaseOf(state, 'orders').logLsn);
    expect(recordOf(await host.run('log'), 'orders')).toMatchObject({ type: 'log', copy_only: true });
    host.write('orders', 'third');
    await host.run('log');
    expect(host.server.state((state) => databaseOf(state, 'orders').logLsn)).toBe(before);
    expect(host.restored('orders')).toEqual(host.held('orders'));
  });
});

describe('availability groups', () => {
  test('a secondary replica takes logs, no differential and no ordinary full', async () => {
    await start({ databases: { alone: {}, shared: { primary: 1 } } });
    await host.run('full');
    host.change((state) => void (databaseOf(state, 'shared').primary = 0));
    for (const name of ['alone', 'shared']) host.write(name, 'second');
    expect(recordOf(await host.run('log'), 'shared')).toMatchObject({ type: 'log' });
    expect(host.restored('shared')).toEqual(host.held('shared'));
    for (const type of ['differential', 'full'] as const) {
      const run = await host.run(type);
      expect([run.exit, must(run).type]).toEqual([EXIT.degraded, type]);
      expect(must(run).degraded).toEqual([
        { name: 'shared', why: expect.stringContaining('run the task on the primary replica') },
      ]);
    }
    host.change((state) => void (state.databases = state.databases.filter(({ name }) => name === 'shared')));
    const none = await host.run('full');
    expect(none).toMatchObject({
      exit: EXIT.permanent,
      why: expect.stringContaining('"shared": this is a secondary replica'),
    });
  });

  test('takes copy_only fulls, whose rows nobody may count', async () => {
    await start({ databases: { shared: { primary: 0 } }, settings: 'copy_only: true' });
    const run = await host.run('full');
    expect(run.exit).toBe(EXIT.success);
    expect(recordOf(run, 'shared')).toMatchObject({ type: 'full', copy_only: true });
    expect(said(run, 'rows_not_counted')).toHaveLength(1);
    expect(must(run).contents).toContainEqual({ database: 'shared', name: 'shared', bytes: 101_000, exact: true });
  });
});
