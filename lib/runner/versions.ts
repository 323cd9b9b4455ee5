import type { Place } from './history';
import { listPrefix } from './object-key';
import type { StoredObject } from './store/store';

/** Every version and delete marker of the objects of a data set in a place, by key, oldest first. */
export type Versions = ReadonlyMap<string, readonly StoredObject[]>;

/** Reads them by listing; the protocol's own names at the root are not among them. */
export async function versionsUnder({ store, path }: Place): Promise<Versions> {
  const versions = new Map<string, StoredObject[]>();
  for await (const object of store.list(listPrefix(path), { versions: 'all' })) {
    if (object.key.startsWith('_')) continue;
    versions.set(object.key, [...(versions.get(object.key) ?? []), object]);
  }
  for (const history of versions.values())
    history.sort((a, b) => a.modified.getTime() - b.modified.getTime() || Number(a.latest) - Number(b.latest));
  return versions;
}
