import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import type { ContainerClient } from '@azure/storage-blob';
import type { JsonObject, StackJson } from '../../../lib/terraform/stack-json';
import { valueAt } from '../../../lib/terraform/stack-json';
import { addAzureTaskStacks } from '../../../stacks/azure';
import { flowOf, runFlow } from '../../azure/flow';
import type { Answer, Requested } from '../../azure/flow';
import { planOf, spec } from '../../plan/support';
import { startAzurite } from '../../servers/azurite';
import type { AzuriteServer } from '../../servers/azurite';
import { synthStack } from '../../terraform/synth-stack';
import { makeSource } from './file-task';
import { bundleRunner } from './program-run';

/**
 * From a spec to its backup on Azure: the jobs, manifests and arguments of the synthesized stack, its Logic Apps
 * interpreted, and the bundled runner beside a real server in the place of each container. The set of files stands in
 * for a database: it is what a container without a server can read.
 */
jest.setTimeout(120_000);

let folder: string;
let program: string;
let azurite: AzuriteServer;
let docs: ContainerClient;
let stack: StackJson;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-azure-'));
  program = bundleRunner(folder);
  mkdirSync(path.join(folder, 'state'));
  azurite = await startAzurite();

  const source = makeSource(path.join(folder, 'source'));
  const plan = planOf(
    spec({
      filesystem: `docs: { paths: ["${source}"] storage: { azure: { storage_account: "${azurite.account}" container: "docs" path: "docs/" lifecycle: { tier_to_archive: 2 } } } validation: { frequency: "weekly" test_restore: true } }`,
      deployment: 'tasks: { docs: { host: "container" } }',
    }),
  );
  const [shard] = plan.azureTasks.shards;
  if (!shard) throw new Error('no tasks on Azure');
  const runner = { file: program, sha256: '0'.repeat(64) };
  stack = synthStack(shard.name, (app) => addAzureTaskStacks(app, { plan, runner })).template;

  const service = BlobServiceClient.fromConnectionString(azurite.connectionString());
  docs = service.getContainerClient('docs');
  await docs.create();
  await service.getContainerClient('hypdr-tasks').create();
  for (const { name, source_content: content } of bodies('azurerm_storage_blob')) {
    const text = String(content).replace(/([$%])\1\{/g, '$1{');
    await service
      .getContainerClient('hypdr-tasks')
      .getBlockBlobClient(String(name))
      .upload(text, Buffer.byteLength(text));
  }
});

afterAll(async () => {
  await azurite.stop();
  rmSync(folder, { recursive: true, force: true });
});

function bodies(type: string): readonly JsonObject[] {
  return Object.values(stack.resource?.[type] ?? {});
}

function jobArgs(resource: string): readonly string[] {
  const job = stack.resource?.azurerm_container_app_job?.[resource] ?? {};
  return valueAt(job, 'template.container.args') as readonly string[];
}

interface Container {
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A container to its end: what it is given of Azure's identities is of no use here. */
function contain({ args, environment = {} }: Container): { readonly code: number; readonly stdout: string } {
  const { status, stdout } = spawnSync(process.execPath, [program, ...args], {
    env: {
      PATH: process.env.PATH,
      HYPDR_STATE: path.join(folder, 'state'),
      ...azurite.environment,
      ...environment,
    },
    encoding: 'utf8',
  });
  return { code: status ?? 137, stdout };
}

type Around = (args: readonly string[], tries: number) => Readonly<Record<string, string>>;

/** One run of a Logic App, and how each container in it ended. */
function execute(name: string, started: string, around: Around = () => ({})) {
  const ran: (readonly [command: string, code: number])[] = [];
  const ask = ({ method, uri, body }: Requested): Answer => {
    if (method === 'GET') {
      const [, code] = ran[Number(/executions\/run-(\d+)\?/.exec(uri)?.[1])] ?? ['', 137];
      const detailedStatus = { replicas: [{ containers: [{ name: 'runner', code }] }] };
      return { ok: true, body: { properties: { status: code === 0 ? 'Succeeded' : 'Failed', detailedStatus } } };
    }
    const [, job = ''] = /azurerm_container_app_job\.(\w+)\.id/.exec(uri) ?? [];
    const own = valueAt((body ?? {}) as JsonObject, 'containers.args') as readonly string[] | undefined;
    const args = own ?? jobArgs(job);
    const { code } = contain({ args, environment: around(args, ran.length) });
    ran.push([args[0] ?? '', code]);
    return { ok: true, body: { name: `run-${ran.length - 1}` } };
  };
  const { status, error } = runFlow(flowOf(stack, name), { started, ask });
  return { status, told: error?.code, ran: ran.map((one) => one.join(' ')) };
}

/** What the prober's job says, as its schedule starts it. */
function overdue(): unknown {
  const [prober = ''] = Object.keys(stack.resource?.azurerm_container_app_job ?? {}).filter((id) => /prober/.test(id));
  const lines = contain({ args: jobArgs(prober) })
    .stdout.split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { event: string; metrics: unknown });
  return lines.find(({ event }) => event === 'backup_overdue')?.metrics;
}

/** What a policy does by age: all that is stored lies in an archive, but the ledger. */
async function archiveAll(): Promise<void> {
  for await (const { name } of docs.listBlobsFlat({ prefix: 'docs/' }))
    await docs.getBlobClient(name).setAccessTier('Archive');
}

/** All that a run stored but its manifest, cut to a byte. */
const cutNewest = () => changeNewest(`await newest.upload('x', 1);`);

/** A bit of what the newest run stored is another one; done twice it is as before. */
const decayNewest = () =>
  changeNewest(`
      const bytes = await newest.downloadToBuffer();
      bytes[bytes.length >> 1] ^= 1;
      await newest.upload(bytes, bytes.length);`);

/** In a process of its own, since a flow waits for nobody here. */
function changeNewest(how: string): void {
  const script = `
    const { BlobServiceClient } = require('@azure/storage-blob');
    const docs = BlobServiceClient.fromConnectionString(process.env.AZURE_STORAGE_CONNECTION_STRING).getContainerClient('docs');
    (async () => {
      const names = [];
      for await (const { name } of docs.listBlobsFlat({ prefix: 'docs/' })) if (!name.endsWith('.json')) names.push(name);
      const newest = docs.getBlockBlobClient(names.sort().at(-1));
      ${how}
    })();`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', script], {
    env: { PATH: process.env.PATH, ...azurite.environment },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

test('a night: nothing is verified, then a full is stored and verified, and the prober sees it', async () => {
  expect(overdue()).toEqual({ BackupOverdueSeconds: 86_400 });
  const now = minutesAgo(10);
  expect(execute('docs-full', now)).toEqual({ status: 'Succeeded', ran: ['backup 0', 'verify 0'] });
  const names: string[] = [];
  for await (const { name } of docs.listBlobsFlat()) names.push(name);
  expect(names.filter((name) => name.startsWith('_verified/docs/docs/'))).toHaveLength(1);
  expect(names.filter((name) => /^docs\/\d{8}T\d{6}Z-full\.manifest\.json$/.test(name))).toHaveLength(1);
  expect(overdue()).toEqual({ BackupOverdueSeconds: 0 });

  expect(execute('docs-full', now)).toEqual({ status: 'Failed', told: 'Overlap', ran: ['backup 5', 'verify 0'] });
});

test('a service that is away for the first try: the same slot again, and it is stored', () => {
  const away = azurite.connectionString(9);
  const result = execute('docs-full', minutesAgo(5), (_, tries) =>
    Object.fromEntries(tries === 0 ? [['AZURE_STORAGE_CONNECTION_STRING', away]] : []),
  );
  expect(result).toEqual({ status: 'Succeeded', ran: ['backup 75', 'backup 0', 'verify 0'] });
});

test('pruning keeps the only chain there is', () => {
  expect(execute('docs-prune', '2026-12-01T03:00:00Z')).toEqual({ status: 'Succeeded', ran: ['prune 0'] });
});

test('a full re-read finds what decayed since it was verified, and somebody is told', () => {
  const now = minutesAgo(0);
  expect(execute('docs-verify', now)).toEqual({ status: 'Succeeded', ran: ['verify 0'] });
  decayNewest();
  // Sizes and names are as they were: what a run's own verification looks at tells nothing.
  const [verifier = ''] = Object.keys(stack.resource?.azurerm_container_app_job ?? {}).filter((id) =>
    /verifier/.test(id),
  );
  expect(contain({ args: jobArgs(verifier) }).code).toBe(0);
  expect(execute('docs-verify', now)).toEqual({ status: 'Failed', told: 'Failed', ran: ['verify 4'] });
  decayNewest();
  expect(execute('docs-verify', now).ran).toEqual(['verify 0']);
});

test('what lies in an archive is asked for by one job, waited for, and restored by another', async () => {
  await archiveAll();
  // The key of the vault is played by a file.
  const key = path.join(folder, 'record-key.pem');
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const around = () => ({ HYPDR_RECORD_KEY: key });
  const ran = ['thaw 75', 'thaw 0', 'test-restore 0'];
  expect(execute('docs-test-restore', minutesAgo(0), around)).toEqual({ status: 'Succeeded', ran });
  const records: string[] = [];
  for await (const { name } of docs.listBlobsFlat({ prefix: '_records/docs/' })) records.push(name);
  expect(records).toHaveLength(1);
});

test('what was cut before the verifier looked is damaged, and somebody is told', () => {
  const { status, told, ran } = execute('docs-full', minutesAgo(1), ([command]) => {
    if (command === 'verify') cutNewest();
    return {};
  });
  expect([status, told, ran]).toEqual(['Failed', 'Failed', ['backup 0', 'verify 4']]);
});

test('a container that is not there is nothing to wait for: it ends at once, and the flow has failed', async () => {
  await docs.delete();
  const { status, told, ran } = execute('docs-full', '2027-01-03T22:00:00Z');
  expect([status, told, ran[0]]).toEqual(['Failed', 'Failed', 'backup 78']);
});
