import type { BackupManifest, BackupStream, BackupType, TaskManifest } from '../../../lib/contract';
import { copy } from '../../../lib/runner/copy/copy';
import type { CopyOptions } from '../../../lib/runner/copy/copy';
import { readDestination } from '../../../lib/runner/copy/destination';
import { fill } from '../../../lib/runner/copy/fill';
import { placesOnce } from '../../../lib/runner/copy/open-once';
import { readSource } from '../../../lib/runner/copy/source';
import { readLedger } from '../../../lib/runner/history';
import type { Machine } from '../../../lib/runner/machine';
import type { StoredManifest } from '../../../lib/runner/manifest';
import { runKeys } from '../../../lib/runner/object-key';
import { placedBy } from '../../../lib/runner/placement';
import { slotOf } from '../../../lib/runner/slot';
import { readBack } from '../../../lib/runner/stream/read-back';
import { storeStream } from '../../../lib/runner/stream/store-stream';
import { verifyPlace } from '../../../lib/runner/verify-place';
import { testTask } from '../../suites/runner/engine-machine';
import { DAY, START, manifestOf } from '../manifests';
import { MemoryStore } from '../memory-store';
import type { MemoryStoreOptions } from '../memory-store';
import { bytesOf, noise, sourceOf } from '../stream/sources';
import { testMachine } from '../test-machine';

/** Stores of a task and of its copies in memory, with backups that really lie there. */

export const PATH = 'data/test/';
export const SEGMENT_BYTES = 1000;
const node = { id: 'n', from: [] };
const place = { ...node, cloud: 'aws', region: 'r', bucket: 'b', path: PATH } as const;

/** The task writes to `a` and `b`; `far` and `farther` are filled from `a`. */
export const task: TaskManifest = testTask({
  engine: 'files',
  name: 'test',
  stores: [
    { ...place, store: 'a' },
    { ...place, store: 'b' },
  ],
  copies: [
    { ...place, store: 'far', source: 'a' },
    { ...place, store: 'farther', source: 'a' },
  ],
});

export type World = Readonly<Record<'a' | 'b' | 'far' | 'farther', MemoryStore>>;

export function worldOf(options: Partial<Record<keyof World, MemoryStoreOptions>> = {}): World {
  // What is written appears on the third day.
  const now = () => new Date(START + 2 * DAY);
  const store = (id: keyof World) => new MemoryStore({ id, now, ...options[id] });
  return { a: store('a'), b: store('b'), far: store('far'), farther: store('farther') };
}

export interface Taken {
  readonly day: number;
  readonly type?: BackupType;
  readonly parent?: StoredManifest;
  /** Days for which it is kept. */
  readonly retention?: number;
  readonly lockDays?: number;
  readonly recipient?: string;
  readonly content?: Buffer;
  /** What it is stored as. @default - a dump */
  readonly format?: BackupStream['format'];
  /** What its manifest says besides. */
  readonly changes?: Partial<BackupManifest>;
}

export const contentOf = (day: number): Buffer => noise(3500, `day ${day}`);

/** Stores a backup as a run does: one read, every store, the manifest last. */
export async function takeBackup(stores: readonly MemoryStore[], taken: Taken): Promise<StoredManifest> {
  const {
    day,
    type = 'full',
    parent,
    retention = 30,
    lockDays = 0,
    recipient,
    content = contentOf(day),
    format,
  } = taken;
  const slot = new Date(START + day * DAY);
  const attempt = `${day}`.padStart(16, 'a');
  const keys = (path: string) => runKeys(path, slotOf(slot), type, attempt);
  const retainUntil = lockDays > 0 ? new Date(slot.getTime() + lockDays * DAY) : undefined;
  const { stream } = await storeStream(sourceOf(content, 700, { ...(format && { format }) }), {
    targets: stores.map((store) => ({ store, folder: keys(pathOf(store)).data, retainUntil })),
    compression: 'none',
    recipient,
    segmentBytes: SEGMENT_BYTES,
    machine: testMachine(),
  });
  const stored = manifestOf(day, type, retention, parent, {
    attempt,
    streams: [stream],
    lockedUntil: (retainUntil ?? slot).toISOString(),
    source: { identity: {}, position: { tar_state: 'kept' } },
    ...taken.changes,
  });
  for (const store of stores) await store.create(keys(pathOf(store)).manifest, stored.bytes, {});
  return stored;
}

/** A folder is the data set's own. */
const pathOf = ({ id }: MemoryStore) => (id === 'local' ? '' : PATH);

export function machineAt(day: number) {
  const machine = testMachine();
  machine.advance((day * DAY) / 1000);
  return machine;
}

export async function verify(store: MemoryStore, day: number) {
  const { verified, findings } = await verifyPlace({ store, path: pathOf(store) }, task, machineAt(day));
  return {
    added: verified.filter((one) => !one.already).length,
    before: verified.filter((one) => one.already).length,
    findings: findings.map((one) => one.kind),
  };
}

export interface CopyCall extends CopyOptions {
  readonly day: number;
  readonly local?: MemoryStore;
  readonly machine?: Machine;
}

/** `hypdr-runner copy` among them, with what each line says in short. */
export async function runCopy(world: World, { day, local, machine = machineAt(day), ...options }: CopyCall) {
  const asked: TaskManifest = local ? { ...task, local: { ...node, path: '/nowhere' } } : task;
  const stores = new Map(Object.entries(local ? { ...world, local } : world));
  const places = placesOnce(asked, machine, (id) => {
    const store = stores.get(id);
    return Promise.resolve(store && { store, path: pathOf(store) });
  });
  const { exit, lines } = await copy(asked, options, machine, places);
  const short = lines.map(({ store, backup, fate }) =>
    `${fate} ${store} ${backup.slice(6, 8)}${backup.slice(16)}`.trim(),
  );
  return { exit, lines, short };
}

/** One destination from several sources at once. */
export async function fillFrom(store: MemoryStore, sources: readonly MemoryStore[], day = 2) {
  const machine = machineAt(day);
  const at = (one: MemoryStore) => ({ store: one, path: pathOf(one) });
  return fill({
    destination: await readDestination(at(store), { name: 'test', timeZone: 'UTC' }, machine.now()),
    sources: await Promise.all(sources.map((one) => readSource(at(one), 'test'))),
    mode: 'copy',
    machine,
  });
}

/** What a reader gets of a backup from a store, where the store's ledger says that it lies. */
export async function restore(store: MemoryStore, stored: StoredManifest, machine: Machine = testMachine()) {
  const { entries } = await readLedger({ store, path: pathOf(store) }, 'test');
  const entry = entries.find((one) => one.sha256 === stored.sha256);
  const [stream] = stored.manifest.streams;
  if (!entry || !stream) throw new Error(`${store.id} has not verified ${stored.manifest.slot}`);
  return bytesOf(readBack(stream, store, { folder: 'nowhere', placed: placedBy(entry.entry), machine }));
}

/** How often each key was written, over all versions. */
export async function writesOf(store: MemoryStore): Promise<ReadonlyMap<string, number>> {
  const writes = new Map<string, number>();
  for await (const { key } of store.list('', { versions: 'all' })) writes.set(key, (writes.get(key) ?? 0) + 1);
  return writes;
}

export const manifestKeyOf = ({ manifest: { slot, type, attempt } }: StoredManifest): string =>
  runKeys(PATH, slot, type, attempt).manifest;
