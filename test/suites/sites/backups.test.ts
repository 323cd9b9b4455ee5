import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { NODE_RELEASE } from '../../../lib/hosts';
import { renderStandbyInstaller } from '../../../lib/hosts/standby';
import type { BackupManifest, TaskManifest } from '../../../lib/contract';
import { manifestOnSite } from '../../../lib/plan/site/backups';
import { need, planned } from '../../plan/support';
import { compileSites, site } from '../../plan/site/support';
import { withPolicy } from '../../servers/minio';
import { systemProgram } from '../../servers/programs';
import { createBucket, s3Client, s3Environment } from '../../servers/s3';
import { until } from '../../servers/until';
import { bundleRunner, listed, runHere, writeTask } from '../runner/program-run';
import { writerPolicy } from '../runner/writer-policy';
import { Pair, startPlaces } from './pair';

/**
 * What a machine of a site backs up, from following to the way back: installed by the installer that templates carry, and
 * started by the command of its own unit, with the bundled runner, a real S3 server and the rights of a writer there.
 */
jest.setTimeout(240_000);

const SITE = 'hot_site';
const BUCKET = 'acme-orders';
const PREFIX = 'orders/';
/** A Monday, well after the starts of Sunday and of that day. */
const MONDAY = String(Date.parse('2026-11-23T12:00:00Z') / 1000);

let places: Awaited<ReturnType<typeof startPlaces>>;
let pair: Pair;
let task: TaskManifest;
/** What the unit starts. */
let program: string;
/** Of a writer, who may also read the lease. */
let writer: Readonly<Record<string, string>>;

beforeAll(async () => {
  places = await startPlaces();
  pair = await Pair.start(places, SITE, 'streaming_replication');
  await createBucket(places.minio, BUCKET, 'locked');
  await pair.setUp();
  await pair.primary.sql('CREATE TABLE orders (id bigserial PRIMARY KEY, note text)');
  await pair.primary.sql("INSERT INTO orders (note) SELECT 'before' FROM generate_series(1, 10)");
  expect(await pair.standby.run(['bootstrap'])).toMatchObject({ code: 0 });
  await install();
});

afterAll(async () => {
  await pair?.stop();
  await Promise.all([places?.minio.stop(), places?.moto.stop()]);
});

async function install(): Promise<void> {
  const plan = planned(compileSites(site(SITE)));
  const backups = need(need(plan.sites[0], 'site').backups, 'backups of the site');
  const [all] = plan.tasks;
  // The one store that is here.
  task = {
    ...need(all, 'task'),
    stores: need(all, 'task').stores.filter(({ bucket }) => bucket === BUCKET),
    copies: [],
  };
  const bundle = bundleRunner(pair.folder);
  const text = renderStandbyInstaller({
    ...pair.asked,
    backups: {
      ...{ task: manifestOnSite(task), runs: backups.runs, afterSeconds: backups.afterSeconds },
      runner: { path: bundle, sha256: createHash('sha256').update(readFileSync(bundle)).digest('hex') },
    },
  });
  const root = path.join(pair.folder, 'root');
  const { status, stderr } = spawnSync('bash', [], { input: text, env: { PATH: process.env.PATH, HYPDR_ROOT: root } });
  expect([status, stderr.toString()]).toEqual([0, '']);
  const unit = readFileSync(path.join(root, 'etc/systemd/system/hypdr-site-backup@.service'), 'utf8');
  program = path.join(root, need(/^ExecStart=(\S+) %i$/m.exec(unit)?.[1], 'ExecStart'));
  copyFileSync(path.join(root, 'etc/hypnoscript-dr/backup.json'), path.join(pair.standby.etc, 'backup.json'));
  for (const { sha256 } of Object.values(NODE_RELEASE.archives)) {
    const bin = path.join(pair.folder, 'home/node', `${NODE_RELEASE.version}-${sha256.slice(0, 12)}`, 'bin');
    mkdirSync(bin, { recursive: true });
    copyFileSync(process.execPath, path.join(bin, 'node'));
  }
  const policy = writerPolicy(BUCKET, PREFIX) as { Version: string; Statement: object[] };
  const lease = { Effect: 'Allow', Action: ['s3:GetObject'], Resource: [`arn:aws:s3:::${pair.leaseBucket}/lease`] };
  const credentials = await withPolicy(places.minio, { ...policy, Statement: [lease, ...policy.Statement] });
  writer = s3Environment(places.minio.endpoint, credentials);
}

/** What a timer or a promotion starts. */
const start = (does: string, more: Readonly<Record<string, string>> = {}) =>
  pair.standby.run(
    [does],
    { ...writer, HYPDR_HOME: path.join(pair.folder, 'home'), HYPDR_PAUSE: '0', HYPDR_NOW: MONDAY, ...more },
    program,
  );

async function keys(): Promise<readonly string[]> {
  const client = s3Client(places.minio);
  try {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    return Contents.map(({ Key = '' }) => Key);
  } finally {
    client.destroy();
  }
}

const manifests = async () => (await keys()).filter((key) => key.startsWith(PREFIX) && key.endsWith('.manifest.json'));
const slots = async () => (await manifests()).map((key) => path.basename(key, '.manifest.json')).sort();

/** Rows of the one table that a backup has. */
async function rowsIn(slot: string): Promise<number | undefined> {
  const client = s3Client(places.minio);
  try {
    const Key = need(
      (await manifests()).find((key) => key.includes(slot)),
      slot,
    );
    const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    const { contents } = JSON.parse((await Body?.transformToString()) ?? '') as BackupManifest;
    return contents.find(({ name }) => name.endsWith('orders'))?.rows;
  } finally {
    client.destroy();
  }
}

/** The task's own identities, in the cloud. */
const host = () => ({
  folder: pair.folder,
  state: path.join(pair.folder, 'runner-state'),
  environment: {
    ...places.minio.environment,
    PGHOST: path.join(pair.primary.folder, 'sockets'),
    PGPORT: String(pair.primary.port),
    PGUSER: 'postgres',
  },
});

/** How often the number of failed backups was sent. */
async function failures(): Promise<number> {
  const authorization =
    'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=b';
  const body = `Action=GetMetricStatistics&Version=2010-08-01&Namespace=HypnoScript%2FSite&MetricName=BackupFailed&Dimensions.member.1.Name=Site&Dimensions.member.1.Value=acme-${SITE}&StartTime=2020-01-01T00%3A00%3A00Z&EndTime=2099-01-01T00%3A00%3A00Z&Period=60&Statistics.member.1=Sum`;
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', Authorization: authorization };
  const text = await (await fetch(places.moto.endpoint, { method: 'POST', headers, body })).text();
  return [...text.matchAll(/<Sum>([^<]*)<\/Sum>/g)].reduce((sum, [, value]) => sum + Number(value), 0);
}

/** The planned start of Sunday, under which the task's own container stored, and the slot that the site makes of it. */
let [sunday, ofTheSite] = ['', ''];

test('a standby has nothing to do, and says so', async () => {
  for (const does of ['full', 'first'])
    expect(await start(does)).toEqual({ code: 0, out: 'hypdr-site: standby, nothing to do\n', err: '' });
  // Not even where there is no way to the lease.
  await pair.lease('revoked', 2);
  expect((await start('full')).out).toBe('hypdr-site: standby, nothing to do\n');
  await pair.lease('granted', 1);
  expect(await keys()).toEqual([]);
});

test('programs are fetched before they are needed', async () => {
  expect(await start('prepare')).toEqual({
    code: 0,
    out: 'hypdr-site: ready to take backups once the site is active\n',
    err: '',
  });
  expect(readdirSync(path.join(pair.folder, 'home/runner'))).toHaveLength(1);
});

test('once it is promoted it backs itself up, with what was written since, beside the slots of the primary', async () => {
  const file = writeTask(host(), task);
  const full = need(
    task.runs.find(({ type }) => type === 'full'),
    'full',
  );
  const at = full.schedule.kind === 'calendar' ? full.schedule.at.replace(':', '') : '';
  [sunday, ofTheSite] = [`20261122T${at}00Z`, `20261122T${at}01Z`];
  const before = await runHere(host(), ['backup', '--task', file, '--type', 'full', '--slot', sunday]);
  expect([before.exit, before.stderr]).toEqual([0, '']);

  await pair.lease('revoked', 2);
  await pair.primary.pgCtl('stop');
  await until(async () => {
    expect(await pair.standby.run(['promote', SITE])).toMatchObject({ code: 0 });
  }, 60_000);
  await pair.standby.sql("INSERT INTO orders (note) SELECT 'at the site' FROM generate_series(1, 5)");

  const first = await start('first');
  expect([first.code, first.err]).toEqual([0, expect.stringContaining('"event":"backup_stored"')]);
  const ran = await start('full');
  expect([ran.code, ran.err]).toEqual([0, expect.stringContaining('"event":"backup_stored"')]);
  expect(await slots()).toEqual([`${sunday}-full`, `${ofTheSite}-full`, '20261123T120000Z-full']);
  // The same start again is no second backup, and no failure.
  expect((await start('full')).code).toBe(5);
});

test('the task verifies what the site stored as it does its own, and it is the newest', async () => {
  const file = writeTask(host(), task);
  const { exit, events } = await runHere(host(), ['verify', '--quick', '--task', file]);
  expect([exit, events.filter(({ level }) => level !== 'info')]).toEqual([0, []]);
  const backups = await listed(host(), file);
  expect(backups.map(({ slot, state }) => [slot, state])).toEqual(
    expect.arrayContaining([
      [ofTheSite, 'verified'],
      ['20261123T120000Z', 'verified'],
    ]),
  );
  expect([await rowsIn(sunday), await rowsIn(ofTheSite)]).toEqual([10, 15]);
});

test('where nobody knows whether the site is active it is tried again, and then told', async () => {
  const before = await failures();
  const { code, err } = await start('full', { HYPDR_METADATA: 'http://127.0.0.1:1', AWS_SECRET_ACCESS_KEY: 'wrong' });
  expect([code, err.split('\n').filter((line) => line.includes("the lease can't be read")).length]).toEqual([75, 4]);
  expect(await failures()).toBe(before + 1);
});

test('a promoted server that does not run is a failure, one that was left is none', async () => {
  const before = await keys();
  await pair.standby.pgCtl('stop', 'immediate');
  expect(await start('full')).toMatchObject({
    code: 75,
    err: expect.stringContaining('was promoted and does not run') as string,
  });
  await pair.standby.pgCtl('start');
  expect((await pair.standby.run(['leave'])).code).toBe(0);
  expect(await start('full')).toEqual({
    code: 0,
    out: 'hypdr-site: its server does not run, nothing to do\n',
    err: '',
  });
  // Somebody starts it: the primary has the lease, or had it meanwhile.
  await pair.standby.pgCtl('start');
  await pair.lease('granted', 3);
  expect((await start('full')).out).toBe('hypdr-site: the primary has the lease, nothing to do\n');
  await pair.lease('revoked', 4);
  expect(await start('full')).toEqual({
    code: 0,
    out: 'hypdr-site: the primary had the lease since this server was promoted, nothing to do\n',
    err: '',
  });
  expect(await keys()).toEqual(before);
});

test('units are what systemd takes', () => {
  const units = path.join(pair.folder, 'root/etc/systemd/system');
  const timers = readdirSync(units).filter((name) => /^hypdr-site-backup-.*\.timer$/.test(name));
  expect(timers).toEqual(task.runs.map(({ for: [type] }) => `hypdr-site-backup-${type}.timer`).sort());
  const calendars = timers.flatMap((name) =>
    [...readFileSync(path.join(units, name), 'utf8').matchAll(/^OnCalendar=(.*)$/gm)].map(([, one = '']) => one),
  );
  const { status, stderr } = spawnSync(systemProgram('systemd-analyze'), ['calendar', ...calendars]);
  expect([status, stderr.toString()]).toEqual([0, '']);
});

test('timers that are no longer planned go with the next installation', async () => {
  const units = path.join(pair.folder, 'root/etc/systemd/system');
  const timers = () => readdirSync(units).filter((name) => name.endsWith('.timer'));
  const before = timers();
  writeFileSync(path.join(units, 'hypdr-site-backup-log.timer'), '');
  await install();
  expect(timers()).toEqual(before);
});
