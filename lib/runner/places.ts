import type { TaskManifest } from '../contract';
import type { Place } from './history';
import type { Machine } from './machine';
import { openLocal, openStore } from './store/open';
import type { Store } from './store/store';
import { StoreError } from './store/store';
import { LOCAL } from './task';

export interface OpenPlaces {
  readonly places: readonly Place[];
  /** Stores that could not be opened. */
  readonly dropped: readonly { readonly store: string; readonly why: string }[];
}

/** Opens every place that a task names; one that cannot be opened is left out and named. */
export async function openPlaces(task: TaskManifest, machine: Machine): Promise<OpenPlaces> {
  const places: Place[] = [];
  const dropped: { store: string; why: string }[] = [];
  const open = async (id: string, path: string, opener: () => Promise<Store>) => {
    try {
      places.push({ store: await opener(), path });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      dropped.push({ store: id, why: error.message });
    }
  };
  for (const target of task.stores) await open(target.store, target.path, () => openStore(target, machine));
  const { local } = task;
  if (local) await open(LOCAL, '', () => openLocal(local.path, machine));
  return { places, dropped };
}

export async function closePlaces(places: readonly Place[]): Promise<void> {
  await Promise.all(places.map(({ store }) => store.close()));
}
