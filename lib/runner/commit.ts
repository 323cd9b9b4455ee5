import type { BackupManifest } from '../contract';
import type { EngineRun } from './engine/engine';
import { EXIT } from './exit-code';
import type { Place } from './history';
import { hostError } from './host-error';
import type { Machine } from './machine';
import type { StoredManifest } from './manifest';
import type { RunKeys } from './object-key';
import { fail, whys } from './outcome';
import type { BackupOutcome, Dropped } from './outcome';
import { publish } from './publish';
import type { PublishedNotes } from './published-notes';

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
  /** What the next increment asks. @default - there will be none */
  readonly notes?: Pick<PublishedNotes, 'add'> | undefined;
  readonly machine: Machine;
}

/** Notes the manifest on this host, publishes it in each place, and says what the run has come to; state is adopted where one took it. */
export async function commit({ manifest, run, notes, machine, ...where }: Commit): Promise<BackupOutcome> {
  const dropped: Dropped[] = [...where.dropped];
  const stored: string[] = [];
  const taken: string[] = [];
  if (notes) await keep(() => notes.add(manifest), manifest, machine);
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
  await keep(() => run.adopt(), manifest, machine);
  const incomplete = dropped.length > 0 || taken.length > 0 || degraded.length > 0;
  const open = unlocked.filter((store) => stored.includes(store));
  const why = [
    ...(dropped.length > 0 ? [`not stored in ${whys(dropped)}`] : []),
    ...(taken.length > 0 ? [`another attempt published the slot in ${taken.join(', ')}`] : []),
    ...(degraded.length > 0 ? [`not as it should be: ${namesOf(degraded)}`] : []),
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

/** The backup counts all the same. Without what the next increment needs, that one is a full and says so. */
async function keep(state: () => Promise<void>, { manifest }: StoredManifest, machine: Machine): Promise<void> {
  try {
    await state();
  } catch (error) {
    const failure = hostError(error);
    if (!failure) throw error;
    const message = `what the next increment follows could not be kept: ${failure.message}; ${failure.fix}`;
    machine.log({ level: 'warning', event: 'state_not_kept', message, task: manifest.task });
  }
}

const MOST_NAMES = 3;

function namesOf(degraded: BackupManifest['degraded']): string {
  const names = degraded.slice(0, MOST_NAMES).map(({ name, why }) => `${name} (${why})`);
  const more = degraded.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}
