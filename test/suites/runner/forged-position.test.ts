import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BackupManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import type { RestoreReport } from '../../../lib/runner/restore/report';
import { startMariadb } from '../../servers/mariadb';
import type { MariadbServer } from '../../servers/mariadb';
import { databaseTask } from './database-task';
import { lines, value } from './mariadb-source';
import { runHere, writeTask } from './program-run';
import type { Host } from './program-run';

/** Somebody with a writer's rights publishes a log whose position the server agrees with, and which holds nothing. */

jest.setTimeout(180_000);

const NOW = () => new Date('2027-01-01T01:00:00Z');
const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

let source: MariadbServer;
let target: MariadbServer;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-forged-position-'));
  [source, target] = await Promise.all([startMariadb(), startMariadb({ settings: { 'server-id': '2' } })]);
  await source.sql('CREATE DATABASE shop; CREATE TABLE shop.orders (id int PRIMARY KEY)');
}, 180_000);

afterAll(async () => {
  await Promise.all([source.stop(), target.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

let orders = 0;
const order = () => source.sql(`INSERT INTO shop.orders VALUES (${(orders += 1)})`);

/** `fresh`: each run has another state folder, as in a container. */
function hostOf(name: string, state: 'kept' | 'fresh') {
  const own = path.join(folder, name);
  const local = path.join(own, 'local');
  mkdirSync(own);
  let [runs, minute] = [0, 0];
  const host = (): Host => ({
    folder: own,
    state: path.join(own, `state-${state === 'kept' ? 0 : (runs += 1)}`),
    environment: source.environment,
  });
  const task = databaseTask('mariadb', 'shop', { stores: [], local: { id: 'local', from: [], path: local } });
  const file = writeTask(host(), task);
  const slot = () => `20270101T00${`${(minute += 1)}`.padStart(2, '0')}00Z`;
  const manifests = () =>
    readdirSync(local)
      .filter((one) => one.endsWith('.manifest.json'))
      .sort()
      .map((one) => readFileSync(path.join(local, one)));
  const newest = () => {
    const bytes = manifests().at(-1) ?? Buffer.alloc(0);
    return { manifest: JSON.parse(bytes.toString()) as BackupManifest, sha256: hash(bytes) };
  };

  async function take(type: 'full' | 'log') {
    const ran = await runHere(host(), ['backup', '--task', file, '--type', type, '--slot', slot()], { now: NOW });
    expect([ran.exit, ran.stderr]).toEqual([EXIT.success, '']);
    return { ...newest(), events: ran.events };
  }

  /** Behind the newest log, up to a position, with a log that begins as one does and in which nothing happens. */
  function forge(position: Readonly<Record<string, string>>): BackupManifest {
    const { manifest: real, sha256 } = newest();
    const [stream] = real.streams;
    const { 'binlog.file': from = '', 'binlog.position': at = '' } = real.source.position;
    if (!stream) throw new Error('no stream');
    const data = (name: string) => path.join(local, `${real.slot}-log-${real.attempt}`, name);
    const log = readFileSync(data(stream.encodings[0]?.segments[0]?.name ?? ''));
    const [head, attempt] = [log.subarray(0, 4 + log.readUInt32LE(4 + 9)), 'f'.repeat(16)];
    const facts = { bytes: head.length, sha256: hash(head) };
    const name = `${from.replace('.', '_')}.0001`;
    const encoding = { encryption: 'none' as const, stores: ['local'], segments: [{ name, ...facts, receipts: [] }] };
    const forged: BackupManifest = {
      ...{ ...real, slot: slot(), attempt, parent: { slot: real.slot, type: real.type, sha256 } },
      source: {
        ...real.source,
        position: {
          ...{ 'binlog.from.file': from, 'binlog.from.position': at, 'binlog.files': JSON.stringify([from]) },
          ...position,
        },
      },
      streams: [{ ...stream, name: from.replace('.', '_'), ...facts, encodings: [{ ...encoding, ...facts }] }],
    };
    const run = path.join(local, `${forged.slot}-log`);
    mkdirSync(`${run}-${attempt}`);
    writeFileSync(path.join(`${run}-${attempt}`, name), head);
    writeFileSync(`${run}.manifest.json`, JSON.stringify(forged));
    return forged;
  }

  async function expectRestored() {
    const verified = await runHere(host(), ['verify', '--quick', '--task', file], { now: NOW });
    expect([verified.exit, verified.stdout]).toEqual([EXIT.success, expect.any(String)]);
    const environment = { PATH: process.env.PATH, ...source.environment, HYPDR_RESTORE_PASSWORD: target.password };
    const url = `mariadb://${target.user}@127.0.0.1:${target.port}/`;
    const argv = ['restore', '--task', file, '--format', 'json', '--target', url, '--replace', 'shop'];
    const ran = await runHere(host(), argv, { environment, now: NOW });
    const report = JSON.parse(ran.stdout) as RestoreReport;
    expect([report.exit, report.why]).toEqual([EXIT.success, undefined]);
    const rows = 'SELECT id FROM shop.orders ORDER BY id';
    expect(await lines(target, rows)).toEqual(await lines(source, rows));
  }

  return { take, forge, expectRestored };
}

/** Where the logs of the server stand, and what it says of it. */
async function standing(): Promise<Readonly<Record<string, string>>> {
  await source.sql('FLUSH BINARY LOGS');
  const file = (await lines(source, 'SHOW BINARY LOGS')).at(-1)?.split('\t')[0] ?? '';
  const gtid = await value(source, `SELECT BINLOG_GTID_POS('${file}', 4)`);
  return { 'binlog.file': file, 'binlog.position': '4', gtid };
}

test('a log run goes on behind what its own host published, and a restore to the end has everything', async () => {
  const { take, forge, expectRestored } = hostOf('host', 'kept');
  await order();
  await take('full');
  await order();
  const real = await take('log');
  await order();
  const forged = forge(await standing());
  await order();
  const next = await take('log');
  expect(next.manifest).toMatchObject({ type: 'log', parent: { sha256: real.sha256 } });
  expect(next.events).toContainEqual(
    expect.objectContaining({
      event: 'backup_disowned',
      message: expect.stringContaining(`the last of them ${forged.slot}-log`),
    }),
  );
  await expectRestored();
});

test('a container has no notes: what the server says of a position is asked, and between two events none is followed', async () => {
  const { take, forge, expectRestored } = hostOf('container', 'fresh');
  await take('full');
  await order();
  await take('log');
  await order();
  const { gtid = '', ...at } = await standing();
  await order();
  forge({ ...at, 'binlog.position': '77' });
  const next = await take('log');
  expect(next.manifest.fullBecause).toContain(`binary log ${at['binlog.file'] ?? ''} is another one`);
  await order();
  await take('log');
  await order();
  forge({ ...(await standing()), gtid });
  expect((await take('log')).manifest.type).toBe('full');
  await expectRestored();
});
