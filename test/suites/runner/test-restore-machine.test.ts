import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { RestoreRecord, TaskManifest } from '../../../lib/contract';
import { TEST_RESTORE_INPUT, execute } from '../../aws/state-machine';
import type { Container, Execution } from '../../aws/state-machine';
import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import { databaseTask } from './database-task';
import { bundleRunner, runHere, startRunner } from './program-run';
import { damage, expectNothing, openFolder, processesIn, take, testHost } from './test-restore-host';
import type { TestHost } from './test-restore-host';

/**
 * The state machine of AWS, interpreted, with the bundled runner in its task states: a real backup of PostgreSQL is
 * restored into a server that the runner starts, as the start of a schedule asks for it.
 */
jest.setTimeout(180_000);

let source: PostgresServer;
let folder: string;
let program: string;

beforeAll(async () => {
  folder = openFolder('test-restore-machine');
  program = bundleRunner(folder);
  source = await startPostgres();
  await source.sql('CREATE DATABASE shop');
  await source.sql('CREATE TABLE orders AS SELECT generate_series(1, 1000) AS id', 'shop');
}, 180_000);

afterAll(async () => {
  await source.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A host with a backup of the database, verified. @param queries - asked of a test restore */
async function world(name: string, queries: readonly string[] = []): Promise<TestHost> {
  const one = hostOf(name, queries);
  await take(one);
  return one;
}

function hostOf(name: string, queries: readonly string[] = []): TestHost {
  const local = { id: 'local', from: [], path: path.join(folder, name, 'local') };
  const validation: TaskManifest['validation'] = {
    ...{ id: 'v', from: [], checksum: true, cadence: { kind: 'weekly' }, queries },
  };
  return testHost(folder, name, databaseTask('postgresql', 'shop', { local, validation }), source.environment);
}

interface Ends {
  /** Ends a container by a signal once it has a server. @default - none */
  readonly kill?: (container: Container, index: number) => boolean;
}

/** Starts an execution as the schedule of a test restore does. */
async function run({ host, file, key }: TestHost, { kill }: Ends = {}): Promise<Execution> {
  let index = 0;
  const container = async (one: Container) => {
    const killed = kill?.(one, index) ?? false;
    index += 1;
    // The key of the cloud is played by a file.
    const { child, ended } = startRunner(program, host, one.command, { environment: { HYPDR_RECORD_KEY: key } });
    if (killed) {
      while (processesIn(path.join(host.state, 'test-restore')).length === 0) await new Promise(setImmediate);
      child.kill('SIGKILL');
    }
    return (await ended).exit ?? 137;
  };
  const testRestore = ['test-restore', '--task', file, '--metrics', 'emf', '--store', 'local'];
  return execute({ container }, { ...TEST_RESTORE_INPUT, task: 'shop', manifest: file, testRestore });
}

/** The records that lie beside the backups; who signed them is another test's. */
function recordsOf({ host }: TestHost): readonly RestoreRecord[] {
  const records = path.join(host.folder, 'local', '_records', 'shop');
  if (!existsSync(records)) return [];
  return readdirSync(records)
    .sort()
    .map((name) => JSON.parse(readFileSync(path.join(records, name), 'utf8')) as { payload: string })
    .map(({ payload }) => JSON.parse(Buffer.from(payload, 'base64').toString()) as RestoreRecord);
}

const told = ({ status, metrics, messages, containers }: Execution) => ({
  status,
  metrics,
  messages: messages.map(({ subject }) => subject),
  roles: containers.map(({ role }) => role),
});
const FAILED = {
  status: 'failed',
  metrics: ['shop damaged'],
  messages: ['Backup of shop: damaged'],
  roles: ['role/restorer'],
};

test('a good backup is restored, answers its queries, and leaves a record and nothing else', async () => {
  const one = await world('green', ['SELECT count(*) = 1000 FROM orders']);
  expect(told(await run(one))).toEqual({
    ...{ status: 'succeeded', metrics: ['shop success'], messages: [], roles: ['role/restorer'] },
  });
  expect(recordsOf(one)).toEqual([expect.objectContaining({ result: 'passed', kind: 'test-restore', store: 'local' })]);
  expectNothing(one.host);
});

test('a stale backup is told as damage, and recorded', async () => {
  const one = hostOf('stale');
  // The container has the clock of this machine.
  const now = () => new Date(Date.now() - 60 * 86_400_000);
  for (const words of [
    ['backup', '--type', 'full'],
    ['verify', '--quick'],
  ]) {
    const { exit, stderr } = await runHere(one.host, [...words, '--task', one.file], { now });
    expect([exit, stderr]).toEqual([0, '']);
  }
  expect(told(await run(one))).toEqual(FAILED);
  expect(recordsOf(one)).toEqual([
    expect.objectContaining({ result: 'failed', why: expect.stringMatching(/^stale: /) as string }),
  ]);
  expectNothing(one.host);
});

test('a damaged backup is told as damage at once, and is not tried again', async () => {
  const one = await world('damaged');
  damage(path.join(one.host.folder, 'local'));
  expect(told(await run(one))).toEqual(FAILED);
  expect(recordsOf(one)).toEqual([expect.objectContaining({ result: 'failed' })]);
  expectNothing(one.host);
});

test('a query that answers no is told as damage', async () => {
  const one = await world('wrong', ['SELECT count(*) > 1000 FROM orders']);
  expect(told(await run(one))).toEqual(FAILED);
  expect(recordsOf(one)[0]?.checks).toContainEqual(expect.objectContaining({ kind: 'query', result: 'failed' }));
  expectNothing(one.host);
});

test('a container that was killed is told, and what it left is removed by the next one', async () => {
  const one = await world('killed');
  expect(told(await run(one, { kill: () => true }))).toMatchObject({ status: 'failed', metrics: ['shop failed'] });
  expect(readdirSync(path.join(one.host.state, 'test-restore'))).not.toEqual([]);
  expect(told(await run(one))).toMatchObject({ status: 'succeeded', metrics: ['shop success'] });
  expectNothing(one.host);
});
