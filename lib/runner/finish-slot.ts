import type { BackupManifest, TaskManifest, TaskRun } from '../contract';
import type { PlaceHistory } from './decide';
import type { PreparedSource } from './engine/engine';
import { EXIT } from './exit-code';
import type { Place } from './history';
import type { Machine } from './machine';
import type { StoredManifest } from './manifest';
import { runKeys } from './object-key';
import { fail, whys } from './outcome';
import type { BackupOutcome, Dropped } from './outcome';
import { publish } from './publish';
import { fillPath, slotDate } from './slot';

/** A slot that is to be taken, and what the places hold. */
export interface SlotRun {
  readonly task: TaskManifest;
  readonly planned: TaskRun;
  readonly slot: string;
  readonly source: Pick<PreparedSource, 'identity'>;
  readonly histories: readonly PlaceHistory[];
  /** Places that are out already. */
  readonly dropped: readonly Dropped[];
  readonly machine: Machine;
}

/**
 * What a slot comes to that was published before. A run stores its data everywhere before it publishes anywhere, so one
 * that died between the manifests of two places left all that is lacking: the same manifest is published where its data
 * lies. A second attempt of the slot would put two backups under one name, and what follows either of them could never
 * be copied to where the other one is.
 * @returns `undefined` where a backup has to be taken: nobody published the slot, or no other place has its data
 */
export async function finishSlot(run: SlotRun): Promise<BackupOutcome | undefined> {
  const { histories, slot } = run;
  const held = histories.flatMap(({ place, history }) => {
    const stored = history.find(({ manifest }) => isRunOf(manifest, run));
    return stored ? [{ place, stored }] : [];
  });
  if (held.length === 0) return undefined;
  if (held.length === histories.length) {
    const places = held.map(({ place }) => place.store.id).join(', ');
    return fail(EXIT.overlap, `slot ${slot} was published by another attempt in ${places}`);
  }
  const lacking = histories.map(({ place }) => place).filter((place) => !held.some((one) => one.place === place));
  for (const [sha256, stored] of new Map(held.map((one) => [one.stored.sha256, one.stored]))) {
    if (!isOfSource(stored, run)) continue;
    const places = held.filter((one) => one.stored.sha256 === sha256).map(({ place }) => place.store.id);
    const outcome = await finish(stored, places, lacking, run);
    if (outcome) return outcome;
  }
  return undefined;
}

/** Of the planned run itself, or the full that it took instead. */
function isRunOf({ slot, type, for: served, fullBecause }: BackupManifest, { slot: planned, planned: run }: SlotRun) {
  if (slot !== planned) return false;
  return type === run.type || (type === 'full' && fullBecause !== undefined && served.includes(run.type));
}

/** Somebody who may write into one place only is not helped into the others. */
function isOfSource({ manifest }: StoredManifest, { source, task }: SlotRun): boolean {
  const sorted = (identity: object) => JSON.stringify(Object.entries(identity).sort(([a], [b]) => (a < b ? -1 : 1)));
  return manifest.engine === task.engine && sorted(manifest.source.identity) === sorted(source.identity);
}

async function finish(
  stored: StoredManifest,
  before: readonly string[],
  lacking: readonly Place[],
  { task, dropped: out, machine }: SlotRun,
): Promise<BackupOutcome | undefined> {
  const { slot, type, attempt, degraded, lockedUntil } = stored.manifest;
  const finished: string[] = [];
  const dropped: Dropped[] = [...out];
  const until = new Date(lockedUntil);
  for (const { path, store } of lacking) {
    const keys = runKeys(fillPath(path, slotDate(slot) ?? machine.now(), task.window.timeZone), slot, type, attempt);
    const answer = await publish(store, {
      manifestKey: keys.manifest,
      dataFolder: keys.data,
      manifest: stored,
      retainUntil: store.locks === 'objects' && until > machine.now() ? until : undefined,
    });
    if (answer.kind === 'stored') finished.push(store.id);
    else dropped.push({ store: store.id, why: answer.kind === 'failed' ? answer.why : 'another attempt is there' });
  }
  if (finished.length === 0) return undefined;
  const why = [
    ...(dropped.length > 0 ? [`not stored in ${whys(dropped)}`] : []),
    ...(degraded.length > 0 ? [`not as it should be: ${degraded.map(({ name }) => name).join(', ')}`] : []),
  ].join('; ');
  machine.log({
    level: why ? 'warning' : 'info',
    event: 'slot_finished',
    message: `${slot}-${type} was published in ${before.join(', ')} by a run that did not come to its end, and is in ${finished.join(', ')} as well now${why ? `; ${why}` : ''}`,
    task: task.name,
    slot,
    manifest: stored.sha256,
  });
  return {
    exit: why ? EXIT.degraded : EXIT.success,
    manifest: stored,
    stored: [...before, ...finished],
    ...(why && { why }),
  };
}
