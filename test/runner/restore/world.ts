import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BackupManifest, BackupType, TaskManifest } from '../../../lib/contract';
import { files } from '../../../lib/runner/engine/files';
import type { Machine } from '../../../lib/runner/machine';
import type { StoredManifest } from '../../../lib/runner/manifest';
import { ledgerKey, runKeys } from '../../../lib/runner/object-key';
import type { OpenForReading } from '../../../lib/runner/restore/places';
import { slotOf } from '../../../lib/runner/slot';
import { StoreError } from '../../../lib/runner/store/store';
import type { ListOptions, StoredObject } from '../../../lib/runner/store/store';
import { storeStream } from '../../../lib/runner/stream/store-stream';
import { verifyPlace } from '../../../lib/runner/verify-place';
import { testMachine as engineMachine, testTask } from '../../suites/runner/engine-machine';
import { fileTask } from '../../suites/runner/file-task';
import { DAY, START, manifestOf } from '../manifests';
import { MemoryStore } from '../memory-store';
import { bytesOf, sourceOf } from '../stream/sources';

/** Two stores in memory with real archives of tar: two chains over five days, taken of a folder that changes. */

export const PATH = 'data/test/';
const node = { id: 'n', from: [] };
const place = { ...node, cloud: 'aws', region: 'r', bucket: 'b', path: PATH } as const;

export const task: TaskManifest = testTask({
  ...fileTask('test', '/source', {}),
  stores: [
    { ...place, store: 'a' },
    { ...place, store: 'b' },
  ],
});

/** What is taken on each day, and on which day what it follows was. */
export const DAYS: readonly { readonly type: BackupType; readonly parent?: number }[] = [
  { type: 'full' },
  { type: 'incremental', parent: 0 },
  { type: 'full' },
  { type: 'incremental', parent: 2 },
  { type: 'incremental', parent: 3 },
];

/** Backups of each day as tar made them, and the source as it was then. */
export interface TarHistory {
  readonly archives: readonly { readonly bytes: Buffer; readonly state: string }[];
  /** Copies of the source, by day. */
  readonly copies: readonly string[];
  /** What of a restored folder stands for the source. */
  readonly member: string;
  stop(): void;
}

export async function makeTarHistory(): Promise<TarHistory> {
  const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-restore-'));
  const source = path.join(folder, 'source');
  mkdirSync(path.join(source, 'sub/deep'), { recursive: true });
  for (let n = 0; n < 5; n += 1) writeFileSync(path.join(source, `sub/file${n}`), `file ${n} `.repeat(200));
  const archives: { bytes: Buffer; state: string }[] = [];
  const copies: string[] = [];
  const machine: Machine = engineMachine();
  const prepared = await files.prepare(fileTask('test', source, {}), machine);
  const lock = await prepared.lock('data');
  for (const [day, { type, parent }] of DAYS.entries()) {
    writeFileSync(path.join(source, `day${day}`), `of day ${day}`);
    rmSync(path.join(source, `sub/file${day}`));
    renameSync(
      path.join(source, day % 2 ? 'sub/deeper' : 'sub/deep'),
      path.join(source, day % 2 ? 'sub/deep' : 'sub/deeper'),
    );
    const before = parent === undefined ? undefined : archives[parent];
    const run = await prepared.begin(
      type,
      before && manifestOf(0, 'full', 1, undefined, positionOf(before.state)).manifest,
    );
    const bytes: Buffer[] = [];
    for await (const { output, ended } of run.streams()) {
      bytes.push(await bytesOf(output));
      await ended;
    }
    await run.finish();
    archives.push({ bytes: Buffer.concat(bytes), state: run.position.tar_state ?? '' });
    const copy = path.join(folder, `copy${day}`);
    execFileSync('cp', ['-a', source, copy]);
    copies.push(copy);
  }
  if (lock !== 'held') await lock.release();
  await prepared.close();
  const stop = () => {
    rmSync(folder, { recursive: true, force: true });
    rmSync(machine.stateFolder, { recursive: true, force: true });
  };
  return { archives, copies, member: source.slice(1), stop };
}

const positionOf = (tar_state: string): Pick<BackupManifest, 'source'> => ({
  source: { identity: {}, position: { tar_state } },
});

/** Lists as S3 does, which says no checksums there: bytes that rot are seen only by who reads them. */
class QuietStore extends MemoryStore {
  override async *list(prefix: string, options?: ListOptions): AsyncIterable<StoredObject> {
    for await (const { checksum: _, ...one } of super.list(prefix, options)) yield one;
  }
}

export interface RestoreWorld {
  readonly a: MemoryStore;
  readonly b: MemoryStore;
  /** What was taken on each day. */
  readonly backups: readonly StoredManifest[];
}

export interface WorldOptions {
  /** Days that do not come to a store. */
  readonly missed?: { readonly a?: readonly number[]; readonly b?: readonly number[] };
  /** Changes a manifest before it is stored. */
  readonly change?: (day: number, manifest: BackupManifest) => Partial<BackupManifest>;
  /** Days whose manifests nobody verifies. */
  readonly unverified?: readonly number[];
  readonly versions?: 'kept' | 'none';
  /** Whether lists say checksums, as Google's do. @default - they do not */
  readonly lists?: 'checksums';
}

/** Segments of five thousand bytes, so that each archive has several. */
export async function worldOf(history: TarHistory, options: WorldOptions = {}): Promise<RestoreWorld> {
  const { missed = {}, change, unverified = [], versions = 'kept', lists } = options;
  const Made = lists ? MemoryStore : QuietStore;
  const now = () => new Date(START + 5 * DAY);
  const [a, b] = ['a', 'b'].map((id) => new Made({ id, now, versions })) as [MemoryStore, MemoryStore];
  const backups: StoredManifest[] = [];
  for (const [day, { type, parent }] of DAYS.entries()) {
    const stores = [a, b].filter(({ id }) => !missed[id as 'a' | 'b']?.includes(day));
    const attempt = `${day}`.padStart(16, 'a');
    const keys = runKeys(PATH, slotOf(new Date(START + day * DAY)), type, attempt);
    const { bytes, state } = history.archives[day] as TarHistory['archives'][number];
    const source = sourceOf(bytes, 700, { name: 'files', format: 'tar' });
    const { database: _, ...stream } = (
      await storeStream(source, {
        targets: stores.map((store) => ({ store, folder: keys.data, retainUntil: undefined })),
        compression: day % 2 ? 'gzip' : 'none',
        recipient: undefined,
        segmentBytes: 5000,
        machine: machineAt(day),
      })
    ).stream;
    const plain = { attempt, streams: [stream], ...positionOf(state) };
    const base = manifestOf(day, type, 30, parent === undefined ? undefined : backups[parent], plain);
    const stored = change
      ? manifestOf(day, type, 30, parent === undefined ? undefined : backups[parent], {
          ...plain,
          ...change(day, base.manifest),
        })
      : base;
    for (const store of stores) await store.create(keys.manifest, stored.bytes, {});
    backups.push(stored);
    if (unverified.includes(day)) continue;
    for (const store of stores) await verifyPlace({ store, path: PATH }, task, machineAt(day));
  }
  return { a, b, backups };
}

export function machineAt(day: number, changes: Partial<Machine> = {}): ReturnType<typeof engineMachine> {
  return { ...engineMachine({}, () => new Date(START + day * DAY + 60_000)), ...changes } as ReturnType<
    typeof engineMachine
  >;
}

/** Opens these stores as the places of a task; one that is down can't be opened. */
export function opening(stores: readonly MemoryStore[], down: readonly string[] = []): OpenForReading {
  return (_task, _machine, only) => {
    const asked = stores.filter(({ id }) => !only || only.includes(id));
    return Promise.resolve({
      places: asked.filter(({ id }) => !down.includes(id)).map((store) => ({ store, path: PATH })),
      dropped: asked.filter(({ id }) => down.includes(id)).map(({ id }) => ({ store: id, why: 'it is down' })),
      worthRetry: down.length > 0,
    });
  };
}

export const manifestKeyOf = ({ manifest: { slot, type, attempt } }: StoredManifest): string =>
  runKeys(PATH, slot, type, attempt).manifest;

export const ledgerKeyOf = (stored: StoredManifest): string => ledgerKey('test', manifestKeyOf(stored));

/** Keys of the data of a backup. */
export function dataOf(store: MemoryStore, { manifest: { slot, type } }: StoredManifest): readonly string[] {
  const keys = store.keys.filter((key) => key.startsWith(`${PATH}${slot}-${type}-`));
  if (keys.length === 0) throw new StoreError('missing', `no data of ${slot} in ${store.id}`);
  return keys;
}

export const must = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('nothing is there');
  return value;
};
