import type { EngineRun } from './engine/engine';
import { EXIT } from './exit-code';
import type { Place } from './history';
import type { Machine } from './machine';
import type { StoredManifest } from './manifest';
import type { RunKeys } from './object-key';
import { fail, whys } from './outcome';
import type { BackupOutcome, Dropped } from './outcome';
import { publish } from './publish';

/** A backup whose data is stored, and which nothing names yet. */
export interface Commit {
  readonly run: EngineRun;
  readonly manifest: StoredManifest;
  /** Places that hold the data. */
  readonly places: readonly Place[];
  /** Places that were left out on the way. */
  readonly dropped: readonly Dropped[];
  readonly keysOf: (place: Place) => RunKeys;
  readonly retainUntil: (place: Place) => Date | undefined;
  readonly machine: Machine;
}

/** Publishes the manifest in each place, and says what the run has come to; state is adopted where one took it. */
export async function commit({ manifest, run, machine, ...where }: Commit): Promise<BackupOutcome> {
  const dropped: Dropped[] = [...where.dropped];
  const stored: string[] = [];
  const taken: string[] = [];
  for (const place of where.places) {
    const keys = where.keysOf(place);
    const answer = await publish(place.store, {
      manifestKey: keys.manifest,
      dataFolder: keys.data,
      manifest,
      retainUntil: where.retainUntil(place),
    });
    if (answer.kind === 'stored') stored.push(place.store.id);
    else if (answer.kind === 'taken') taken.push(place.store.id);
    else dropped.push({ store: place.store.id, why: answer.why });
  }
  const { task, type, slot, degraded, unlocked = [] } = manifest.manifest;
  if (stored.length === 0) {
    await run.abort();
    if (taken.length === 0) return fail(EXIT.retry, `no store took the manifest: ${whys(dropped)}`);
    return fail(EXIT.overlap, `slot ${slot} was published by another attempt in ${taken.join(', ')}`);
  }
  await run.adopt();
  const incomplete = dropped.length > 0 || taken.length > 0 || degraded.length > 0;
  const open = unlocked.filter((store) => stored.includes(store));
  const why = [
    ...(dropped.length > 0 ? [`not stored in ${whys(dropped)}`] : []),
    ...(taken.length > 0 ? [`another attempt published the slot in ${taken.join(', ')}`] : []),
    ...(degraded.length > 0 ? [`${degraded.length} things could not be read`] : []),
    ...(open.length > 0 ? [`not locked in ${open.join(', ')}, which has no object lock: it can be deleted there`] : []),
  ].join('; ');
  machine.log({
    level: incomplete || open.length > 0 ? 'warning' : 'info',
    event: 'backup_stored',
    message: `${type} backup of ${task} is in ${stored.join(', ')}${why ? `; ${why}` : ''}`,
    task,
    slot,
    manifest: manifest.sha256,
  });
  return { exit: incomplete ? EXIT.degraded : EXIT.success, manifest, stored, ...(why && { why }) };
}
