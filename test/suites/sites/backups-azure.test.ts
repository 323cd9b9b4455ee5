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
  writeFileSync,
} from 'node:fs';
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
import { startTokenAzurite, storageToken } from '../../servers/azurite-tokens';
import type { TokenAzurite } from '../../servers/azurite-tokens';
import { startGiver } from '../../servers/credential-giver';
import type { CredentialGiver } from '../../servers/credential-giver';
import { freePort } from '../../servers/free-port';
import { bundleRunner, listed, runHere, writeTask } from '../runner/program-run';
import { Machine, VERSION } from './machine';

/**
 * What the machine of a site on Azure backs up once it is promoted: a real PostgreSQL, the installer that templates carry,
 * and a blob service that knows who asks. Script and runner have no key: both ask the metadata of the machine.
 */
jest.setTimeout(180_000);

const SITE = 'hot_site';
/** A Monday, well after the starts of Sunday and of that day. */
const MONDAY = String(Date.parse('2026-11-23T12:00:00Z') / 1000);

/** Tokens that the machine has as itself. */
const given = new Set<string>();
/** What was read of the site's own store, of which others are the runner's. */
let asked: string[] = [];

let folder: string;
let azurite: TokenAzurite;
let metadata: CredentialGiver;
let machine: Machine;
let task: TaskManifest;
/** What the unit starts. */
let program: string;
let bundle: Buffer;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-azure-'));
  chmodSync(folder, 0o755);
  [azurite, metadata] = await Promise.all([
    startTokenAzurite(({ url = '', headers: { authorization = '', 'x-ms-version': version = '' } }) => {
      // The test's own client signs by the account's key.
      if (authorization.startsWith('SharedKey ')) return false;
      const own = /\/(?:lease|runner)\/[^?]+/.exec(url)?.[0];
      if (own !== undefined) asked.push(own);
      // Azure itself takes tokens from this version on: https://learn.microsoft.com/azure/storage/blobs/authorize-access-azure-active-directory
      return version < '2017-11-09' || !given.has(authorization.replace(/^Bearer /, ''));
    }),
    startGiver(async (at, headers, { query }) => {
      const resource = query.get('resource') ?? '';
      // The library ends the path with a slash where it is told the address.
      const isAsked = /^\/metadata\/identity\/oauth2\/token\/?$/.test(at) && headers['metadata'] === 'true';
      if (!isAsked || !/^https:\/\/storage\.azure\.com\/?$/.test(resource)) return { status: 400, body: '{}' };
      const token = storageToken();
      given.add(token);
      const expires = { expires_in: '600', expires_on: `${Math.floor(Date.now() / 1000) + 600}` };
      return { body: JSON.stringify({ access_token: token, ...expires, resource, token_type: 'Bearer' }) };
    }),
  ]);
  const plan = planned(compileKeptIn('azure', site(SITE, { provider: 'azure' })));
  const { runs, afterSeconds } = need(need(plan.sites[0], 'site').backups, 'backups of the site');
  task = need(plan.tasks[0], 'task');
  for (const name of ['lease', 'runner', ...task.stores.map(({ bucket }) => bucket)])
    await azurite.client.createContainer(name);
  bundle = readFileSync(bundleRunner(folder));
  const port = await freePort();
  const own: StandbyMachine = {
    ...{ site: SITE, cloud: 'azure', region: 'westeurope', version: VERSION, method: 'streaming_replication' },
    ...{ primary: { host: '127.0.0.1', port: 1 }, slot: 'hypdr_site', secret: 'none', volumeGiB: 1 },
    lease: { url: `${azurite.endpoint}/lease/${SITE}`, seconds: 4 },
    metric: { namespace: 'hypnoscript-dr', name: 'lag_seconds', site: 'acme-hot-site' },
    backups: {
      ...{ task: manifestOnSite(task), runs, afterSeconds },
      runner: {
        url: `${azurite.endpoint}/runner/runner.js`,
        sha256: createHash('sha256').update(bundle).digest('hex'),
      },
    },
  };
  machine = new Machine(path.join(folder, 'machine'), port, environment(), {
    config: renderStandbyConfig(own),
    script: renderStandbyScript('azure'),
  });
  install(own);
  await machine.initialise('');
  await machine.sql("CREATE TABLE orders AS SELECT 'at the site' AS note FROM generate_series(1, 5)");
  machine.write(path.join(machine.state, 'promotion.json'), JSON.stringify({ term: 2 }));
  await store('lease', SITE, 'revoked 2 1790000000\n');
});

afterAll(async () => {
  await machine?.stop();
  await Promise.all([azurite?.stop(), metadata?.stop()]);
  if (folder) rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  asked = [];
});

/** Where the machine's own surroundings are here, and the system's log, which a test has none of. */
function environment(): Readonly<Record<string, string>> {
  const [bin, certificate] = [path.join(folder, 'bin'), path.join(folder, 'certificate.pem')];
  mkdirSync(bin);
  writeFileSync(path.join(bin, 'logger'), `#!/bin/bash\nprintf '%s\\n' "$*" >>'${syslogFile()}'\n`, { mode: 0o755 });
  writeFileSync(certificate, readFileSync(azurite.certificate), { mode: 0o644 });
  return {
    PATH: `${bin}:${process.env.PATH}`,
    HYPDR_METADATA: metadata.origin,
    AZURE_POD_IDENTITY_AUTHORITY_HOST: metadata.origin,
    AZURE_STORAGE_SERVICE_ENDPOINT: azurite.endpoint,
    CURL_CA_BUNDLE: certificate,
    NODE_EXTRA_CA_CERTS: certificate,
    HYPDR_HOME: path.join(folder, 'home'),
    HYPDR_PAUSE: '0',
    HYPDR_NOW: MONDAY,
  };
}

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

async function store(container: string, name: string, body: Buffer | string): Promise<void> {
  const bytes = Buffer.from(body);
  await azurite.client.getContainerClient(container).getBlockBlobClient(name).upload(bytes, bytes.length);
}

const remove = (container: string, name: string) => azurite.client.getContainerClient(container).deleteBlob(name);
const start = (does: string, more: Readonly<Record<string, string>> = {}) => machine.run([does], more, program);
const runners = () => readdirSync(path.join(folder, 'home/runner'));
const left = () => readdirSync(path.join(folder, 'home')).filter((name) => name.startsWith('.work-'));
const syslogFile = () => path.join(folder, 'syslog');
const syslog = () => (existsSync(syslogFile()) ? readFileSync(syslogFile(), 'utf8') : '');
const host = () => ({
  folder,
  state: path.join(folder, 'runner-state'),
  environment: { AZURE_STORAGE_CONNECTION_STRING: azurite.plainConnectionString },
});

test('a runner that is not there yet, or is another one, is none, and nothing of it is left', async () => {
  expect(await start('prepare')).toMatchObject({
    code: 75,
    err: expect.stringContaining("the runner can't be read from") as string,
  });
  await store('runner', 'runner.js', 'another one');
  expect(await start('prepare')).toMatchObject({
    code: 75,
    err: expect.stringContaining('is not the one that was deployed') as string,
  });
  expect([runners(), left()]).toEqual([[], []]);
});

test('it is read once, as the machine itself, before it is needed', async () => {
  await store('runner', 'runner.js', bundle);
  const ready = { code: 0, out: 'hypdr-site: ready to take backups once the site is active\n', err: '' };
  // Where the metadata gives no token, nothing is read.
  expect(await start('prepare', { HYPDR_METADATA: `${metadata.origin}/nowhere` })).toMatchObject({ code: 75 });
  asked = [];
  expect(await start('prepare')).toEqual(ready);
  expect(asked).toEqual(['/runner/runner.js']);
  await remove('runner', 'runner.js');
  expect(await start('prepare')).toEqual(ready);
  expect([asked, runners().length, left()]).toEqual([['/runner/runner.js'], 1, []]);
});

test('a promoted machine stores its database in every store of the task, which verifies it', async () => {
  const ran = await start('full');
  expect([ran.code, ran.err]).toEqual([0, expect.stringContaining('"event":"backup_stored"')]);
  expect(asked).toEqual([`/lease/${SITE}`]);
  const file = writeTask(host(), task);
  const { exit, events } = await runHere(host(), ['verify', '--quick', '--task', file]);
  expect([exit, events.filter(({ level }) => level !== 'info')]).toEqual([0, []]);
  const backups = await listed(host(), file);
  expect(task.stores).toHaveLength(2);
  expect(backups.map(({ slot, state }) => [slot.slice(0, 9), slot.slice(13), state])).toEqual(
    task.stores.map(() => ['20261122T', '01Z', 'verified']),
  );
  expect([syslog(), left()]).toEqual(['', []]);
});

test('a primary that has its lease is the one to back up', async () => {
  await store('lease', SITE, 'granted 3 1790000000\n');
  expect(await start('full')).toEqual({
    code: 0,
    out: 'hypdr-site: the primary has the lease, nothing to do\n',
    err: '',
  });
});

test('where nobody knows whether the site is active the system log tells of it, in the line that the alarm looks for', async () => {
  await remove('lease', SITE);
  expect((await start('full')).code).toBe(75);
  expect(syslog()).toBe('-p local5.info -t hypdr-site BackupFailed=1\n');
});
