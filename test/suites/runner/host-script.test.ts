import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GetObjectCommand, ListObjectsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { renderHostDocument } from '../../../lib/aws/host-document';
import { renderHostWriter } from '../../../lib/aws/host-rights';
import type { HostWriterProps } from '../../../lib/aws/host-rights';
import type { TaskManifest } from '../../../lib/contract';
import type { NodeRelease } from '../../../lib/hosts';
import { EXIT } from '../../../lib/runner/exit-code';
import { HOST_INPUT, execute } from '../../aws/state-machine';
import type { Container, HostCommand } from '../../aws/state-machine';
import { startMinio, withPolicy } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { REGION, createBucket, s3Client, s3Environment } from '../../servers/s3';
import type { S3Credentials } from '../../servers/s3';
import { fileTask, makeSource, slotAt } from './file-task';
import { runDocument } from './host-agent';
import type { HostDocument, HostRan } from './host-agent';
import { startNodeSite } from './node-site';
import type { NodeSite } from './node-site';
import { bundleRunner, startRunner } from './program-run';

/**
 * The document that a deployment makes, executed as the agent would: bash, empty folders, Node from a server of this
 * machine, the bundled runner from a bucket, under the rights of a host.
 */
jest.setTimeout(180_000);

const [ASSETS, BUCKET] = ['assets', 'hosts'];
const PREFIX = 'configuration/';

let folder: string;
let minio: MinioServer;
let site: NodeSite;
let downloads: string[];
let release: NodeRelease;
let archive: string;
let runner: { readonly file: string; readonly key: string; readonly sha256: string };
let rights: S3Credentials;
/** Of a host whose folder `max_size` bounds. */
let boundedRights: S3Credentials;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-host-'));
  minio = await startMinio();
  await createBucket(minio, ASSETS);
  await createBucket(minio, BUCKET, 'versioned');
  const file = bundleRunner(folder);
  const sha256 = digest(readFileSync(file));
  runner = { file, sha256, key: `${sha256}.js` };
  await upload(runner.key, readFileSync(file));
  site = await startNodeSite(path.join(folder, 'site'));
  ({ release, archive, downloads } = site);
  rights = await withPolicy(minio, { Version: '2012-10-17', Statement: hostRights({ bounded: false }) });
  boundedRights = await withPolicy(minio, { Version: '2012-10-17', Statement: hostRights({ bounded: true }) });
});

afterAll(async () => {
  site.close();
  await minio.stop();
  rmSync(folder, { recursive: true, force: true });
});

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function releaseOf(sha256: string): NodeRelease {
  const one = { ...site.release.archives.x86_64, sha256 };
  return { version: site.release.version, archives: { x86_64: one, aarch64: one } };
}

/** As deployed, but for what MinIO's policies do not know: keys of KMS, and all actions but some. */
function hostRights(props: HostWriterProps): readonly object[] {
  const bucket = {
    bucketArn: `arn:aws:s3:::${BUCKET}`,
    region: REGION,
    key: { kind: 'key', arn: 'arn:aws:kms:us-east-1:111122223333:key/1' },
    prefixes: [PREFIX],
    ledgers: ['_verified/configuration/'],
    longestLockDays: 0,
  } as const;
  const statements = renderHostWriter([bucket], props).map(
    (one) => one.toStatementJson() as { Action?: string | string[] },
  );
  const assets = `arn:aws:s3:::${ASSETS}`;
  return [
    ...statements.filter(({ Action }) => Action && !JSON.stringify(Action).includes('kms:')),
    { Effect: 'Allow', Action: 's3:GetObject', Resource: `${assets}/*` },
    {
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: assets,
      Condition: { StringEquals: { 's3:prefix': `${runner.key}/` } },
    },
  ];
}

async function upload(Key: string, Body: Uint8Array | string): Promise<void> {
  const client = s3Client(minio);
  await client.send(new PutObjectCommand({ Bucket: ASSETS, Key, Body })).finally(() => {
    client.destroy();
  });
}

/** The agent lists what lies below the name before it gets it. */
async function fetch(url: string): Promise<Uint8Array> {
  const Key = path.basename(new URL(url).pathname);
  const client = s3Client(minio, rights);
  try {
    await client.send(new ListObjectsCommand({ Bucket: ASSETS, Prefix: `${Key}/` }));
    const { Body } = await client.send(new GetObjectCommand({ Bucket: ASSETS, Key }));
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  } finally {
    client.destroy();
  }
}

interface Machine {
  readonly root: string;
  readonly home: string;
  readonly state: string;
  readonly task: TaskManifest;
  readonly manifest: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** A host with nothing on it but a source. */
async function machine(name: string, changes: Partial<TaskManifest> = {}, acts = rights): Promise<Machine> {
  const root = path.join(folder, name);
  const [home, state] = [path.join(root, 'opt'), path.join(root, 'state')];
  const task = fileTask('configuration', makeSource(path.join(root, 'source')), {
    local: { id: 'local', from: [], path: path.join(root, 'local') },
    stores: [
      { id: 's', from: [], store: 's', cloud: 'aws', region: REGION, bucket: BUCKET, path: `${PREFIX}${name}/` },
    ],
    ...changes,
  });
  await upload(`${name}.json`, JSON.stringify(task));
  const own = { HYPDR_HOME: home, HYPDR_STATE: state, HOME: path.join(root, 'nobody'), AWS_SSM_INSTANCE_ID: 'i-1' };
  const environment = { ...s3Environment(minio.endpoint, acts), ...own };
  return { root, home, state, task, manifest: `s3://${ASSETS}/${name}.json`, environment };
}

const documentOf = (node = release) => renderHostDocument({ region: REGION, maxParallel: 1, node }) as HostDocument;

interface Asked {
  readonly run?: string;
  readonly slot?: string;
  readonly node?: NodeRelease;
  readonly runnerSha256?: string;
  readonly key?: string;
  /** Called when the script says that it waits. */
  readonly heard?: () => void;
}

function start(host: Machine, asked: Asked = {}): Promise<HostRan> {
  const { run = 'backup full', slot = slotAt(0), node, runnerSha256 = runner.sha256, key = runner.key } = asked;
  const heard = (text: string) => void (text.includes('waits') && asked.heard?.());
  const url = `https://s3.${REGION}.amazonaws.com/${ASSETS}/${key}`;
  const parameters = { run, slot, runnerSha256, runner: url, manifest: host.manifest };
  const values = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]]));
  const agent = { folder: path.join(host.root, 'agent'), environment: host.environment, fetch, heard };
  return runDocument(documentOf(node), values, agent);
}

const installedNode = ({ home }: Machine) =>
  readdirSync(path.join(home, 'node')).map((name) => path.join(home, 'node', name, 'bin/node'));
const leftovers = ({ home }: Machine) => readdirSync(home).filter((name) => name.startsWith('.'));

test('an empty host installs Node and the runner, takes a backup, and leaves nothing anywhere else', async () => {
  const host = await machine('empty');
  downloads.length = 0;
  const { code, said, stderr } = await start(host);
  expect([code, stderr.split('\n').filter((line) => line.startsWith('hypdr-host'))]).toEqual([EXIT.success, []]);
  expect(said.split('\n')[0]).toMatch(/^hypdr-host: backup full for 20270101T020000Z on /);
  expect(downloads).toEqual([`/${path.basename(archive)}`]);
  expect(readdirSync(host.home).sort()).toEqual(['download', 'node', 'runner']);
  const [node = ''] = installedNode(host);
  expect(readdirSync(path.join(node, '../..')).sort()).toEqual(['LICENSE', 'bin']);
  expect(digest(readFileSync(path.join(host.home, 'runner', runner.sha256, 'runner.js')))).toBe(runner.sha256);
  expect(readdirSync(host.root).sort()).toEqual(['agent', 'local', 'opt', 'source', 'state']);
});

test('a second run installs nothing, and follows the first by the state of the host', async () => {
  const host = await machine('second');
  await start(host);
  const before = installedNode(host).map((file) => statSync(file).ino);
  downloads.length = 0;
  const { code } = await start(host, { run: 'backup incremental', slot: slotAt(1) });
  expect([code, downloads, installedNode(host).map((file) => statSync(file).ino)]).toEqual([0, [], before]);
  const manifests = readdirSync(path.join(host.root, 'local')).filter((name) => name.endsWith('.manifest.json'));
  expect(manifests.sort()).toEqual([`${slotAt(0)}-full.manifest.json`, `${slotAt(1)}-incremental.manifest.json`]);
  expect(leftovers(host)).toEqual([]);
});

test('the metrics of a run are lines of the log by themselves', async () => {
  const { said } = await start(await machine('metrics'));
  const lines = said.split('\n').filter((line) => line.startsWith('{'));
  expect(lines.some((line) => '_aws' in (JSON.parse(line) as object))).toBe(true);
});

test('an archive of Node with another checksum is refused, and nothing of it stays', async () => {
  const host = await machine('wrong-node');
  const wrong = releaseOf('0'.repeat(64));
  const { code, stderr } = await start(host, { node: wrong });
  expect(code).toBe(EXIT.permanent);
  expect(stderr).toContain('is not what was published: its SHA-256 is');
  expect([
    readdirSync(path.join(host.home, 'node')),
    leftovers(host),
    existsSync(path.join(host.root, 'local')),
  ]).toEqual([[], [], false]);
});

test('a runner that is not the one that was deployed is never started', async () => {
  const host = await machine('wrong-runner');
  const { code, stderr } = await start(host, { runnerSha256: 'f'.repeat(64) });
  expect(code).toBe(EXIT.retry);
  expect(stderr).toContain('the runner that was delivered is not the one that was deployed');
  expect(readdirSync(path.join(host.home, 'runner'))).toEqual([]);
});

test('a runner that cannot be fetched is worth another try; one that is there already is used', async () => {
  const host = await machine('no-runner');
  const none = await start(host, { key: `${'a'.repeat(64)}.js` });
  expect([none.code, none.stderr]).toEqual([
    EXIT.retry,
    expect.stringContaining('the runner was not delivered: see what the step before this one said'),
  ]);
  expect((await start(host)).code).toBe(EXIT.success);
  expect((await start(host, { key: `${'a'.repeat(64)}.js`, slot: slotAt(1) })).code).toBe(EXIT.success);
});

test('a damaged runner is installed anew', async () => {
  const host = await machine('damaged');
  await start(host);
  const installed = path.join(host.home, 'runner', runner.sha256, 'runner.js');
  writeFileSync(installed, 'process.exit(0)');
  expect((await start(host, { slot: slotAt(1) })).code).toBe(EXIT.success);
  expect(digest(readFileSync(installed))).toBe(runner.sha256);
});

test('without a way out, Node comes from the folder for it; else another try may help', async () => {
  const host = await machine('offline');
  const { archives } = release;
  const nowhere = { url: `http://127.0.0.1:9/${path.basename(archive)}`, sha256: archives.x86_64.sha256 };
  const offline = { ...release, archives: { x86_64: nowhere, aarch64: nowhere } };
  const failed = await start(host, { node: offline });
  expect([failed.code, failed.stderr]).toEqual([
    EXIT.retry,
    expect.stringContaining('cannot download http://127.0.0.1:9/'),
  ]);
  copyFileSync(archive, path.join(host.home, 'download', path.basename(archive)));
  expect((await start(host, { node: offline })).code).toBe(EXIT.success);
});

test.each([
  ['a bucket that is not there', EXIT.permanent, { local: null, stores: 'no-such-bucket' }],
  ['a store that is not there beside the folder', EXIT.degraded, { stores: 'no-such-bucket' }],
])("the runner's exit code is the script's: %s ends with %i", async (name, code, { stores, ...changes }) => {
  const base = await machine(`exit-${code}`);
  const other = base.task.stores.map((one) => ({ ...one, bucket: stores }));
  const host = await machine(`exit-${code}`, { ...changes, stores: other });
  expect([name, (await start(host)).code]).toEqual([name, code]);
});

test('the same slot again is an overlap', async () => {
  const host = await machine('again');
  expect([(await start(host)).code, (await start(host)).code]).toEqual([EXIT.success, EXIT.overlap]);
});

describe('while another backup is under way on a host that takes one at once', () => {
  /** Whoever holds the place says so, and lets go when its input ends. */
  async function busy({ state }: Machine): Promise<() => void> {
    mkdirSync(path.join(state, 'locks'), { recursive: true });
    const args = [path.join(state, 'locks/run-1'), 'sh', '-c', 'echo held; cat'];
    const holder = spawn('flock', args, { stdio: ['pipe', 'pipe', 'ignore'] });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    return () => holder.stdin.end();
  }

  test('a later one says that it waits, and runs for its own slot when there is room', async () => {
    const host = await machine('waits');
    const letGo = await busy(host);
    const { code, said } = await start(host, { heard: letGo }).finally(letGo);
    expect(code).toBe(EXIT.success);
    expect(said.split('\n')[1]).toBe(
      'hypdr-host: 1 backups are under way on this host: this one waits, and keeps its slot',
    );
    expect(readdirSync(path.join(host.root, 'local'))).toContain(`${slotAt(0)}-full.manifest.json`);
  });

  test('the place is held for as long as the backup lasts', async () => {
    const hook = path.join(folder, 'hook.sh');
    const [begun, goOn] = [path.join(folder, 'begun'), path.join(folder, 'go-on')];
    for (const pipe of [begun, goOn]) execFileSync('mkfifo', [pipe]);
    writeFileSync(hook, `#!/bin/sh\necho begun > ${begun}\ncat ${goOn}\n`, { mode: 0o755 });
    const host = await machine('holds', { hooks: { before: hook } });
    const lock = path.join(host.state, 'locks/run-1');
    const isFree = () => spawnSync('flock', ['-n', lock, 'true']).status === 0;
    const running = start(host);
    const said = (await readFile(begun)).toString();
    const free = isFree();
    await writeFile(goOn, 'go on');
    const { code } = await running;
    expect([said, free, code, isFree()]).toEqual(['begun\n', false, EXIT.success, true]);
  });

  test('pruning and log backups do not wait', async () => {
    const host = await machine('hurries');
    const letGo = await busy(host);
    expect((await start(host, { run: 'prune' })).code).toBe(EXIT.success);
    // File sets have no logs: the runner says so at once.
    expect((await start(host, { run: 'backup log' })).said).not.toContain('waits');
    letGo();
  });
});

test('a parameter that is no word of a run never reaches the shell', async () => {
  const host = await machine('quotes');
  await expect(start(host, { run: "backup full'; touch /tmp/x; '" })).rejects.toThrow('run may not be');
  await expect(start({ ...host, manifest: 's3://assets/$(id).json' })).rejects.toThrow('manifest may not be');
});

describe('with the state machine around it', () => {
  async function night(host: Machine, changes: object = {}) {
    const containers: string[] = [];
    const hosts: HostRan[] = [];
    const store = ['--task', host.manifest, '--store', 's'];
    const input = {
      ...HOST_INPUT,
      manifest: host.manifest,
      verify: ['verify', '--quick', ...store],
      prune: ['prune', ...store],
      host: {
        ...HOST_INPUT.host,
        runner: `https://s3.${REGION}.amazonaws.com/${ASSETS}/${runner.key}`,
        runnerSha256: runner.sha256,
      },
      ...changes,
    };
    const container = async ({ command, environment }: Container) => {
      containers.push(command[0] ?? '');
      // Another identity on another machine: it has no folder and no state of the host.
      const elsewhere = { folder: host.root, state: path.join(host.root, 'container'), environment: minio.environment };
      const { ended } = startRunner(runner.file, elsewhere, command, { environment });
      return (await ended).exit ?? 137;
    };
    const command = async ({ Parameters }: HostCommand) => {
      const agent = { folder: path.join(host.root, 'agent'), environment: host.environment, fetch };
      hosts.push(await runDocument(documentOf(), Parameters, agent));
      return hosts;
    };
    const { status, metrics } = await execute({ container, hosts: command, polls: 2 }, input);
    return { status, metrics, containers, hosts };
  }
  const ledgerOf = (host: Machine) =>
    existsSync(path.join(host.root, 'local/_verified')) ? readdirSync(path.join(host.root, 'local/_verified')) : [];

  test('a backup of the host is verified in its store by a container, and is a success', async () => {
    const host = await machine('night');
    const { status, metrics, containers } = await night(host);
    expect([status, metrics, containers]).toEqual(['succeeded', ['configuration success'], ['verify']]);
    // The container can't reach the folder of the host.
    expect(ledgerOf(host)).toEqual([]);
  });

  test('pruning is done in the store by a container, and in the folder by the host, once it is verified there', async () => {
    const host = await machine('pruned');
    await night(host);
    const input = { command: 'prune', type: '', host: { ...HOST_INPUT.host, run: 'prune' } };
    const prune = {
      ...input,
      host: {
        ...input.host,
        runner: `https://s3.${REGION}.amazonaws.com/${ASSETS}/${runner.key}`,
        runnerSha256: runner.sha256,
      },
    };
    const { status, metrics, containers, hosts } = await night(host, prune);
    expect([status, metrics, containers]).toEqual(['succeeded', ['configuration success'], ['prune']]);
    expect(hosts[0]?.said).toContain('1 newly verified, 0 verified before, 0 findings');
    expect(ledgerOf(host)).toEqual(['configuration']);
  });

  describe('over its max_size', () => {
    // What is overdue keeps everything, and the script's runner has the clock of this machine: nights that are just past.
    const today = Math.floor((Date.now() - Date.UTC(2027, 0, 1, 2)) / 86_400_000);
    const [older, newer] = [slotAt(today - 3), slotAt(today - 2)];

    /** Two nights of fulls, each more than the half of what may lie there, and the pruning after them. */
    async function twoNights(name: string, acts: S3Credentials) {
      const local = { id: 'local', from: [], path: path.join(folder, name, 'local'), maxBytes: 400_000 };
      const host = await machine(name, { local }, acts);
      makeSource(path.join(host.root, 'source'), 300_000);
      for (const slot of [older, newer]) expect((await start(host, { slot })).code).toBe(EXIT.success);
      const store = ['--task', host.manifest, '--store', 's'];
      const elsewhere = { folder: host.root, state: path.join(host.root, 'container'), environment: minio.environment };
      expect((await startRunner(runner.file, elsewhere, ['verify', '--quick', ...store]).ended).exit).toBe(
        EXIT.success,
      );
      const ran = await start(host, { run: 'prune', slot: newer });
      const left = readdirSync(local.path).filter((one) => one.endsWith('.manifest.json'));
      return { ran, left: left.map((one) => one.replace('.manifest.json', '')).sort() };
    }

    test('the oldest goes from the folder once every store is seen to hold it', async () => {
      const { ran, left } = await twoNights('bounded', boundedRights);
      expect(ran.said).toContain(`removed       local  ${older}`);
      expect([ran.code, left]).toEqual([EXIT.success, [`${newer}-full`]]);
    });

    test('nothing goes for it where the host may not look', async () => {
      const { ran, left } = await twoNights('unseen', rights);
      expect(ran.code).not.toBe(EXIT.success);
      expect(`${ran.said}${ran.stderr}`).toContain('nothing goes for it');
      expect(left).toEqual([`${older}-full`, `${newer}-full`]);
    });
  });

  test('a store that is not there is told, and nothing is verified', async () => {
    const base = await machine('told');
    const gone = base.task.stores.map((one) => ({ ...one, bucket: 'no-such-bucket' }));
    const host = await machine('told', { local: null, stores: gone });
    const { status, metrics, containers } = await night(host);
    expect([status, metrics, containers]).toEqual(['failed', ['configuration failed'], []]);
  });
});
