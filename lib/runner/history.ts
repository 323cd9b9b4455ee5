import { sortHistory } from './chain';
import type { History } from './chain';
import { decodeLedgerEntry, decodeManifest, readAll, tryRead } from './manifest';
import type { StoredManifest } from './manifest';
import { isFullRead, ledgerPrefix, listPrefix, readManifestKey } from './object-key';
import { readMany } from './read-many';
import type { LedgerEntry } from '../contract';
import { isArchived, unlessArchived } from './store/archive';
import type { Store, StoreError, StoredObject } from './store/store';

/** A data set in one store. */
export interface Place {
  readonly store: Store;
  /** Path with placeholders, relative to the store; empty for a folder of the data set's own. */
  readonly path: string;
  /** Days that the store keeps what lies in it by its own lifecycle. @default - the retention of the types decides */
  readonly keptDays?: number | undefined;
}

export interface ManifestObject {
  readonly object: StoredObject;
  readonly stored: StoredManifest;
}

export interface ReadHistory {
  readonly manifests: readonly ManifestObject[];
  /** All objects of the listing in which they were found, data and all. */
  readonly objects: readonly StoredObject[];
  /** Manifests that are there and cannot be read, with the reason. */
  readonly unreadable: readonly { readonly key: string; readonly why: string }[];
  /** Names of manifests under which something else lies: of no backup, or of another task's. */
  readonly strangers: readonly string[];
  /** Keys of manifests that lie in an archive: nothing is wrong with them, and the ledger has their bytes. */
  readonly archived: readonly string[];
}

/** Reads every manifest of a data set in a store, which a writer may do: listing, and reading `*.manifest.json`. */
export async function readManifests({ store, path }: Place, task: string): Promise<ReadHistory> {
  const manifests: ManifestObject[] = [];
  const unreadable: { key: string; why: string }[] = [];
  const objects: StoredObject[] = [];
  const archived: string[] = [];
  const foreign: string[] = [];
  const denied: StoreError[] = [];
  let read = 0;
  const named: { readonly object: StoredObject; readonly name: NonNullable<ReturnType<typeof readManifestKey>> }[] = [];
  for await (const object of store.list(listPrefix(path))) {
    if (object.key.startsWith('_')) continue;
    objects.push(object);
    const name = readManifestKey(object.key);
    if (name) named.push({ object, name });
  }
  const reading = readMany(named, async (one) => ({
    ...one,
    // Of what a list says to be in an archive nothing is asked.
    bytes: isArchived(one.object) ? undefined : await unlessArchived(tryRead(store.read(one.object.key))),
  }));
  for await (const { object, name, bytes } of reading) {
    if (!bytes) {
      archived.push(object.key);
      continue;
    }
    if (bytes === 'gone') continue;
    if ('unreadable' in bytes) {
      if (bytes.unreadable.kind === 'denied') denied.push(bytes.unreadable);
      unreadable.push({ key: object.key, why: bytes.unreadable.message });
      continue;
    }
    read += 1;
    const decoded = decodeManifest(bytes);
    if ('why' in decoded) unreadable.push({ key: object.key, why: decoded.why });
    else if (decoded.manifest.task !== task) foreign.push(object.key);
    else if (decoded.manifest.slot !== name.slot || decoded.manifest.type !== name.type)
      unreadable.push({ key: object.key, why: 'the manifest speaks of another slot or type than its name' });
    else manifests.push({ object, stored: decoded });
  }
  // Where none can be read it is a matter of rights, and of no single object.
  const [barred] = denied;
  if (barred && read === 0) throw barred;
  const strangers = [...foreign, ...unreadable.map(({ key }) => key)];
  return { manifests, objects, unreadable, strangers, archived };
}

export function historyOf(read: ReadHistory): History {
  return sortHistory(read.manifests.map((one) => one.stored));
}

export interface LedgerRead {
  readonly entries: readonly (StoredManifest & { readonly entry: LedgerEntry; readonly key: string })[];
  readonly unreadable: readonly { readonly key: string; readonly why: string }[];
}

/** Reads the verifier's ledger of a data set, every entry; `LedgerLook` reads less. */
export async function readLedger({ store, path }: Place, task: string): Promise<LedgerRead> {
  const entries: (StoredManifest & { entry: LedgerEntry; key: string })[] = [];
  const unreadable: { key: string; why: string }[] = [];
  const keys: string[] = [];
  for await (const { key } of store.list(ledgerPrefix(task, path))) if (!isFullRead(key)) keys.push(key);
  const reading = readMany(keys, async (key) => ({
    key,
    decoded: decodeLedgerEntry(await readAll(await store.read(key))),
  }));
  for await (const { key, decoded } of reading) {
    if ('why' in decoded) unreadable.push({ key, why: decoded.why });
    else entries.push({ ...decoded, key });
  }
  return { entries, unreadable };
}
