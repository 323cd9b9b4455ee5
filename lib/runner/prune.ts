import type { TaskManifest } from '../contract';
import { EXIT } from './exit-code';
import type { ExitCode } from './exit-code';
import { readLedger } from './history';
import type { Place } from './history';
import { sortHistory } from './chain';
import type { Machine } from './machine';
import { dataFolder, listPrefix, readDataKey, readManifestKey } from './object-key';
import { closePlaces, openPlaces } from './places';
import { planPrune } from './prune-plan';
import { slotDate } from './slot';
import type { StoredObject } from './store/store';
import { StoreError } from './store/store';

export interface PruneLine {
  readonly store: string;
  readonly key: string;
  readonly fate: 'removed' | 'would remove' | 'kept' | 'locked';
  readonly why: string;
}

export interface PruneOutcome {
  readonly exit: ExitCode;
  readonly lines: readonly PruneLine[];
}

const DAY = 86_400_000;

/**
 * Removes what no recovery point needs any more, under an identity that can do nothing else. The manifest goes first:
 * what is left of an interrupted removal is data without a manifest, which exists for nobody and goes the next time.
 */
export async function prune(task: TaskManifest, mode: 'remove' | 'dry-run', machine: Machine): Promise<PruneOutcome> {
  const { places, dropped } = await openPlaces(task, machine);
  const lines: PruneLine[] = [];
  let failed = dropped.length > 0;
  for (const { store, why } of dropped) lines.push({ store, key: '', fate: 'kept', why });
  try {
    for (const place of places) {
      try {
        lines.push(...(await prunePlace(place, task, mode, machine)));
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        failed = true;
        lines.push({ store: place.store.id, key: '', fate: 'kept', why: error.message });
      }
    }
  } finally {
    await closePlaces(places);
  }
  return { exit: failed ? EXIT.retry : EXIT.success, lines };
}

async function prunePlace(
  place: Place,
  task: TaskManifest,
  mode: 'remove' | 'dry-run',
  machine: Machine,
): Promise<readonly PruneLine[]> {
  const { store } = place;
  const now = machine.now();
  const ledger = await readLedger(place, task.name);
  const objects: StoredObject[] = [];
  for await (const object of store.list(listPrefix(place.path), { versions: 'all' })) {
    if (!object.key.startsWith('_')) objects.push(object);
  }
  const keyOf = new Map(ledger.entries.map((one) => [one.sha256, one.entry.manifestKey]));
  const present = new Set(objects.map((one) => one.key));
  const history = sortHistory(ledger.entries.filter((one) => present.has(one.entry.manifestKey)));
  const lines: PruneLine[] = [];
  const remove = async (key: string, why: string) => {
    const versions = objects.filter((one) => one.key === key);
    const lock = versions.find((one) => one.retainUntil && one.retainUntil > now);
    if (lock?.retainUntil) {
      lines.push({
        store: store.id,
        key,
        fate: 'locked',
        why: `${why}; locked until ${lock.retainUntil.toISOString()}`,
      });
      return false;
    }
    if (mode === 'remove') for (const version of versions) await store.remove(key, version.version);
    lines.push({ store: store.id, key, fate: mode === 'remove' ? 'removed' : 'would remove', why });
    return true;
  };

  for (const { stored, fate, why } of planPrune(history, task, now)) {
    const manifestKey = keyOf.get(stored.sha256) ?? '';
    if (fate === 'keep') {
      lines.push({ store: store.id, key: manifestKey, fate: 'kept', why });
      continue;
    }
    if (!(await remove(manifestKey, why))) continue;
    const folder = `${dataFolder(manifestKey, stored.manifest.attempt)}/`;
    for (const key of [...present].filter((one) => one.startsWith(folder)).sort()) await remove(key, why);
  }
  const attempts = new Map(ledger.entries.map((one) => [runOf(one.entry.manifestKey), one.manifest.attempt]));
  for (const key of orphans(objects, attempts, now))
    await remove(key, 'data without a manifest, of a run that is long over');
  return lines;
}

function runOf(manifestKey: string): string {
  return manifestKey.replace(/\.manifest\.json$/, '');
}

/** Data of attempts that were never published, a day after their slot: no run lives that long without publishing. */
function orphans(
  objects: readonly StoredObject[],
  attempts: ReadonlyMap<string, string>,
  now: Date,
): readonly string[] {
  const published = new Set<string>();
  for (const { key } of objects) {
    const manifest = readManifestKey(key);
    if (manifest) published.add(runOf(key));
  }
  const keys = new Set(objects.map((one) => one.key));
  return [...keys]
    .filter((key) => {
      const data = readDataKey(key);
      if (!data) return false;
      const run = key.slice(0, key.indexOf(`-${data.attempt}/`));
      const newest = Math.max(...objects.filter((one) => one.key === key).map((one) => one.modified.getTime()));
      const over = now.getTime() - Math.max(slotDate(data.slot)?.getTime() ?? 0, newest) > DAY;
      // A published run's other attempts are nobody's either, once the ledger says which attempt it was.
      const counted = attempts.get(run);
      return over && (published.has(run) ? counted !== undefined && counted !== data.attempt : true);
    })
    .sort();
}
