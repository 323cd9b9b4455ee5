import type { TaskManifest } from '../contract';
import type { Place } from './history';
import { claimFolder, findFolder } from './local-folder';
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

export interface PlaceChoice {
  /**
   * `written`: made and marked by the first run; `moved`: the same, and one that is another than that of earlier runs is
   * what is meant. @default 'read' - one that is not there and never was is no place of this host
   */
  readonly local?: 'read' | 'written' | 'moved';
}

/** Opens every place that a task names; one that cannot be opened is left out and named. */
export async function openPlaces(
  task: TaskManifest,
  machine: Machine,
  { local: use = 'read' }: PlaceChoice = {},
): Promise<OpenPlaces> {
  const places: Place[] = [];
  const dropped: { store: string; why: string }[] = [];
  const open = async (id: string, path: string, opener: () => Promise<Store | undefined>) => {
    try {
      const store = await opener();
      if (store) places.push({ store, path });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      dropped.push({ store: id, why: error.message });
    }
  };
  for (const target of task.stores) await open(target.store, target.path, () => openStore(target, machine));
  const { local } = task;
  if (local) {
    await open(LOCAL, '', async () => {
      const folder = { task: task.name, path: local.path };
      if (use !== 'read') await claimFolder(folder, use === 'moved' ? 'accepted' : 'refused', machine);
      else if ((await findFolder(folder, machine)) === 'never used') return undefined;
      return openLocal(local.path, machine);
    });
  }
  return { places, dropped };
}

export async function closePlaces(places: readonly Place[]): Promise<void> {
  await Promise.all(places.map(({ store }) => store.close()));
}
