import type { TaskManifest } from '../contract';
import { EXIT } from './exit-code';
import type { ExitCode } from './exit-code';
import type { Machine } from './machine';
import { closePlaces, openPlaces } from './places';
import { prunePlace } from './prune-place';
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

export type PruneMode = 'remove' | 'dry-run';

/**
 * Removes what no recovery point needs any more, under an identity that can do nothing else. The manifest goes first:
 * what is left of an interrupted removal is data without a manifest, which exists for nobody and goes the next time.
 * @param only - ids of the places that are meant; left out: all of the task, those that copies fill too
 */
export async function prune(
  task: TaskManifest,
  mode: PruneMode,
  machine: Machine,
  only?: readonly string[],
): Promise<PruneOutcome> {
  const { places, dropped } = await openPlaces(task, machine, { with: 'copies', only });
  const lines: PruneLine[] = [];
  let failed = dropped.length > 0;
  let left = false;
  for (const { store, why } of dropped) lines.push({ store, key: '', fate: 'kept', why });
  try {
    for (const place of places) {
      try {
        const pruned = await prunePlace(place, task, mode, machine);
        lines.push(...pruned.lines);
        if (pruned.cap === 'exceeded' || pruned.refused) left = true;
        if (pruned.cap === 'unknown') failed = true;
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        failed = true;
        lines.push({ store: place.store.id, key: '', fate: 'kept', why: error.message });
      }
    }
  } finally {
    await closePlaces(places);
  }
  return { exit: failed ? EXIT.retry : left ? EXIT.degraded : EXIT.success, lines };
}
