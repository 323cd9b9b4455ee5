import type { BackupManifest, LedgerEntry } from '../contract';
import type { Place } from './history';
import type { StoredManifest } from './manifest';
import { dataFolder } from './object-key';
import type { ReportFinding } from './verify';
import type { Versions } from './versions';

/** @returns the objects as they were seen, or `undefined` after a report */
export async function checkObjects(
  { store }: Place,
  manifestKey: string,
  { manifest }: StoredManifest,
  versions: Versions,
  report: ReportFinding,
): Promise<LedgerEntry['objects'] | undefined> {
  const folder = dataFolder(manifestKey, manifest.attempt);
  const objects: LedgerEntry['objects'][number][] = [];
  let sound = true;
  for (const segment of segmentsIn(manifest, store.id, () => {
    sound = false;
    report(manifestKey, 'missing', `the manifest says that ${store.id} does not hold all of its streams`);
  })) {
    const key = `${folder}/${segment.name}`;
    const [first, ...later] = versions.get(key) ?? [];
    const seen = first && (await store.head(key, first.version));
    if (!first || !seen || first.deleteMarker) {
      sound = false;
      report(key, 'missing', 'the manifest names it, and it is not there');
      continue;
    }
    if (later.length > 0) report(key, 'tampered', 'it was written or deleted again; the first version counts');
    if (seen.bytes !== segment.bytes) {
      sound = false;
      report(key, 'size', `it has ${seen.bytes} bytes and should have ${segment.bytes}`);
      continue;
    }
    const receipt = segment.receipts.find((one) => one.store === store.id);
    if (receipt?.checksum !== undefined && seen.checksum !== undefined && receipt.checksum !== seen.checksum) {
      sound = false;
      report(key, 'checksum', `the store computes ${seen.checksum} and said ${receipt.checksum} when it took it`);
      continue;
    }
    objects.push({
      key,
      bytes: seen.bytes,
      ...(seen.version !== undefined && { version: seen.version }),
      ...(seen.checksum !== undefined && { checksum: seen.checksum }),
    });
  }
  return sound ? objects : undefined;
}

function segmentsIn(manifest: BackupManifest, store: string, lacking: () => void) {
  return manifest.streams.flatMap((stream) => {
    const encoding = stream.encodings.find((one) => one.stores.includes(store));
    if (!encoding) lacking();
    return encoding?.segments ?? [];
  });
}
