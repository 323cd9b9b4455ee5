import type { TaskManifest, TaskStore } from '../contract';
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
  /** Whether one of them may be there in a while. */
  readonly worthRetry: boolean;
}

export interface PlaceChoice {
  /**
   * `copies`: also the stores that copy jobs fill. `replicas`: nothing but what replication fills, which the store's own
   * identities have no right to. @default - where the task itself writes
   */
  readonly with?: 'copies' | 'replicas';
  /** Only these of them, by their ids. @default - all */
  readonly only?: readonly string[] | undefined;
  /**
   * `written`: made and marked by the first run; `moved`: the same, and one that is another than that of earlier runs is
   * what is meant. @default 'read' - one that is not there and never was is no place of this host
   */
  readonly local?: 'read' | 'written' | 'moved';
}

/** Ids of every place of a task: its stores, those that are filled by copies, and its folder. */
export function placesOf(task: TaskManifest): readonly string[] {
  return [...[...task.stores, ...task.copies].map((one) => one.store), ...(task.local ? [LOCAL] : [])];
}

/** The same with what replication fills, from which a restore may read. */
export function readablePlacesOf(task: TaskManifest): readonly string[] {
  return [...placesOf(task), ...(task.replicas ?? []).map((one) => one.store)];
}

/** Opens the places of a task; one that cannot be opened is left out and named. */
export async function openPlaces(
  task: TaskManifest,
  machine: Machine,
  { with: others, only, local: use = 'read' }: PlaceChoice = {},
): Promise<OpenPlaces> {
  const places: Place[] = [];
  const dropped: { store: string; why: string }[] = [];
  let worthRetry = false;
  const open = async (
    { store: id, path, keptDays }: Pick<TaskStore, 'store' | 'path' | 'keptDays'>,
    opener: () => Promise<Store | undefined>,
  ) => {
    if (only && !only.includes(id)) return;
    try {
      const store = await opener();
      if (store) places.push({ store, path, ...(keptDays !== undefined && { keptDays }) });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      dropped.push({ store: id, why: error.message });
      worthRetry ||= error.kind === 'retry';
    }
  };
  const targets = others === 'replicas' ? replicaStores(task) : [...task.stores, ...(others ? task.copies : [])];
  for (const target of targets) {
    await open(target, () => openStore({ ...target, task: task.name }, machine));
  }
  const { local } = task;
  if (local && others !== 'replicas') {
    await open({ store: LOCAL, path: '' }, async () => {
      const folder = { task: task.name, path: local.path };
      if (use !== 'read') await claimFolder(folder, use === 'moved' ? 'accepted' : 'refused', machine);
      else if ((await findFolder(folder, machine)) === 'never used') return undefined;
      return openLocal(local.path, machine);
    });
  }
  return { places, dropped, worthRetry };
}

function replicaStores({ replicas = [] }: TaskManifest): readonly TaskStore[] {
  return replicas.map(({ of: _, ...replica }) => ({ ...replica, id: replica.store, from: [], cloud: 'aws' }));
}

export async function closePlaces(places: readonly Place[]): Promise<void> {
  await Promise.all(places.map(({ store }) => store.close()));
}
