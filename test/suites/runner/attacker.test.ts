import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BackupType, TaskManifest } from '../../../lib/contract';
import { backup } from '../../../lib/runner/backup';
import { expiriesOf, sortHistory } from '../../../lib/runner/chain';
import { EXIT } from '../../../lib/runner/exit-code';
import { readLedger } from '../../../lib/runner/history';
import { listBackups } from '../../../lib/runner/list';
import { readAll, sha256Of } from '../../../lib/runner/manifest';
import type { StoredManifest } from '../../../lib/runner/manifest';
import { readManifestKey } from '../../../lib/runner/object-key';
import { prune } from '../../../lib/runner/prune';
import { restorable } from '../../../lib/runner/restore/restorable';
import { slotOf } from '../../../lib/runner/slot';
import { openStore } from '../../../lib/runner/store/open';
import { verifyQuick } from '../../../lib/runner/verify';
import { fileEntries } from '../../corpus/file-entries';
import { startMinio, withPolicy } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { createBucket, s3Client, s3Environment } from '../../servers/s3';
import { Random } from '../long/year/random';
import { REFUSED, attack } from './attacker';
import type { Attempted } from './attacker';
import { testMachine } from './engine-machine';
import { fileTask, makeSource } from './file-task';
import { runHere, writeTask } from './program-run';
import { writerPolicy } from './writer-policy';

/**
 * Somebody has the writer's rights and tries what comes to mind, while the honest runs go on: what was verified is found
 * and restored bit for bit, at every moment, and the honest runs are neither stopped nor led astray. With HYPDR_SEED
 * the same things are tried again.
 */

const OPERATIONS = Number(process.env.HYPDR_ATTACKS ?? 1000);
const SEED = Number(process.env.HYPDR_SEED ?? Date.now() % 1_000_000);
const [BUCKET, PREFIX, DAY, ROUNDS] = ['taken', 'docs/', 86_400_000, 8];
/** Far ahead, so that what is locked is locked on the server's clock too. */
const START = Date.UTC(2090, 0, 1, 2, 15);
const at = (day: number) => new Date(START + day * DAY);

let minio: MinioServer;
let root: S3Client;
let folder: string;

beforeAll(async () => {
  minio = await startMinio();
  root = s3Client(minio);
  await createBucket(minio, BUCKET, 'locked');
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-attacker-'));
}, 120_000);

afterAll(async () => {
  root.destroy();
  await minio.stop();
  rmSync(folder, { recursive: true, force: true });
});

const named = ({ slot, type }: { readonly slot: string; readonly type: string }) => `${slot}-${type}`;

/** Keys of a manifest and its data. */
const objectsOf = ({ manifest }: StoredManifest) => [
  `${PREFIX}${named(manifest)}.manifest.json`,
  ...manifest.streams
    .flatMap(({ encodings }) => encodings.flatMap(({ segments }) => segments))
    .map((one) => `${PREFIX}${named(manifest)}-${manifest.attempt}/${one.name}`),
];

/** An honest backup, and what its source held. */
interface Honest {
  readonly stored: StoredManifest;
  readonly entries: ReturnType<typeof fileEntries>;
}

async function honestHost() {
  const source = makeSource(path.join(folder, 'source'));
  const state = path.join(folder, 'state');
  const host = { folder, state, environment: minio.environment };
  const store = { id: 's', from: [], store: 's', cloud: 'aws' as const, region: 'us-east-1', bucket: BUCKET };
  const plain = fileTask('docs', source, { stores: [{ ...store, path: PREFIX }], local: null });
  // Kept for so few days that prune has something to do meanwhile; fulls are locked as well.
  const runs = plain.runs.map((run) => ({ ...run, retentionDays: 5, lockDays: run.type === 'full' ? 5 : 0 }));
  const task: TaskManifest = { ...plain, runs };
  const file = writeTask(host, task);
  const writer = s3Environment(minio.endpoint, await withPolicy(minio, writerPolicy(BUCKET, PREFIX)));
  const machine = (day: number, environment: Record<string, string> | undefined = minio.environment) => ({
    ...testMachine(environment, () => at(day)),
    stateFolder: state,
  });
  const restored = async ({ stored: { manifest } }: Honest, day: number) => {
    const target = path.join(folder, 'target');
    rmSync(target, { recursive: true, force: true });
    const argv = ['restore', '--task', file, '--from', named(manifest), '--target', target];
    const ran = await runHere(host, argv, { now: () => at(day) });
    if (!/^restored /.test(ran.stdout)) throw new Error(ran.stderr);
    return fileEntries(path.join(target, source));
  };
  return { source, task, machine, writer, restored };
}

type Host = Awaited<ReturnType<typeof honestHost>>;

/**
 * A run of the schedule, with the writer's rights. Where it is stopped it says what somebody has to do, and that once is
 * enough: take it by hand where its name is taken, accept what a forged full makes of the source's size.
 */
async function backUp({ source, task, machine, writer }: Host, day: number, type: BackupType): Promise<Honest> {
  writeFileSync(path.join(source, `of-day-${day % 3}`), `${day}`.repeat(500 + day));
  if (day % 4 === 2) rmSync(path.join(source, `of-day-${(day + 1) % 3}`), { force: true });
  const entries = fileEntries(source);
  let outcome = await backup(task, { type, slot: slotOf(at(day)) }, machine(day, writer));
  if (outcome.exit === EXIT.overlap) {
    expect(outcome.why).toContain('was published by another attempt in s');
    outcome = await backup(
      task,
      { type, slot: slotOf(new Date(at(day).getTime() + 1000)) },
      machine(day + 0.001, writer),
    );
  }
  if (outcome.exit === EXIT.permanent) {
    expect(outcome.why).toContain('run once with --accept-shrinkage');
    outcome = await backup(
      task,
      { type, slot: slotOf(new Date(at(day).getTime() + 2000)), shrinkage: 'accepted' },
      machine(day + 0.001, writer),
    );
  }
  expect([outcome.exit, outcome.why]).toEqual([EXIT.success, undefined]);
  return { stored: outcome.manifest as StoredManifest, entries };
}

async function keysThere(): Promise<readonly string[]> {
  const keys = new Set<string>();
  for (let from: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {}; from;) {
    const page: Awaited<ReturnType<typeof listPage>> = await listPage(from);
    for (const { Key = '' } of page.Versions ?? []) keys.add(Key);
    const { IsTruncated, NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
    from = IsTruncated ? { KeyMarker, VersionIdMarker } : undefined;
  }
  return [...keys];
}
const listPage = (from: object) => root.send(new ListObjectVersionsCommand({ Bucket: BUCKET, ...from }));

/** Ledger entries of honest backups, whose objects are there with their bytes. */
async function expectKept({ task, machine }: Host, honest: readonly Honest[], day: number): Promise<void> {
  const [target] = task.stores;
  if (!target) throw new Error('no store');
  const store = await openStore(target, machine(day));
  const { entries } = await readLedger({ store, path: PREFIX }, task.name);
  for (const { stored } of honest) {
    const found = entries.find((one) => one.sha256 === stored.sha256);
    expect([named(stored.manifest), found?.bytes]).toEqual([named(stored.manifest), stored.bytes]);
    const hashes = new Map(
      stored.manifest.streams
        .flatMap(({ encodings }) => encodings.flatMap(({ segments }) => segments))
        .map((one) => [one.name, one.sha256]),
    );
    for (const { key, version } of found?.entry.objects ?? []) {
      const bytes = await readAll(await store.read(key, { ...(version !== undefined && { version }) }));
      expect([key, sha256Of(bytes)]).toEqual([key, hashes.get(path.basename(key)) ?? stored.sha256]);
    }
  }
  await store.close();
}

test(`${OPERATIONS} operations of somebody who has a writer's rights (HYPDR_SEED=${SEED})`, async () => {
  const random = new Random(SEED);
  const host = await honestHost();
  const { task, machine } = host;
  const thief = s3Client(minio, await withPolicy(minio, writerPolicy(BUCKET, PREFIX)));
  const honest: Honest[] = [];
  const tried: Attempted[] = [];

  const due = (day: number) => {
    const expiries = expiriesOf(sortHistory(honest.map(({ stored }) => stored)));
    return honest.filter(({ stored }) => (expiries.get(stored.sha256) ?? 0) > at(day).getTime());
  };
  const attackFor = async (count: number, day: number) => {
    const keys = await keysThere();
    const real = honest.map(({ stored: { manifest, bytes } }) => ({
      key: `${PREFIX}${named(manifest)}.manifest.json`,
      bytes,
    }));
    for (let n = 0; n < count; n += 1)
      tried.push(...(await attack(thief, random, { bucket: BUCKET, prefix: PREFIX, now: at(day), keys, real })));
  };
  /** Everything that looks says what it should, and prune takes nothing that is due. */
  const expectFound = async (day: number) => {
    const kept = due(day);
    const names = kept.map(({ stored: { manifest } }) => named(manifest));
    const looked = await restorable(task, machine(day));
    expect(looked.answer.points.map(named)).toEqual(expect.arrayContaining(names));
    expect(looked.answer.broken.map(named).filter((one) => names.includes(one))).toEqual([]);
    expect((await listBackups(task, machine(day))).unreachable).toEqual([]);
    for (const mode of ['dry-run', 'remove'] as const) {
      const pruned = await prune(task, mode, machine(day));
      expect([EXIT.success, EXIT.degraded]).toContain(pruned.exit);
      const gone = pruned.lines.filter(({ fate }) => fate === 'removed' || fate === 'would remove');
      const ours = new Set(kept.flatMap(({ stored }) => objectsOf(stored)));
      expect(gone.filter(({ key }) => ours.has(key))).toEqual([]);
    }
    await expectKept(host, kept, day);
    return looked.answer;
  };
  const expectVerified = async (day: number, newest: Honest) => {
    const { verified, findings } = await verifyQuick(task, machine(day));
    expect(verified.map(named)).toContain(named(newest.stored.manifest));
    expect(findings.filter(({ kind }) => kind === 'unreachable' || kind === 'config')).toEqual([]);
    return { verified, findings };
  };

  for (const [day, type] of (['full', 'incremental', 'incremental', 'full'] as const).entries()) {
    const taken = await backUp(host, day, type);
    honest.push(taken);
    expect((await expectVerified(day, taken)).findings).toEqual([]);
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    const day = 4 + round;
    const count = Math.floor(OPERATIONS / ROUNDS);
    await attackFor(Math.floor(count * 0.8), day - 0.5);
    await expectFound(day - 0.4);
    const taken = await backUp(host, day, round % 4 === 3 ? 'full' : 'incremental');
    await attackFor(count - Math.floor(count * 0.8), day);
    honest.push(taken);
    const { verified, findings } = await expectVerified(day + 0.01, taken);
    const answer = await expectFound(day + 0.02);
    // Whatever is called a manifest and was let in is vouched for, or told of.
    const told = [...findings, ...answer.suspected, ...answer.unverified].map(({ key }) => key);
    const vouched = new Set(verified.map(named));
    const manifests = (await keysThere()).filter((key) => key.startsWith(PREFIX) && readManifestKey(key));
    const untold = manifests.filter((key) => {
      const run = key.slice(0, -'.manifest.json'.length);
      return !vouched.has(run.slice(PREFIX.length)) && !told.some((one) => one.startsWith(run));
    });
    expect(untold).toEqual([]);
    for (const one of [taken, random.one(due(day + 0.02))])
      expect(await host.restored(one, day + 0.02)).toEqual(one.entries);
  }
  const end = 4 + ROUNDS;
  for (const one of due(end)) expect(await host.restored(one, end)).toEqual(one.entries);

  const done = new Set(tried.filter((one) => one.done).map(({ kind }) => kind));
  expect([...REFUSED].filter((kind) => done.has(kind))).toEqual([]);
  expect(tried.filter((one) => one.done && !one.key.startsWith(PREFIX))).toEqual([]);
  const kinds = ['forged manifest', 'forged data', 'overwritten', 'manifest overwritten', 'locked for ages'];
  expect([...done]).toEqual(expect.arrayContaining([...kinds, 'retained', 'upload left open', 'stray']));
  thief.destroy();
}, 300_000);
