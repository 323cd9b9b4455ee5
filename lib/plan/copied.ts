import type { TaskCopy, TaskManifest } from '../contract';

type Cloud = TaskCopy['cloud'];

/** A store that copies into a cloud are read from, with all data sets that are taken from it. */
export type Copied<Store> = Store & { readonly dataSets: readonly string[] };

/** The stores that copies into a cloud are read from, one entry a store, by their ids. */
export function storesCopiedInto<Store extends { readonly store: string; readonly prefixes: readonly string[] }>(
  cloud: Cloud,
  tasks: readonly TaskManifest[],
  storesOf: (task: TaskManifest) => readonly Store[],
): readonly Copied<Store>[] {
  const stores = new Map<string, Copied<Store>>();
  for (const task of tasks) {
    const sources = new Set(copiesInto(cloud, task).map(({ source }) => source));
    for (const one of storesOf(task).filter(({ store }) => sources.has(store))) {
      const { prefixes = [], dataSets = [] } = stores.get(one.store) ?? {};
      stores.set(one.store, {
        ...one,
        prefixes: [...new Set([...prefixes, ...one.prefixes])].sort(),
        dataSets: [...dataSets, task.name].sort(),
      });
    }
  }
  return [...stores.values()].sort((a, b) => (a.store < b.store ? -1 : 1));
}

export function copiesInto(cloud: Cloud, { copies }: TaskManifest): readonly TaskCopy[] {
  return copies.filter((copy) => copy.cloud === cloud);
}

/** Paths of the spec that ask for copies into a cloud. */
export function copyPaths(cloud: Cloud, tasks: readonly TaskManifest[]): string[] {
  return [...new Set(tasks.flatMap((task) => copiesInto(cloud, task).flatMap(({ from }) => from)))].sort();
}

/** Clouds that the copies of a data set into one are read from. */
export function cloudsRead<Other extends Cloud>(
  cloud: Cloud,
  task: TaskManifest,
  others: readonly Other[],
): readonly Other[] {
  return others.filter((other) => copiesInto(cloud, task).some(({ source }) => source.startsWith(`${other}.`)));
}
