import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TaskManifest } from '../../../lib/contract';
import { INPUT, execute } from '../../aws/state-machine';
import type { Container, Execution } from '../../aws/state-machine';
import { createBucket } from '../../servers/s3';
import { startMinio } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { fileTask, makeSource } from './file-task';
import { bundleRunner, startRunner, writeTask } from './program-run';
import type { Host } from './program-run';

/** The state machine of AWS, interpreted, with the bundled runner against real stores in its task states. */
jest.setTimeout(120_000);

let folder: string;
let program: string;
let minio: MinioServer;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-machine-'));
  program = bundleRunner(folder);
  minio = await startMinio();
  await createBucket(minio, 'machine', 'versioned');
});

afterAll(async () => {
  await minio.stop();
  rmSync(folder, { recursive: true, force: true });
});

const store = (id: string, bucket: string): TaskManifest['stores'][number] => ({
  ...{ id, from: [], store: id, cloud: 'aws', region: 'us-east-1' },
  bucket,
  path: `${id}/`,
});

interface World {
  readonly task: TaskManifest;
  readonly host: Host;
  /** Runs between the container's end and the next state. */
  readonly after?: (container: Container) => Promise<void> | void;
  readonly environment?: Readonly<Record<string, string>>;
  readonly scheduled?: string;
}

async function run(
  { task, host, after, environment = {}, scheduled = INPUT.scheduled }: World,
  command: 'backup' | 'verify' = 'backup',
): Promise<Execution> {
  const manifest = writeTask(host, task);
  const container = async (one: Container) => {
    // The names of connections are in the secret store of the cloud; a file set has none.
    const { ended } = startRunner(program, host, one.command, { environment });
    const { exit } = await ended;
    await after?.(one);
    return exit ?? 137;
  };
  const input = { ...inputOf(task, manifest), scheduled };
  return execute({ container }, command === 'verify' ? { ...input, command, type: '' } : input);
}

function inputOf({ name }: TaskManifest, manifest: string) {
  const verify = ['verify', '--quick', '--task', manifest];
  const fullRead = ['verify', '--full', '--task', manifest];
  return { ...INPUT, task: name, manifest, verify, fullRead, prune: ['prune', '--task', manifest] };
}

function world(name: string, bucket = 'machine'): World {
  const own = path.join(folder, name);
  const state = path.join(own, 'state');
  mkdirSync(state, { recursive: true });
  const source = makeSource(path.join(own, 'source'));
  const task = fileTask(name, source, { stores: [store(name, bucket)], local: null });
  return { task, host: { folder: own, state, environment: minio.environment } };
}

const outcome = ({ status, metrics }: Execution) => [status, ...metrics];

test('success: stored, and verified by the ledger', async () => {
  expect(outcome(await run(world('good')))).toEqual(['succeeded', 'good success']);
});

test('degraded: one of two stores is not there for the backup, and back for its verification', async () => {
  const { task, host } = world('partly');
  const stores = [...task.stores, store('back', 'back-again')];
  const after = async ({ command }: Container) => {
    if (command[0] === 'backup') await createBucket(minio, 'back-again', 'versioned');
  };
  const made = await run({ host, task: { ...task, stores }, after });
  expect(outcome(made)).toEqual(['succeeded', 'partly degraded']);
  expect(made.containers.map(({ command }) => command[0])).toEqual(['backup', 'verify']);
  expect(made.messages.map((one) => one.subject)).toEqual(['Backup of partly: degraded']);
});

test('one of two stores is not there for both: nobody takes it for a good one', async () => {
  const { task, host } = world('half');
  const stores = [...task.stores, store('other', 'no-such-bucket')];
  const { containers, metrics } = await run({ host, task: { ...task, stores } });
  // The verifier misses the store too.
  expect(containers.map(({ command }) => command[0])).toEqual(['backup', 'verify', 'verify', 'verify']);
  expect(metrics).toEqual(['half failed']);
});

test('permanent: the bucket is not there, and nothing is tried again', async () => {
  const { status, containers, messages } = await run(world('gone', 'no-such-bucket'));
  expect([status, containers.length]).toEqual(['failed', 1]);
  expect(messages.map((one) => one.subject)).toEqual(['Backup of gone: failed']);
});

test('retryable: the source of credentials is away for the first try', async () => {
  const { task, host } = world('again');
  let tries = 0;
  const away = { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' };
  const manifest = writeTask(host, task);
  const container = async (one: Container) => {
    tries += 1;
    const { ended } = startRunner(program, host, one.command, { environment: tries === 1 ? away : {} });
    return (await ended).exit ?? 137;
  };
  const made = await execute({ container }, inputOf(task, manifest));
  expect([...outcome(made), made.containers.map(({ command }) => command[0]).join(' ')]).toEqual([
    'succeeded',
    'again success',
    'backup backup verify',
  ]);
});

test('overlap: the slot was published by another execution', async () => {
  const twice = world('twice');
  await run(twice);
  const { status, metrics } = await run(twice);
  expect([status, metrics]).toEqual(['failed', ['twice overlap']]);
});

test('verification fails: what was stored is cut before the verifier looks', async () => {
  const { task, host } = world('cut');
  const local = path.join(host.folder, 'local');
  const cut = ({ command }: Container) => {
    if (command[0] === 'backup') truncateSync(segmentIn(local), 10);
  };
  const made = await run({ host, task: { ...task, local: { id: 'local', from: [], path: local } }, after: cut });
  expect([...outcome(made), made.messages.map((one) => one.subject).join()]).toEqual([
    'failed',
    'cut damaged',
    'Backup of cut: damaged',
  ]);
});

/** The one segment of the one backup in a folder. */
function segmentIn(local: string): string {
  const [run = ''] = readdirSync(local).filter((name) => /-full-[0-9a-f]{16}$/.test(name));
  const [segment = ''] = readdirSync(path.join(local, run));
  return path.join(local, run, segment);
}

test('a full re-read: what is as it was stored, and what decayed under the same name and size', async () => {
  const one = world('decayed');
  const local = path.join(one.host.folder, 'local');
  // The runner of the container has the clock of this machine: a backup of minutes ago is not stale.
  const scheduled = `${new Date(Date.now() - 300_000).toISOString().slice(0, 16)}:00Z`;
  const decayed = { ...one, scheduled, task: { ...one.task, local: { id: 'local', from: [], path: local } } };
  expect(outcome(await run(decayed))).toEqual(['succeeded', 'decayed success']);
  const sound = await run(decayed, 'verify');
  expect([...outcome(sound), sound.messages]).toEqual(['succeeded', 'decayed success', []]);
  expect(sound.containers.map(({ role, command }) => `${role} ${command.slice(0, 2).join(' ')}`)).toEqual([
    'role/verifier verify --full',
  ]);

  const segment = segmentIn(local);
  const bytes = readFileSync(segment);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  chmodSync(segment, 0o600);
  writeFileSync(segment, bytes);
  const made = await run(decayed, 'verify');
  expect([...outcome(made), made.containers.length, made.messages.map((told) => told.subject).join()]).toEqual([
    ...['failed', 'decayed damaged', 1, 'Backup of decayed: damaged'],
  ]);
});
