import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { compile } from '../../../lib/compile';
import type { BackupManifest, TaskManifest } from '../../../lib/contract';
import { backup } from '../../../lib/runner/backup';
import { EXIT } from '../../../lib/runner/exit-code';
import type { StoredManifest } from '../../../lib/runner/manifest';
import { LogWalk } from '../../../lib/runner/engine/mysql-log-walk';
import { verifyFull, verifyQuick } from '../../../lib/runner/verify';
import { wrongLogs } from '../../../lib/runner/verify-logs';
import { startMariadb } from '../../servers/mariadb';
import type { MariadbServer } from '../../servers/mariadb';
import { startMinio } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { createBucket } from '../../servers/s3';
import { testMachine } from './engine-machine';
import { everything } from './mariadb-source';

/** What a user does: a spec, its task manifests, and the runner against a real server and stores. */

const AWKWARD = readFileSync(path.join(__dirname, 'awkward-mariadb.sql'), 'utf8');
const HOUR = 3_600_000;
/** A Sunday after every file of these tests was written. */
const START = Date.UTC(2027, 0, 3, 2, 15);

let server: MariadbServer;
let target: MariadbServer;
let minio: MinioServer;
let folder: string;

beforeAll(async () => {
  [server, target, minio] = await Promise.all([
    startMariadb(),
    startMariadb({ settings: { 'server-id': '2' } }),
    startMinio(),
  ]);
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-mariadb-runs-'));
  await server.sql(AWKWARD);
  for (const name of ['acme-shop', 'acme-all']) await createBucket(minio, name, 'locked');
}, 120_000);

afterAll(async () => {
  await Promise.all([server.stop(), target.stop(), minio.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

function taskOf(): TaskManifest {
  const text = `
backup {
  general: {
    backup_window: { start: "01:00" end: "05:00" timezone: "UTC" }
    types: {
      full: { frequency: "weekly" day: "sunday" retention: 10 }
      log: { frequency: "hourly" retention: 3 }
    }
  }
  database: {
    shop: {
      engine: "mariadb"
      type: "mariadb-dump"
      storage: {
        local: { path: "${folder}/local" }
        s3: { bucket: "acme-shop" region: "us-east-1" path: "shop/{year}/" }
      }
    }
  }
  cloud: { aws_s3: { bucket: "acme-all" region: "us-east-1" } }
}
database { shop: { primary: { host: "127.0.0.1" port: ${server.port} ssl_mode: "prefer" } } }
deployment { validation: { shop: { queries: ["SELECT 1"] } } }
`;
  const options = { environment: {}, unset: 'warning', today: '2026-11-24' } as const;
  const { plan, diagnostics } = compile([{ name: 'spec.hyp', text }], options);
  const task = plan?.tasks.find((one) => one.name === 'shop');
  if (!task) throw new Error(diagnostics.map((one) => one.message).join('\n'));
  return task;
}

const must = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('nothing there');
  return value;
};

/** The streams of a backup, as they lie in the local folder. */
function streamsOf({ manifest }: StoredManifest): readonly { readonly name: string; readonly bytes: Buffer }[] {
  const base = path.join(folder, 'local', `${manifest.slot}-${manifest.type}-${manifest.attempt}`);
  return manifest.streams.map(({ name, compression, encodings }) => {
    const { segments } = must(encodings.find((one) => one.stores.includes('local')));
    const bytes = Buffer.concat(segments.map((one) => readFileSync(path.join(base, one.name))));
    return { name, bytes: compression === 'gzip' ? gunzipSync(bytes) : bytes };
  });
}

const client = (input: Buffer) =>
  execFileSync('mariadb', [`--defaults-file=${target.optionFile}`, '--binary-mode'], { input });

test('MariaDB into S3, a shared store and a folder: a full and its logs, verified, and restored by the plain tools', async () => {
  const task = taskOf();
  const state = testMachine().stateFolder;
  const at = (hours: number) => ({
    ...testMachine({ ...server.environment, ...minio.environment }, () => new Date(START + hours * HOUR)),
    stateFolder: state,
  });
  const full = await backup(task, { type: 'full' }, at(0));
  expect([full.exit, full.why]).toEqual([EXIT.success, undefined]);
  expect([...full.stored].sort()).toEqual(['aws.bucket.acme-all', 'aws.bucket.acme-shop', 'local']);
  expect(must(full.manifest).manifest.contents).toContainEqual({
    database: 'shop',
    name: "it's a `quoted` (table).x",
    rows: 20,
    exact: true,
  });

  await server.sql('UPDATE shop.accounts SET balance = balance + 5 WHERE id = 1; DELETE FROM shop.events WHERE n < 9');
  const log = await backup(task, { type: 'log' }, at(1));
  expect([log.exit, log.why]).toEqual([EXIT.success, undefined]);
  expect(must(log.manifest).manifest).toMatchObject({
    type: 'log',
    parent: { sha256: must(full.manifest).sha256 },
    source: { identity: { server_id: '1', gtid_domain_id: '0' } },
  });
  const verified = await verifyQuick(task, at(2));
  expect(verified.findings).toEqual([]);
  expect(verified.verified).toHaveLength(6);
  const { findings, read } = await verifyFull(task, at(2));
  expect([findings, read?.backups]).toEqual([[], 6]);
  const facts = streamsOf(must(log.manifest)).map(({ bytes }, index) => {
    const walk = new LogWalk(
      index === 0 ? Number(must(log.manifest).manifest.source.position['binlog.from.position']) : 0,
    );
    walk.add(bytes);
    return walk.end();
  });
  const told = (from: BackupManifest, of: BackupManifest = must(full.manifest).manifest) => wrongLogs(from, of, facts);
  const { manifest: real } = must(log.manifest);
  const forged = (manifest: BackupManifest, position: Record<string, string>): BackupManifest => ({
    ...manifest,
    source: { ...manifest.source, position: { ...manifest.source.position, ...position } },
  });
  expect(told(real)).toBeUndefined();
  expect(told(forged(real, { gtid: '0-1-9999' }))).toContain('the last transaction is 0-1-9999');
  expect(told(forged(real, { 'binlog.file': 'binlog.000099' }))).toContain('and not in binlog.000099');
  expect(told(real, forged(must(full.manifest).manifest, { gtid: '0-1-1' }))).toContain('before that it was 0-1-1');

  for (const { name, bytes } of streamsOf(must(full.manifest))) if (name !== 'accounts') client(bytes);
  const logs = streamsOf(must(log.manifest));
  const { 'binlog.from.position': from } = must(log.manifest).manifest.source.position;
  for (const [index, { bytes }] of logs.entries()) {
    const start = index === 0 ? [`--start-position=${from}`] : [];
    client(execFileSync('mariadb-binlog', ['--no-defaults', '--disable-log-bin', ...start, '-'], { input: bytes }));
  }
  expect(await everything(target)).toBe(await everything(server));
}, 120_000);
