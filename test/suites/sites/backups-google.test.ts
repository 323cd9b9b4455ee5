import { Storage } from '@google-cloud/storage';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TaskManifest } from '../../../lib/contract';
import { NODE_RELEASE } from '../../../lib/hosts';
import { renderStandbyInstaller, renderStandbyScript } from '../../../lib/hosts/standby';
import type { StandbyMachine } from '../../../lib/hosts/standby';
import { renderStandbyConfig } from '../../../lib/hosts/standby/config';
import { manifestOnSite } from '../../../lib/plan/site/backups';
import { need, planned } from '../../plan/support';
import { compileKeptIn, site } from '../../plan/site/support';
import { startFakeGcs } from '../../servers/fake-gcs';
import type { FakeGcsServer } from '../../servers/fake-gcs';
import { freePort } from '../../servers/free-port';
import { bundleRunner, listed, runHere, writeTask } from '../runner/program-run';
import { Machine, VERSION } from './machine';

/**
 * What the machine of a site on Google backs up once it is promoted: a real PostgreSQL, the installer that templates carry,
 * the runner that it gets as itself from the bucket of the site, and stores of Google.
 */
jest.setTimeout(180_000);

const SITE = 'hot_site';
const TOKEN = 'as-itself';
/** A Monday, well after the starts of Sunday and of that day. */
const MONDAY = String(Date.parse('2026-11-23T12:00:00Z') / 1000);

/** The metadata of the machine, and the bucket of the site, which shows nothing without the machine's own token. */
const bucket = new Map<string, Buffer | string>();
let asked: string[] = [];
const place = createServer((request, response) => {
  const { url = '', headers } = request;
  if (url.startsWith('/computeMetadata/v1/instance/service-accounts/default/token')) {
    const isAsked = headers['metadata-flavor'] === 'Google';
    response.writeHead(isAsked ? 200 : 403).end(JSON.stringify({ access_token: TOKEN, expires_in: 3599 }));
    return;
  }
  asked.push(url);
  const body = headers.authorization === `Bearer ${TOKEN}` ? bucket.get(url) : undefined;
  response.writeHead(body === undefined ? 403 : 200).end(body);
});

let folder: string;
let gcs: FakeGcsServer;
let machine: Machine;
let task: TaskManifest;
/** What the unit starts. */
let program: string;
let bundle: Buffer;

beforeAll(async () => {
  await new Promise<void>((resolve) => place.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(place.address() as AddressInfo).port}`;
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-google-'));
  chmodSync(folder, 0o755);
  gcs = await startFakeGcs();
  const plan = planned(compileKeptIn('google', site(SITE, { provider: 'google' })));
  const { runs, afterSeconds } = need(need(plan.sites[0], 'site').backups, 'backups of the site');
  task = need(plan.tasks[0], 'task');
  const client = new Storage({ apiEndpoint: gcs.endpoint, projectId: 'test' });
  for (const store of task.stores) await client.createBucket(store.bucket, { versioning: { enabled: true } });
  bundle = readFileSync(bundleRunner(folder));
  const port = await freePort();
  const own: StandbyMachine = {
    ...{ site: SITE, cloud: 'google', region: 'europe-west2', version: VERSION, method: 'streaming_replication' },
    ...{ primary: { host: '127.0.0.1', port: 1 }, slot: 'hypdr_site', secret: 'none', volumeGiB: 1 },
    lease: { url: `${endpoint}/state/lease`, seconds: 4 },
    metric: { namespace: 'hypnoscript-dr', name: 'lag_seconds', site: 'acme-hot-site' },
    backups: {
      ...{ task: manifestOnSite(task), runs, afterSeconds },
      runner: { url: `${endpoint}/state/runner.js`, sha256: createHash('sha256').update(bundle).digest('hex') },
    },
  };
  const environment = {
    ...gcs.environment,
    HYPDR_METADATA: endpoint,
    HYPDR_HOME: path.join(folder, 'home'),
    HYPDR_CONSOLE: path.join(folder, 'console'),
    HYPDR_PAUSE: '0',
    HYPDR_NOW: MONDAY,
  };
  machine = new Machine(path.join(folder, 'machine'), port, environment, {
    config: renderStandbyConfig(own),
    script: renderStandbyScript('google'),
  });
  install(own);
  await machine.initialise('');
  await machine.sql("CREATE TABLE orders AS SELECT 'at the site' AS note FROM generate_series(1, 5)");
  machine.write(path.join(machine.state, 'promotion.json'), JSON.stringify({ term: 2 }));
  bucket.set('/state/lease', 'revoked 2 1790000000\n');
});

afterAll(async () => {
  await machine?.stop();
  await gcs?.stop();
  await new Promise((resolve) => place.close(resolve));
  if (folder) rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  asked = [];
});

function install(own: StandbyMachine): void {
  const root = path.join(folder, 'root');
  const { status, stderr } = spawnSync('bash', [], {
    input: renderStandbyInstaller(own),
    env: { PATH: process.env.PATH, HYPDR_ROOT: root },
  });
  expect([status, stderr.toString()]).toEqual([0, '']);
  program = path.join(root, 'usr/local/sbin/hypdr-site-backup');
  copyFileSync(path.join(root, 'etc/hypnoscript-dr/backup.json'), path.join(machine.etc, 'backup.json'));
  for (const { sha256 } of Object.values(NODE_RELEASE.archives)) {
    const bin = path.join(folder, 'home/node', `${NODE_RELEASE.version}-${sha256.slice(0, 12)}`, 'bin');
    mkdirSync(bin, { recursive: true });
    copyFileSync(process.execPath, path.join(bin, 'node'));
  }
}

const start = (does: string) => machine.run([does], {}, program);
const runners = () => readdirSync(path.join(folder, 'home/runner'));
const left = () => readdirSync(path.join(folder, 'home')).filter((name) => name.startsWith('.work-'));
const console = () => {
  const file = path.join(folder, 'console');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};
const host = () => ({ folder, state: path.join(folder, 'runner-state'), environment: gcs.environment });

test('a runner that is not there yet, or is another one, is none, and nothing of it is left', async () => {
  expect(await start('prepare')).toMatchObject({
    code: 75,
    err: expect.stringContaining("the runner can't be read from") as string,
  });
  bucket.set('/state/runner.js', 'another one');
  expect(await start('prepare')).toMatchObject({
    code: 75,
    err: expect.stringContaining('is not the one that was deployed') as string,
  });
  expect([runners(), left()]).toEqual([[], []]);
});

test('it is read once, as the machine itself, before it is needed', async () => {
  bucket.set('/state/runner.js', bundle);
  const ready = { code: 0, out: 'hypdr-site: ready to take backups once the site is active\n', err: '' };
  expect(await start('prepare')).toEqual(ready);
  expect(asked).toEqual(['/state/runner.js']);
  bucket.delete('/state/runner.js');
  expect(await start('prepare')).toEqual(ready);
  expect([asked, runners().length, left()]).toEqual([['/state/runner.js'], 1, []]);
});

test('a promoted machine stores its database in every store of the task, which verifies it', async () => {
  const ran = await start('full');
  expect([ran.code, ran.err]).toEqual([0, expect.stringContaining('"event":"backup_stored"')]);
  const file = writeTask(host(), task);
  const { exit, events } = await runHere(host(), ['verify', '--quick', '--task', file]);
  expect([exit, events.filter(({ level }) => level !== 'info')]).toEqual([0, []]);
  const backups = await listed(host(), file);
  expect(backups.map(({ slot, state }) => [slot.slice(0, 9), slot.slice(13), state])).toEqual(
    task.stores.map(() => ['20261122T', '01Z', 'verified']),
  );
  expect([console(), left()]).toEqual(['', []]);
});

test('a primary that has its lease is the one to back up', async () => {
  bucket.set('/state/lease', 'granted 3 1790000000\n');
  expect(await start('full')).toEqual({
    code: 0,
    out: 'hypdr-site: the primary has the lease, nothing to do\n',
    err: '',
  });
});

test('where nobody knows whether the site is active its console tells of it, in the line that the alarm looks for', async () => {
  bucket.delete('/state/lease');
  expect((await start('full')).code).toBe(75);
  expect(console()).toBe(`{"hypdr":"site","site":"acme-hot-site","BackupFailed":1}\n`);
});
