import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { BackupManifest } from '../../../lib/contract';
import { EngineError } from '../../../lib/runner/engine/engine';
import { sqlserver } from '../../../lib/runner/engine/sqlserver';
import { openConnection } from '../../../lib/runner/engine/sqlserver-connection';
import { recordsOf } from '../../../lib/runner/engine/sqlserver-position';
import { openSession } from '../../../lib/runner/engine/sqlserver-session';
import { EXIT } from '../../../lib/runner/exit-code';
import { encode } from '../../servers/sqlserver/backup-file';
import { databaseOf } from '../../servers/sqlserver/model';
import { until } from '../../servers/until';
import { readRun } from './engine-machine';
import { bundleRunner, startRunner, writeTask } from './program-run';
import { startHost } from './sqlserver-host';
import type { HostOptions, Run, SqlServerHost } from './sqlserver-host';

/** What goes wrong around SQL Server, by the model of it that the tests have. */

jest.setTimeout(120_000);

let host: SqlServerHost;
afterEach(() => host.close());

const start = async (options: HostOptions = {}) => (host = await startHost(options));
const must = ({ manifest, why }: Run): BackupManifest => {
  if (!manifest) throw new Error(why);
  return manifest.manifest;
};
const said = ({ machine }: Run, event: string) =>
  machine.events.filter((one) => one.event === event).map(({ message }) => message);
/** The first answer that is one. */
const eventually = async <T>(what: string, look: () => T | Promise<T>): Promise<Exclude<T, false | undefined>> => {
  let seen: T | undefined;
  await until(async () => {
    seen = await look();
    if (seen === false || seen === undefined) throw new Error(`not yet: ${what}`);
  }, 60_000);
  return seen as Exclude<T, false | undefined>;
};
const nobodyConnected = () => host.server.state(({ locks }) => locks.every(({ pid }) => !existsSync(`/proc/${pid}`)));
const refusal = async (action: Promise<unknown>) => {
  const error = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EngineError);
  return error as EngineError;
};

describe('before anything starts', () => {
  test.each(['odbc', 'go'] as const)('a wrong password ends the run (%s)', async (variant) => {
    await start({ state: { variant } });
    const run = await host.run('full', { environment: { SQLCMDPASSWORD: 'canary-wrong' } });
    expect(run).toMatchObject({ exit: EXIT.permanent, stored: [] });
    expect(run.why).toMatch(/Login failed for user 'backup'.*check user and password/s);
    expect(JSON.stringify([run.machine.events, run.why])).not.toContain('canary-wrong');
  });

  test.each(['odbc', 'go'] as const)('a server that is not there is worth another try (%s)', async (variant) => {
    await start({ state: { variant } });
    const run = await host.run('full', { environment: { SQLCMDSERVER: 'tcp:db.example.org,1433' } });
    expect(run).toMatchObject({ exit: EXIT.retry, why: expect.stringContaining('check host and port') });
  });

  test.each([
    ['odbc', 'verify-full', EXIT.permanent],
    ['go', 'verify-full', EXIT.permanent],
    ['odbc', 'require', EXIT.success],
    ['go', 'require', EXIT.success],
    ['odbc', 'disable', EXIT.success],
  ] as const)('a certificate that nobody signed, by sqlcmd (%s) with %s', async (variant, mode, exit) => {
    await start({ state: { variant, certificate: 'self-signed' }, connection: `ssl_mode: "${mode}"` });
    const run = await host.run('full');
    expect(run.exit).toBe(exit);
    if (exit === EXIT.permanent) expect(run.why).toContain('check ssl_mode');
  });

  test.each([
    ['Amazon RDS', { rds: true }, 'rds_backup_database'],
    ['Azure SQL Database', { engine: 5 }, 'backed up by Azure'],
    ['a managed instance', { engine: 8 }, 'backed up by Azure'],
    ['SQL Server 2014', { version: '12.0.6024.0' }, 'SQL Server 2016'],
  ])('%s is refused', async (_, state, text) => {
    await start({ state });
    expect(await host.run('full')).toMatchObject({ exit: EXIT.permanent, why: expect.stringContaining(text) });
  });

  test('no sqlcmd at all', async () => {
    await start();
    expect(await host.run('full', { environment: { PATH: '/nowhere' } })).toMatchObject({
      exit: EXIT.permanent,
      why: 'sqlcmd is not installed; install sqlcmd, or put it on PATH',
    });
  });

  test('a server without databases, and a database that is not there', async () => {
    await start({ databases: {} });
    expect((await host.run('full')).why).toContain('there is not one database on the server');
    host.close();
    await start({ connection: 'database: "shop"' });
    expect((await host.run('full')).why).toContain('there is no database "shop"');
  });
});

describe('what the server writes', () => {
  test('is not compressed on Express, and so by the runner', async () => {
    await start({ state: { edition: 'Express Edition (64-bit)', engine: 4 } });
    const run = await host.run('full');
    expect(run.exit).toBe(EXIT.success);
    expect(said(run, 'no_compression')).toHaveLength(1);
    expect(must(run).streams.map(({ compression }) => compression)).toEqual(['gzip', 'gzip', 'gzip']);
    expect(host.restored('orders')).toEqual(host.held('orders'));
  });

  test('has no compression and no checksums where the spec says so', async () => {
    await start({ settings: 'compression: false checksum: false' });
    const run = await host.run('full');
    expect(run.exit).toBe(EXIT.success);
    expect(
      host.server.state(({ history }) => history.map(({ compressed, checksums }) => [compressed, checksums])),
    ).toEqual([
      [false, false],
      [false, false],
    ]);
  });

  test('is one database where the task names one', async () => {
    await start({ connection: 'database: "orders"' });
    expect([...recordsOf(must(await host.run('full'))).keys()]).toEqual(['orders']);
  });

  test('has no trouble with databases that are switched off, and says which are in trouble', async () => {
    await start({
      databases: { orders: {}, off: { state: 'OFFLINE' }, copy: { state: 'RESTORING' }, sick: { state: 'SUSPECT' } },
    });
    const run = await host.run('full');
    expect(said(run, 'database_left_out')).toEqual([
      'database "off" is left out: it is OFFLINE',
      'database "copy" is left out: it is RESTORING',
    ]);
    expect([run.exit, must(run).degraded]).toEqual([EXIT.degraded, [{ name: 'sick', why: 'it is SUSPECT' }]]);
  });

  test('lies where the runner does not see it: that is said', async () => {
    await start();
    const other = path.join(host.folder, 'other');
    mkdirSync(other);
    host.change((state) => void (state.otherDisk = other));
    const run = await host.run('full');
    expect(run.exit).toBe(EXIT.permanent);
    expect(run.why).toMatch(
      /SQL Server wrote .* and there is no .* here: the server is on another host.*set HYPDR_SQLSERVER_FOLDER/s,
    );
    const environment = {
      HYPDR_SQLSERVER_FOLDER: path.join(host.local, 'elsewhere'),
      HYPDR_SQLSERVER_FOLDER_HERE: other,
    };
    mkdirSync(path.join(host.local, 'elsewhere/shop.data'), { recursive: true });
    host.change((state) => void (state.otherDisk = path.join(other, 'shop.data')));
    expect((await host.run('full', { environment })).exit).toBe(EXIT.success);
  });

  test.each([
    [
      3201,
      "Cannot open backup device 'x'. Operating system error 5(Access is denied.).",
      EXIT.permanent,
      'the account that SQL Server runs under',
    ],
    [3202, 'Write on "x" failed: 112(There is not enough space on the disk.)', EXIT.retry, 'make room'],
    [1205, 'Transaction (Process ID 60) was deadlocked.', EXIT.retry, 'deadlocked'],
    [6005, 'SHUTDOWN is in progress.', EXIT.retry, 'SHUTDOWN'],
  ])('fails with %i: nothing is published, nothing is left', async (number, text, exit, words) => {
    await start();
    host.change((state) => state.failures.push({ statement: 'BACKUP DATABASE [stock]', number, text }));
    const run = await host.run('full');
    expect(run).toMatchObject({ exit, stored: [], why: expect.stringContaining(words) });
    expect([host.manifests(), host.scratch()]).toEqual([[], []]);
  });

  test('of a damaged database, or a file that does not verify: the others are stored, and it is named', async () => {
    await start({ databases: { orders: {}, sick: { damaged: true }, denied: { denied: true } } });
    const run = await host.run('full');
    expect(run.exit).toBe(EXIT.degraded);
    expect(must(run).degraded).toEqual([
      { name: 'sick', why: expect.stringContaining('detected an error on page') },
      { name: 'denied', why: expect.stringContaining('permission denied') },
    ]);
    expect(said(run, 'database_failed')).toHaveLength(2);
    expect([...recordsOf(must(run)).keys()]).toEqual(['orders']);
    host.change((state) =>
      state.failures.push({
        statement: 'RESTORE VERIFYONLY',
        number: 3189,
        text: 'Damage to the backup set was detected.',
      }),
    );
    const none = await host.run('full');
    expect(none).toMatchObject({
      exit: EXIT.retry,
      stored: [],
      why: expect.stringContaining('Damage to the backup set'),
    });
    expect(host.scratch()).toEqual([]);
  });
});

describe('what belongs to the server', () => {
  const logins = [
    {
      name: 'shop',
      type: 'S',
      disabled: false,
      sid: '0x0A',
      database: 'orders',
      language: null,
      policy: true,
      expiration: false,
      hash: '0x0200',
    },
  ];
  const certificates = [{ name: 'tde', thumbprint: '0xAA', protection: 'MK', databases: ['orders'] }];
  const script = (run: Run) => host.stream(must(run), 'server').subarray(2).toString('utf16le');

  test('is in every run; private keys are named, or in it under a password that nobody sees', async () => {
    await start({ state: { logins, certificates, members: [{ role: 'sysadmin', member: 'shop' }] } });
    const full = await host.run('full');
    expect(script(full)).toContain('CREATE LOGIN [shop] WITH PASSWORD = 0x0200 HASHED, SID = 0x0A');
    expect(said(full, 'certificate_not_stored')).toEqual([
      expect.stringMatching(
        /"tde" \(0xAA\) is not in the backup, and "orders", which it encrypts, cannot be restored without it/,
      ),
    ]);
    expect(must(full).contents).toContainEqual({
      name: 'private key of certificate tde (0xAA)',
      entries: 0,
      exact: true,
    });
    const log = await host.run('log');
    expect(script(log)).toContain('CREATE LOGIN [shop]');
    expect(said(log, 'certificate_not_stored')).toEqual([]);

    host.server.calls();
    const environment = { HYPDR_CERTIFICATE_PASSWORD: "canary'key" };
    const kept = await host.run('full', { environment });
    expect(must(kept).contents).toContainEqual({
      name: 'private key of certificate tde (0xAA)',
      entries: 1,
      exact: true,
    });
    const key = Buffer.from('sealed tde 10').toString('hex');
    expect(script(kept)).toContain(`WITH PRIVATE KEY (BINARY = 0x${key}, DECRYPTION BY PASSWORD = N'the password')`);
    const hex = Buffer.from('canary', 'utf16le').toString('hex');
    const everything = JSON.stringify([host.server.calls(), kept.machine.events, must(kept)]) + script(kept);
    expect(everything).not.toContain('canary');
    expect(everything).not.toContain(hex);
  });

  test('that a login with few rights does not see makes the backup a degraded one', async () => {
    await start();
    host.change((state) => void (state.login.sysadmin = false));
    const run = await host.run('full');
    expect(run.exit).toBe(EXIT.degraded);
    expect(
      must(run)
        .degraded.map(({ name }) => name)
        .sort(),
    ).toEqual(['certificates', 'jobs', 'logins']);
    expect(host.restored('orders')).toEqual(host.held('orders'));
  });
});

describe('two runs', () => {
  const withGate = async (options: HostOptions = {}) => {
    await start(options);
    await host.run('full');
    const file = path.join(host.folder, 'open');
    host.change((state) => void (state.gate = { database: 'stock', file }));
    return {
      open: () => writeFileSync(file, ''),
      reached: () => eventually('a backup waits', () => host.server.state(({ gated }) => gated > 0)),
    };
  };

  test('of one kind do not overlap; logs go on beside data', async () => {
    const { open, reached } = await withGate();
    const first = host.run('full');
    await reached();
    expect(await host.run('differential')).toMatchObject({ exit: EXIT.overlap });
    host.change((state) => void (state.gate = null));
    host.write('orders', 'meanwhile');
    expect((await host.run('log')).exit).toBe(EXIT.success);
    open();
    expect((await first).exit).toBe(EXIT.success);
    expect(nobodyConnected()).toBe(true);
  });

  test('a run that is killed frees its lock when the server has written what it began', async () => {
    const { open, reached } = await withGate();
    const own = { folder: host.folder, state: host.machine(0).stateFolder, environment: host.server.environment };
    const program = bundleRunner(host.folder);
    const { child, ended } = startRunner(program, own, [
      'backup',
      '--task',
      writeTask(own, host.task),
      '--type',
      'full',
    ]);
    await reached();
    child.kill('SIGKILL');
    await ended;
    expect(readdirSync(path.join(own.state, 'sessions'))).toEqual([]);
    const early = await eventually('the lock of the run is free', async () => {
      const run = await host.run('full');
      return said(run, 'earlier_backup').length > 0 && run;
    });
    expect(early.exit).toBe(EXIT.overlap);
    open();
    await eventually('the server has written', nobodyConnected);
    host.change((state) => void (state.gate = null));
    expect((await host.run('full')).exit).toBe(EXIT.success);
    expect(host.scratch()).toEqual([]);
    expect(host.restored('stock')).toEqual(host.held('stock'));
  });

  test('a run that lost its lock publishes nothing', async () => {
    const { open, reached } = await withGate();
    const run = host.run('full');
    await reached();
    const lock = host.server.state(({ locks }) => locks.find(({ resource }) => !resource.includes('work')));
    // Zero would be everybody.
    expect(lock?.pid).toBeGreaterThan(1);
    process.kill(lock?.pid ?? NaN, 'SIGKILL');
    open();
    expect(await run).toMatchObject({ exit: EXIT.retry, stored: [], why: expect.stringContaining('lock was lost') });
    expect(host.manifests()).toHaveLength(1);
  });

  test('an interrupted run leaves nothing behind', async () => {
    const { reached } = await withGate();
    const machine = host.machine(50);
    const prepared = await sqlserver.prepare(host.task, machine);
    await prepared.lock('data');
    const run = readRun(await prepared.begin('full', undefined));
    run.catch(() => undefined);
    await reached();
    machine.controller.abort();
    await refusal(run);
    await prepared.close();
    await eventually('nobody is connected', nobodyConnected);
    expect(readdirSync(path.join(machine.stateFolder, 'sessions'))).toEqual([]);
  });
});

describe('logs that were taken and not published', () => {
  const attempt = async (end: 'abort' | 'crash') => {
    const parent = host.manifests().at(-1);
    const prepared = await sqlserver.prepare(host.task, host.machine(40));
    await prepared.lock('log');
    const run = await prepared.begin('log', parent);
    await readRun(run);
    if (end === 'abort') await run.abort();
    await prepared.close();
  };

  test.each([
    ['an abort', 'abort'],
    ['a crash', 'crash'],
  ] as const)('after %s are in the next run, before its own', async (_, end) => {
    await start();
    await host.run('full');
    host.write('orders', 'second');
    await attempt(end);
    host.write('orders', 'third');
    await attempt(end);
    expect(host.scratch()).toHaveLength(4);
    host.write('orders', 'fourth');
    const run = await host.run('log');
    expect([run.exit, said(run, 'full_instead')]).toEqual([EXIT.success, []]);
    expect(
      must(run)
        .streams.filter((one) => one.database === 'orders')
        .map(({ name }) => name),
    ).toEqual(['database-1-left-1', 'database-1-left-2', 'database-1-log']);
    expect(host.restored('orders')).toEqual(host.held('orders'));
    expect(host.scratch()).toEqual([]);
    host.write('orders', 'fifth');
    await host.run('log');
    expect(host.restored('orders')).toEqual(host.held('orders'));
  });

  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['cut', (bytes) => bytes.subarray(0, 100)],
    ['empty', (bytes) => bytes.subarray(0, 0)],
    ['damaged', (bytes) => Buffer.from(bytes.toString().replace('second', 'sekond'))],
  ])('and that are %s are a gap, which a full closes', async (_, spoil) => {
    await start();
    await host.run('full');
    for (const name of ['orders', 'stock']) host.write(name, 'second');
    await attempt('crash');
    const folder = path.join(host.local, '_scratch/shop.log');
    for (const name of readdirSync(folder)) {
      const file = path.join(folder, name);
      writeFileSync(file, spoil(readFileSync(file)));
    }
    const run = await host.run('log');
    expect([run.exit, said(run, 'log_unfinished').length]).toEqual([EXIT.success, 2]);
    expect(recordsOf(must(run)).get('orders')).toMatchObject({
      type: 'full',
      copy_only: true,
      because: expect.stringMatching(/took logs .*taken by backup as "hypdr shop /),
    });
    expect(host.restored('orders')).toEqual(host.held('orders'));
  });

  test('of which the server wrote a part only are taken again: it lets go of nothing before it has written all', async () => {
    await start();
    await host.run('full');
    host.write('orders', 'second');
    const folder = path.join(host.local, '_scratch/shop.log');
    mkdirSync(folder);
    const whole = host.server.state(({ history: [set] }) => set && encode(set));
    writeFileSync(path.join(folder, 'log-0123456789abcdef.bak'), whole?.subarray(0, 100) ?? '');
    const run = await host.run('log');
    expect([run.exit, said(run, 'full_instead'), host.scratch()]).toEqual([EXIT.success, [], []]);
    expect(said(run, 'log_unfinished')).toEqual([expect.stringContaining('Reached the end of the file')]);
    expect(host.restored('orders')).toEqual(host.held('orders'));
  });
});

describe('the session', () => {
  test('answers over standard input too, as on Windows, with prompts in between', async () => {
    await start({ state: { variant: 'go' } });
    const machine = host.machine(0, { OS: 'Windows_NT' });
    const session = await openSession(await openConnection(host.task, machine), machine);
    expect(await session.ask('a question', "SET @answer = N'7';", z.number())).toBe(7);
    const error = await refusal(session.ask('a question', 'SELECT nothing;', z.number()));
    expect(error.message).toContain("Incorrect syntax near 'SELECT nothing'");
    expect(await refusal(session.ask('another', "SET @answer = N'7';", z.number()))).toBe(error);
    await session.close();
  });

  test('ends with a clear word where sqlcmd reads nothing before the end of its input', async () => {
    await start();
    const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-deaf-'));
    writeFileSync(path.join(folder, 'sqlcmd'), '#!/bin/sh\nexec sleep 600\n');
    chmodSync(path.join(folder, 'sqlcmd'), 0o755);
    const machine = host.machine(0, { PATH: `${folder}:${process.env.PATH ?? ''}` });
    const connection = await openConnection(host.task, machine);
    const error = await refusal(openSession(connection, machine, 200));
    expect([error.kind, error.message]).toEqual(['config', 'sqlcmd answers nothing to what it reads']);
    rmSync(folder, { recursive: true, force: true });
  });

  test('ends with this process: a lock is free a moment later', async () => {
    await start();
    const held = await sqlserver.prepare(host.task, host.machine(0));
    expect(await held.lock('data')).not.toBe('held');
    const other = await sqlserver.prepare(host.task, host.machine(0));
    expect(await other.lock('data')).toBe('held');
    expect(await other.lock('log')).not.toBe('held');
    await held.close();
    await eventually('the lock is free', async () => (await other.lock('data')) !== 'held');
    await other.close();
    expect(host.server.state((state) => databaseOf(state, 'orders').name)).toBe('orders');
  });
});
