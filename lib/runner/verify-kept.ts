import type { LedgerEntry } from '../contract';
import type { StoredObject } from './store/store';
import type { ReportFinding } from './verify';

/** What was verified once is still there under its version, and nothing lies over it. */
export function checkKept(
  object: LedgerEntry['objects'][number],
  history: readonly StoredObject[],
  report: ReportFinding,
): void {
  const kept = history.find((one) => object.version === undefined || one.version === object.version);
  if (!kept || kept.deleteMarker) {
    report(object.key, 'missing', 'it was verified once and is gone');
    return;
  }
  if (kept.bytes !== object.bytes)
    report(object.key, 'size', `it has ${kept.bytes} bytes and had ${object.bytes} when it was verified`);
  const over = history.filter((one) => one !== kept && one.modified >= kept.modified);
  for (const later of over) {
    report(
      object.key,
      'tampered',
      later.deleteMarker
        ? 'a delete marker lies over it; restores ignore it'
        : 'a later version lies over it; restores ignore it',
    );
  }
}
