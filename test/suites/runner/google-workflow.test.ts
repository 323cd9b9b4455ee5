import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Storage } from '@google-cloud/storage';
import { renderTaskMachine } from '../../../lib/google/task-machine';
import type { JsonObject, StackJson } from '../../../lib/terraform/stack-json';
import { valueAt } from '../../../lib/terraform/stack-json';
import { addGoogleTaskStacks } from '../../../stacks/google';
import { Raised, runWorkflowSlowly } from '../../google/workflow-interpreter';
import { planOf, spec } from '../../plan/support';
import { startFakeGcs } from '../../servers/fake-gcs';
import type { FakeGcsServer } from '../../servers/fake-gcs';
import { synthStack } from '../../terraform/synth-stack';
import { makeSource } from './file-task';
import { bundleRunner, startRunner } from './program-run';
import type { Host } from './program-run';

/**
 * From a spec to its backup on Google: the jobs, manifests and arguments of the synthesized stack, the workflow
 * interpreted, and the bundled runner beside a real server in the place of each container. The set of files stands in
 * for a database: it is what a container without a server can read.
 */
jest.setTimeout(120_000);

const CONFIG = 'acme-config';
let folder: string;
let program: string;
let gcs: FakeGcsServer;
let storage: Storage;
let stack: StackJson;
let host: Host;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-google-'));
  program = bundleRunner(folder);
  gcs = await startFakeGcs();
  storage = new Storage({ apiEndpoint: gcs.endpoint, projectId: 'p' });
  const state = path.join(folder, 'state');
  mkdirSync(state);
  // A file stands in for the key of KMS, whose name the job's own environment says.
  const key = path.join(folder, 'record.pem');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  host = { folder, state, environment: { ...gcs.environment, HYPDR_RECORD_KEY: key } };

  const source = makeSource(path.join(folder, 'source'));
  const plan = planOf(
    spec({
      filesystem: `docs: { paths: ["${source}"] storage: { gcs: { bucket: "acme-docs" location: "europe-west3" path: "docs/" } } validation: { test_restore: true } }`,
      deployment: 'tasks: { docs: { host: "container" } }',
    }),
  );
  const [shard] = plan.googleTasks.shards;
  if (!shard) throw new Error('no tasks on Google');
  const { text } = synthStack(shard.name, (app) => addGoogleTaskStacks(app, plan));
  // What Terraform fills in.
  const { configBucket } = shard;
  stack = JSON.parse(text.replaceAll(`${configBucket}-\${data.google_project.project.number}`, CONFIG)) as StackJson;
  await storage.createBucket(CONFIG);
  await storage.createBucket('acme-docs');
  for (const { name, content } of bodies('google_storage_bucket_object')) {
    await storage
      .bucket(CONFIG)
      .file(String(name))
      .save(String(content).replace(/([$%])\1\{/g, '$1{'));
  }
});

afterAll(async () => {
  await gcs.stop();
  rmSync(folder, { recursive: true, force: true });
});

function bodies(type: string): readonly JsonObject[] {
  return Object.values(stack.resource?.[type] ?? {});
}

function argsOf(job: string): readonly string[] {
  const found = bodies('google_cloud_run_v2_job').find((one) => one.name === job);
  return valueAt(found ?? {}, 'template.template.containers.args') as readonly string[];
}

/** What the scheduler hands to the workflow for a command. */
function argumentOf(end: string): Readonly<Record<string, unknown>> {
  const job = bodies('google_cloud_scheduler_job').find((one) => String(one.name).endsWith(end));
  const body = Buffer.from(String(valueAt(job ?? {}, 'http_target.body')), 'base64').toString();
  return JSON.parse((JSON.parse(body) as { argument: string }).argument) as Readonly<Record<string, unknown>>;
}

interface Executed {
  readonly outcome: unknown;
  readonly failed: boolean;
  readonly ran: readonly string[];
}

/** An execution of the workflow that was started at a time, with what every container printed thrown away. */
async function execute(argument: Readonly<Record<string, unknown>>, at: string): Promise<Executed> {
  const ends = new Map<string, number>();
  const ran: string[] = [];
  let outcome: unknown;
  const post = async ({ url, body }: Readonly<Record<string, unknown>>) => {
    const job = /\/jobs\/([^/]+):run$/.exec(String(url))?.[1] ?? '';
    const overrides = valueAt(body as JsonObject, 'overrides.containerOverrides.args') as readonly string[] | undefined;
    const args = overrides ?? argsOf(job);
    const { exit } = await startRunner(program, host, args).ended;
    ran.push(`${args[0]} ${exit}`);
    const name = `projects/p/locations/l/jobs/${job}/executions/${ran.length}`;
    ends.set(name, exit ?? 137);
    return { body: { metadata: { name } } };
  };
  const get = ({ url }: Readonly<Record<string, unknown>>) => {
    const name = String(url).slice('https://run.googleapis.com/v2/'.length);
    const exitCode = ends.get(name.replace(/\/tasks$/, ''));
    if (!name.endsWith('/tasks')) return { body: { completionTime: at, succeededCount: exitCode === 0 ? 1 : 0 } };
    return { body: { tasks: [{ lastAttemptResult: exitCode === 0 ? {} : { exitCode } }] } };
  };
  const seconds = Date.parse(at) / 1000;
  const world = {
    calls: {
      'http.post': post,
      'http.get': get,
      'sys.sleep': () => undefined,
      'sys.log': ({ json }: Readonly<Record<string, unknown>>) => void ({ outcome } = json as { outcome: unknown }),
    },
    functions: {
      'sys.now': () => seconds,
      'sys.get_env': (name: unknown) => (name === 'CONFIG_BUCKET' ? CONFIG : 'p'),
      int: (from: unknown) => Math.trunc(Number(from)),
      if: (condition: unknown, yes: unknown, no: unknown) => (condition === true ? yes : no),
      default: (given: unknown, otherwise: unknown) => given ?? otherwise,
      'map.get': (map: unknown, key: unknown) => (map as Readonly<Record<string, unknown>>)[String(key)] ?? null,
      'json.encode_to_string': (given: unknown) => JSON.stringify(given),
      'text.substring': (text: unknown, start: unknown, end: unknown) => String(text).slice(Number(start), Number(end)),
      'time.format': (time: unknown) => new Date(Number(time) * 1000).toISOString().replace('Z', '000Z'),
    },
  };
  try {
    await runWorkflowSlowly(renderTaskMachine(), argument, world);
    return { outcome, failed: false, ran };
  } catch (error) {
    if (!(error instanceof Raised)) throw error;
    return { outcome, failed: true, ran };
  }
}

/** What the prober's job says, as its schedule starts it. */
async function overdue(): Promise<unknown> {
  const prober = bodies('google_cloud_run_v2_job').find((one) => String(one.name).endsWith('-prober'));
  const { stdout } = await startRunner(program, host, argsOf(String(prober?.name))).ended;
  const lines = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { event: string; metrics: unknown });
  return lines.find(({ event }) => event === 'backup_overdue')?.metrics;
}

test('a night: nothing is verified, then a full is stored and verified, and the prober sees it', async () => {
  expect(await overdue()).toEqual({ BackupOverdueSeconds: 86_400 });
  const now = new Date(Date.now() - 60_000).toISOString();
  expect(await execute(argumentOf('-full'), now)).toEqual({
    outcome: 'success',
    failed: false,
    ran: ['backup 0', 'verify 0'],
  });
  const [files] = await storage.bucket('acme-docs').getFiles();
  const names = files.map(({ name }) => name);
  expect(names.filter((name) => name.startsWith('_verified/docs/docs/'))).toHaveLength(1);
  expect(names.filter((name) => /^docs\/\d{8}T\d{6}Z-full\.manifest\.json$/.test(name))).toHaveLength(1);
  expect(await overdue()).toEqual({ BackupOverdueSeconds: 0 });

  const again = await execute(argumentOf('-full'), now);
  expect(again).toEqual({ outcome: 'overlap', failed: false, ran: ['backup 5'] });
});

test('pruning keeps the only chain there is', async () => {
  const { outcome, ran } = await execute(argumentOf('-prune'), '2026-12-01T03:00:00Z');
  expect([outcome, ran]).toEqual(['success', ['prune 0']]);
});

test('a test restore reads what is stored, and keeps a signed record', async () => {
  const now = new Date().toISOString();
  const restored = await execute(argumentOf('-test-restore'), now);
  expect(restored).toEqual({ outcome: 'success', failed: false, ran: ['test-restore 0'] });
  const [records] = await storage.bucket('acme-docs').getFiles({ prefix: '_records/docs/' });
  expect(records.map(({ name }) => name.replace(/-[0-9a-f]+\.json$/, ''))).toEqual([
    expect.stringMatching(/^_records\/docs\/\d{8}T\d{6}Z-test-restore$/),
  ]);
});

test('a full re-read that finds damage has failed, and so has a test restore', async () => {
  const now = new Date().toISOString();
  expect(await execute(argumentOf('-verify'), now)).toEqual({ outcome: 'success', failed: false, ran: ['verify 0'] });
  const [files] = await storage.bucket('acme-docs').getFiles({ prefix: 'docs/' });
  const [manifest] = files.filter(({ name }) => name.endsWith('.manifest.json'));
  const [text = ''] = (await manifest?.download()) ?? [];
  // The attempt that came second left data too, which no backup needs.
  const { attempt } = JSON.parse(text.toString()) as { attempt: string };
  const [data] = files.filter(({ name }) => name.includes(`-${attempt}/`));
  if (!data) throw new Error('nothing is stored');
  // Other bytes are another generation there: what was verified is gone.
  await data.save(Buffer.alloc(461));
  const { outcome, failed, ran } = await execute(argumentOf('-verify'), now);
  expect([outcome, failed, ran]).toEqual(['damaged', true, ['verify 4']]);
  const restored = await execute(argumentOf('-test-restore'), now);
  expect(restored).toEqual({ outcome: 'damaged', failed: true, ran: ['test-restore 4'] });
});

test('a bucket that is not there is nothing to wait for: it ends at once, and the execution has failed', async () => {
  await storage.bucket('acme-docs').deleteFiles({ force: true, versions: true });
  await storage.bucket('acme-docs').delete();
  const { outcome, failed, ran } = await execute(argumentOf('-full'), '2027-01-03T22:00:00Z');
  expect([outcome, failed, ran]).toEqual(['failed', true, ['backup 78']]);
});
