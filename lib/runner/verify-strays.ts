import type { Place } from './history';
import { readDataKey } from './object-key';
import { readFirstLedger } from './restore/ledger';
import type { StoredObject } from './store/store';
import { versionsUnder } from './versions';

/** A run may be alive for so long after its last object: what is younger is nobody's stray. */
const ALIVE_MILLISECONDS = 86_400_000;

/** Data that no manifest speaks of: of a run that never came to its end, or put there by somebody. */
export async function findStrays(
  place: Place,
  task: string,
  now: Date,
): Promise<readonly { readonly key: string; readonly why: string }[]> {
  const versions = await versionsUnder(place);
  const ledger = await readFirstLedger(place, task);
  const known = new Map(
    ledger.entries.map(({ entry }) => [entry.manifestKey, new Set(entry.objects.map((one) => one.key))]),
  );
  const strays: { key: string; why: string }[] = [];
  for (const [key, history] of versions) {
    const data = readDataKey(key);
    const newest = history.at(-1) as StoredObject;
    if (!data || newest.deleteMarker || now.getTime() - newest.modified.getTime() < ALIVE_MILLISECONDS) continue;
    const manifestKey = `${data.run}.manifest.json`;
    const objects = known.get(manifestKey);
    if (objects ? !objects.has(key) : !versions.has(manifestKey))
      strays.push({ key, why: objects ? 'the backup does without it' : 'there is no manifest that names it' });
  }
  return strays;
}
