import type { LedgerEntry } from '../contract';
import type { Place } from './history';
import type { StoredManifest } from './manifest';
import { dataFolder } from './object-key';
import type { RunData } from './run-data';
import { unlessArchived } from './store/archive';
import { readObjects } from './verify-full';
import type { VerifyFinding } from './verify';
import type { Versions } from './versions';

/** A published manifest in a place, and what lies around it. */
export interface Published {
  readonly place: Place;
  readonly key: string;
  readonly stored: StoredManifest;
  readonly versions: Versions;
  readonly data: RunData;
}

/** What was found out about the objects of one backup. */
export interface Checked {
  /** `undefined`: they are not what the manifest says. */
  readonly objects: LedgerEntry['objects'] | undefined;
  readonly method: LedgerEntry['method'];
  readonly problems: readonly Omit<VerifyFinding, 'store'>[];
}

/**
 * Looks at the objects of a backup by HEAD, where the manifest holds what this store said when it took them. Of a copy
 * it holds nothing: then every object is read in full, once, and compared with its SHA-256.
 */
export async function checkObjects(published: Published, signal: AbortSignal): Promise<Checked> {
  const { place, key, stored, data } = published;
  const quick = await headObjects(published);
  if (quick.objects) return quick;
  const own = `${dataFolder(key, stored.manifest.attempt)}/`;
  const copied =
    stored.manifest.streams.some(({ encodings }) => !encodings.some((one) => one.stores.includes(place.store.id))) ||
    data.keysOf(key).some((one) => !one.startsWith(own));
  if (!copied) return quick;
  const message = 'a copy that went into an archive before it was verified: thaw it, and verify again';
  const archived: Checked = { objects: undefined, method: 'full', problems: [{ key, kind: 'archived', message }] };
  return (await unlessArchived(readObjects(published, signal))) ?? archived;
}

async function headObjects({ place: { store }, key: manifestKey, stored, versions }: Published): Promise<Checked> {
  const folder = dataFolder(manifestKey, stored.manifest.attempt);
  const objects: LedgerEntry['objects'][number][] = [];
  const problems: Omit<VerifyFinding, 'store'>[] = [];
  let sound = true;
  const spoil = (key: string, kind: VerifyFinding['kind'], message: string) => {
    sound = false;
    problems.push({ key, kind, message });
  };
  for (const stream of stored.manifest.streams) {
    const encoding = stream.encodings.find((one) => one.stores.includes(store.id));
    if (!encoding) {
      spoil(manifestKey, 'missing', `the manifest says that ${store.id} does not hold all of its streams`);
      continue;
    }
    for (const segment of encoding.segments) {
      const key = `${folder}/${segment.name}`;
      const [first, ...later] = versions.get(key) ?? [];
      const seen = first && (await store.head(key, first.version));
      if (!first || !seen || first.deleteMarker) {
        spoil(key, 'missing', 'the manifest names it, and it is not there');
        continue;
      }
      if (later.length > 0) {
        const message = 'it was written or deleted again; the first version counts';
        problems.push({ key, kind: 'tampered', message });
      }
      if (seen.bytes !== segment.bytes) {
        spoil(key, 'size', `it has ${seen.bytes} bytes and should have ${segment.bytes}`);
        continue;
      }
      const receipt = segment.receipts.find((one) => one.store === store.id);
      if (receipt?.checksum !== undefined && seen.checksum !== undefined && receipt.checksum !== seen.checksum) {
        spoil(key, 'checksum', `the store computes ${seen.checksum} and said ${receipt.checksum} when it took it`);
        continue;
      }
      objects.push({
        key,
        bytes: seen.bytes,
        ...(seen.version !== undefined && { version: seen.version }),
        ...(seen.checksum !== undefined && { checksum: seen.checksum }),
      });
    }
  }
  return { objects: sound ? objects : undefined, method: 'head', problems };
}
