import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { TaskManifest } from '../../../lib/contract';
import { backup } from '../../../lib/runner/backup';
import { EXIT } from '../../../lib/runner/exit-code';
import { openLocal, openStore } from '../../../lib/runner/store/open';
import { readBack } from '../../../lib/runner/stream/read-back';
import { fakeSource, plannedRun, takeInto } from '../../runner/fake-run';
import { bytesOf, sourceOf, turns } from '../../runner/stream/sources';
import { testMachine } from '../../runner/test-machine';
import { startFaultProxy } from '../../servers/fault-proxy';
import type { FaultProxy } from '../../servers/fault-proxy';
import { startMinio } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { systemProgram } from '../../servers/programs';
import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import { createBucket, s3Environment } from '../../servers/s3';
import { S3 } from '../../servers/store-requests';
import { startTcpProxy } from '../../servers/tcp-proxy';
import type { TcpProxy } from '../../servers/tcp-proxy';
import { until } from '../../servers/until';
import { testTask } from './engine-machine';
import { fileTask, makeSource } from './file-task';
import { bundleRunner, startRunner, writeTask } from './program-run';

/** Runs whose source falls silent in the middle, while parts of it are in S3: they wait, or they end. */

let postgres: PostgresServer;
let minio: MinioServer;
let folder: string;
let program: string;
/** What lies between a run and its servers. */
let database: TcpProxy;
let connections: TcpProxy;
let requests: FaultProxy;
let number = 0;

const MIB = 1024 ** 2;
const ROWS = 400_000;

beforeAll(async () => {
  [postgres, minio] = await Promise.all([startPostgres(), startMinio()]);
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-ends-'));
  program = bundleRunner(folder);
  await createBucket(minio, 'ends', 'locked');
  await postgres.sql('CREATE DATABASE shop');
  // 40 MB that do not compress: more than all buffers on the way hold, and parts that are under way.
  await postgres.sql(
    `CREATE TABLE orders AS SELECT n, md5(n::text) || md5((n + 1)::text) AS word FROM generate_series(1, ${ROWS}) n`,
    'shop',
  );
}, 180_000);

afterAll(async () => {
  await Promise.all([postgres.stop(), minio.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  number += 1;
  [database, connections] = await Promise.all([startTcpProxy(postgres), startTcpProxy(minio)]);
  requests = await startFaultProxy(connections);
});
afterEach(() => Promise.all([database.stop(), connections.stop(), requests.stop()]));

const local = () => path.join(folder, `local-${number}`);

function shopTask(changes: Partial<TaskManifest> = {}): TaskManifest {
  const node = { id: 'n', from: [] };
  return testTask({
    name: `shop-${number}`,
    source: { kind: 'database', database: 'shop', secret: 's', environment: [] },
    options: { format: 'plain' },
    runs: [plannedRun({ lockDays: 0 })],
    local: { ...node, path: local() },
    stores: [{ ...node, store: 's3', cloud: 'aws', region: 'us-east-1', bucket: 'ends', path: `${number}/` }],
    ...changes,
  });
}

const environment = () => ({
  PATH: process.env.PATH ?? '',
  ...postgres.environment,
  PGPORT: `${database.port}`,
  ...s3Environment(requests.origin, minio.credentials),
});

/** Nothing more comes from the database when so much of the table has. */
async function stalled(afterBytes = 20 * MIB): Promise<void> {
  database.inject({ whenClientSent: 'COPY public.orders', afterBytes, action: 'stall' });
  await database.hit();
  // What had come by then is on its way into the store.
  await until(async () => {
    const parts = requests.requests.filter(S3.part).filter(({ status }) => status === 200);
    expect(parts.length).toBeGreaterThan(0);
  }, 20_000);
}

/** Nobody holds the source, nothing in the store looks like a backup, and nothing of this host is left running. */
async function expectNothingLeft(): Promise<void> {
  await until(async () => {
    const left = await postgres.sql(
      `SELECT application_name, state FROM pg_stat_activity
       WHERE datname = 'shop' AND backend_type = 'client backend' AND pid <> pg_backend_pid()`,
    );
    expect(left).toBe('');
    expect(await postgres.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")).toBe('0\n');
  }, 15_000);
  expect(dumpsOf(database.port)).toEqual([]);
  // What was whole before is data without a manifest, which exists for nobody.
  expect(filesIn(local())).toEqual(['.hypdr-folder', 'globals.0001']);
  expect(begunUploads()).toHaveLength(1);
  expect(abortedUploads()).toEqual(begunUploads());
  expect(requests.requests.filter(S3.complete)).toEqual([]);
  expect(requests.requests.filter((one) => one.path.endsWith('.manifest.json') && S3.put(one))).toEqual([]);
}

/** Clients of the database that a run has started. */
function dumpsOf(port: number): string[] {
  return processes()
    .filter(
      ({ name, environment }) => /^(pg_dump|pg_dumpall|psql)$/.test(name) && environment.includes(`PGPORT=${port}\0`),
    )
    .map(({ name }) => name);
}

function processes() {
  const read = (pid: string, what: string) => readFileSync(`/proc/${pid}/${what}`, 'utf8');
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      try {
        return [{ name: read(pid, 'comm').trim(), command: read(pid, 'cmdline'), environment: read(pid, 'environ') }];
      } catch {
        // It has ended, or is somebody else's.
        return [];
      }
    });
}

function filesIn(where: string): string[] {
  const entries = readdirSync(where, { recursive: true, withFileTypes: true });
  return entries
    .filter((one) => one.isFile())
    .map(({ name }) => name)
    .sort();
}

const begunUploads = () => requests.requests.filter(S3.create).map((one) => one.path);
const abortedUploads = () =>
  requests.requests
    .filter(S3.abort)
    .filter(({ status }) => status === 204)
    .map((one) => one.path);

function virtualMachine() {
  const machine = { ...testMachine(environment()), stateFolder: path.join(folder, `state-${number}`) };
  return {
    machine,
    /** Second by second, with some time for what is real. */
    pass: async (seconds: number) => {
      for (let second = 0; second < seconds; second += 1) {
        machine.advance(1);
        await turns(3);
      }
    },
  };
}

test('a source that is silent for ten minutes is waited for with its part in S3, though all connections to it break', async () => {
  const { machine, pass } = virtualMachine();
  const output = new Readable({ read: () => undefined });
  const [before, after] = [randomBytes(20 * MIB), randomBytes(9 * MIB)];
  const [target] = shopTask().stores;
  if (!target) throw new Error('no store');
  mkdirSync(local());
  const stores = [await openStore(target, machine), await openLocal(local(), machine)];
  const source = fakeSource([sourceOf(Buffer.alloc(0), 1, { output })]);
  output.push(before);
  const done = takeInto(stores, machine, { source, planned: plannedRun({ lockDays: 0 }) });
  // Two parts are stored, and the third waits for more.
  const parts = () => requests.requests.filter(S3.part).filter(({ status }) => status === 200).length;
  await until(async () => expect([output.readableLength, parts()]).toEqual([0, 2]), 60_000);
  await pass(300);
  connections.cut();
  await pass(301);
  expect(machine.logged.filter(({ event }) => event === 'source_stalls').map(({ seconds }) => seconds)).toEqual([
    60, 120, 240, 480,
  ]);
  output.push(after);
  output.push(null);
  let outcome: Awaited<typeof done> | undefined;
  void done.then((one) => (outcome = one));
  await until(async () => {
    // Requests that are tried again wait on the virtual clock.
    await pass(1);
    if (!outcome) throw new Error('the run has not ended');
  }, 60_000);
  expect([outcome?.exit, outcome?.stored]).toEqual([EXIT.success, ['s3', 'local']]);
  expect(machine.logged.filter(({ event }) => event === 'source_goes_on')).toHaveLength(1);
  expect(requests.requests.filter(S3.create)).toHaveLength(1);
  const whole = Buffer.concat([before, after]);
  for (const store of stores) {
    const { manifest } = outcome!.manifest!;
    const stream = manifest.streams[0]!;
    const read = await bytesOf(
      readBack(stream, store, { folder: `${manifest.slot}-full-${manifest.attempt}`, machine }),
    );
    expect(read.equals(whole)).toBe(true);
    await store.close();
  }
}, 180_000);

test('a run that would go on into the next slot of its type ends like one that was told to, and says which slot', async () => {
  const { machine, pass } = virtualMachine();
  const done = backup(shopTask(), { slot: '20261122T021500Z' }, machine);
  await stalled();
  const began = performance.now();
  machine.advance(86_400 - 300);
  await pass(3);
  const outcome = await done;
  expect(performance.now() - began).toBeLessThan(10_000);
  expect([outcome.exit, outcome.stored]).toEqual([EXIT.permanent, []]);
  expect(outcome.why).toContain('before it ran into slot 20261123T021500Z of its type');
  expect(machine.logged.map(({ event }) => event)).toEqual(expect.arrayContaining(['run_late', 'hard_stop']));
  await expectNothingLeft();
  expect(machine.waiting).toBe(0);
}, 120_000);

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it.each([
    ['whose database is silent', false],
    ['whose database and whose store are silent', true],
  ])(
    'ends a run %s within ten seconds, with all that it started',
    async (_, silent) => {
      const host = { folder, state: path.join(folder, `state-${number}`), environment: environment() };
      if (silent) requests.inject({ when: S3.part, skip: 1, times: Infinity, fault: { kind: 'silence' } });
      const task = writeTask(host, shopTask());
      const run = startRunner(program, host, ['backup', '--task', task]);
      await stalled();
      if (silent)
        await until(async () => expect(requests.requests.some((one) => one.fault === 'silence')).toBe(true), 9000);
      expect(dumpsOf(database.port).length).toBeGreaterThan(1);
      const began = performance.now();
      run.child.kill(signal);
      const { exit, stderr } = await run.ended;
      expect(performance.now() - began).toBeLessThan(10_000);
      expect(exit).toBe(EXIT.interrupted);
      expect(stderr).toContain(`ended by ${signal}`);
      expect(stderr).not.toContain('NodeVersionSupportWarning');
      expect(stderr).not.toMatch(/[^\n\P{Cc}]/u);
      await expectNothingLeft();
    },
    120_000,
  );
});

test('SIGTERM ends a run of files within ten seconds, also where tar will not hear of it', async () => {
  const tools = path.join(folder, `tools-${number}`);
  mkdirSync(tools);
  // Deaf, and without an end, once it has written what fills two parts of an archive.
  const script = `#!/bin/sh
[ "$1" = --version ] && exec ${systemProgram('tar')} --version
trap '' TERM
${systemProgram('tar')} "$@" | head -c ${20 * MIB}
exec sleep 1000.${number}
`;
  writeFileSync(path.join(tools, 'tar'), script);
  chmodSync(path.join(tools, 'tar'), 0o755);
  const { PATH, ...others } = environment();
  const host = {
    folder,
    state: path.join(folder, `state-${number}`),
    environment: { ...others, PATH: `${tools}:${PATH}` },
  };
  const { name, local: place, stores } = shopTask();
  const source = makeSource(path.join(folder, `source-${number}`), 30 * MIB);
  const task = writeTask(host, fileTask(name, source, { local: place, stores }));
  const run = startRunner(program, host, ['backup', '--task', task]);
  const deaf = () => processes().filter(({ command }) => command.includes(`sleep\0${1000}.${number}`));
  await until(async () => {
    expect(requests.requests.filter(S3.part).filter(({ status }) => status === 200)).toHaveLength(2);
    // The parts may be there before the pipe behind them has ended.
    expect(deaf()).toHaveLength(1);
  }, 30_000);
  const began = performance.now();
  run.child.kill('SIGTERM');
  expect((await run.ended).exit).toBe(EXIT.interrupted);
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(deaf()).toEqual([]);
  expect(abortedUploads()).toEqual(begunUploads());
  expect(filesIn(local())).toEqual(['.hypdr-folder']);
  // Nobody holds the lock: the same run goes on.
  writeFileSync(path.join(tools, 'tar'), `#!/bin/sh\nexec ${systemProgram('tar')} "$@"\n`);
  const again = await startRunner(program, host, ['backup', '--task', task]).ended;
  expect([again.exit, again.stderr]).toEqual([EXIT.success, expect.stringContaining('"backup_stored"')]);
}, 120_000);
