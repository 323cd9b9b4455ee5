import type { BackupManifest, TaskManifest, TaskRun } from '../contract';
import { chainOf, ofThePast } from './chain';
import type { History } from './chain';
import { commit } from './commit';
import type { Decision, PlaceHistory } from './decide';
import type { PreparedSource } from './engine/engine';
import { EngineError } from './engine/engine';
import { shrinkage } from './engine/shrinkage';
import type { Place } from './history';
import type { Machine } from './machine';
import { freeSlot } from './free-slot';
import { encodeManifest } from './manifest';
import type { StoredManifest } from './manifest';
import { runKeys } from './object-key';
import type { BackupOutcome, Dropped } from './outcome';
import type { PublishedNotes } from './published-notes';
import { watchRun } from './progress/watch-run';
import { fillPath, slotDate } from './slot';
import { storeStream } from './stream/store-stream';
import type { StreamTarget } from './stream/store-stream';

/** All that a run has come to know before it reads its source. */
export interface Taking {
  readonly task: TaskManifest;
  readonly planned: TaskRun;
  readonly slot: string;
  readonly source: PreparedSource;
  readonly histories: readonly PlaceHistory[];
  /** Places that are out already. */
  readonly dropped: readonly Dropped[];
  readonly shrinkage: 'accepted' | 'refused';
  readonly decision: Decision;
  /** What this host published. @default - no increment will ask */
  readonly notes?: Pick<PublishedNotes, 'add'>;
  /** Whether the source is to be read slower at the moment. @default - never */
  readonly slowed?: () => boolean;
  readonly machine: Machine;
}

/** Reads the source once into every place, and publishes. */
export async function take(taking: Taking): Promise<BackupOutcome> {
  const { task, planned, source, histories, decision, notes, slowed, machine } = taking;
  const slot = freeSlot(taking, decision.type);
  const dropped: Dropped[] = [...taking.dropped];
  const attempt = machine.randomHex(8);
  const startedAt = machine.now();
  const slotTime = slotDate(slot) ?? startedAt;
  const lockedUntil = addDays(slotTime, planned.lockDays);
  const keysOf = (place: Place) =>
    runKeys(fillPath(place.path, slotTime, task.window.timeZone), slot, decision.type, attempt);
  const retainUntil = (place: Place) =>
    planned.lockDays > 0 && place.store.locks === 'objects' ? lockedUntil : undefined;
  const unlocked = new Set<string>();
  let alive = histories.map(({ place }) => place);
  const begun = await source.begin(decision.type, decision.parent?.manifest, { slot, type: decision.type, attempt });
  const watch = watchRun(task.name, () => dropped.map(({ store }) => store), machine);
  try {
    const streams: BackupManifest['streams'][number][] = [];
    for await (const stream of begun.streams()) {
      const stored = await storeStream(stream, {
        targets: alive.map((place): StreamTarget => ({
          store: place.store,
          folder: keysOf(place).data,
          retainUntil: retainUntil(place),
        })),
        compression: planned.compression,
        recipient: planned.encryption ? task.local?.recipient : undefined,
        ...(slowed && { slowed }),
        watch: watch.stream,
        machine,
      });
      streams.push(stored.stream);
      dropped.push(...stored.dropped);
      for (const store of stored.unlocked) unlocked.add(store);
      alive = alive.filter(({ store }) => !stored.dropped.some((one) => one.store === store.id));
    }
    const { contents, degraded } = await begun.finish();
    refuseShrinkage(taking, contents);
    for (const { place, history } of histories) {
      if (!alive.includes(place) || !decision.parent || holdsChainOf(history, decision.parent)) continue;
      machine.log({
        level: 'warning',
        event: 'chain_hole',
        message: `${place.store.url} lacks something that this run follows: it is not restorable there until it is backfilled`,
        task: task.name,
      });
    }
    const manifest = encodeManifest({
      version: 1,
      task: task.name,
      engine: task.engine,
      type: decision.type,
      for: planned.for,
      slot,
      attempt,
      startedAt: startedAt.toISOString(),
      endedAt: machine.now().toISOString(),
      parent: decision.parent
        ? { slot: decision.parent.manifest.slot, type: decision.parent.manifest.type, sha256: decision.parent.sha256 }
        : null,
      ...(decision.fullBecause !== undefined && { fullBecause: decision.fullBecause }),
      source: { identity: source.identity, position: begun.position },
      pointInTime: begun.pointInTime.toISOString(),
      tools: { ...source.tools, runner: machine.version },
      contents,
      streams,
      dropped: [...dropped],
      degraded,
      lockedUntil: lockedUntil.toISOString(),
      unlocked: alive.map(({ store }) => store.id).filter((id) => unlocked.has(id)),
      expiresAt: addDays(slotTime, planned.retentionDays).toISOString(),
    });
    return await commit({ run: begun, manifest, places: alive, dropped, keysOf, retainUntil, notes, machine });
  } catch (error) {
    await begun.abort();
    throw error;
  } finally {
    watch.end();
  }
}

/** Whether a place has a backup with everything before it. */
function holdsChainOf(history: History, { sha256 }: StoredManifest): boolean {
  const here = history.find((one) => one.sha256 === sha256);
  return here !== undefined && chainOf(history, here) !== undefined;
}

/**
 * Much less than last time is a loss until somebody says otherwise; only fulls can be compared. What is from the future
 * would be the last time for as long, whatever somebody says.
 */
function refuseShrinkage(
  { decision, histories, shrinkage: asked, machine }: Taking,
  contents: BackupManifest['contents'],
): void {
  if (decision.type !== 'full') return;
  const fulls = histories.flatMap(({ history }) =>
    ofThePast(history, machine.now()).filter((one) => one.manifest.type === 'full'),
  );
  const newest = fulls.sort((a, b) => (a.manifest.slot < b.manifest.slot ? 1 : -1))[0];
  const less = newest && shrinkage(contents, newest.manifest.contents);
  if (less === undefined) return;
  const message = `the source holds less than half of what it held in ${newest?.manifest.slot}: ${less}`;
  if (asked === 'refused')
    throw new EngineError('config', message, 'if that is right, run once with --accept-shrinkage');
  machine.log({ level: 'warning', event: 'shrinkage_accepted', message });
}

function addDays(date: Date, days: number): Date {
  return new Date(date.getTime() + days * 86_400_000);
}
