import type { History } from '../chain';
import { historyOf, readLedger, readManifests } from '../history';
import type { Place } from '../history';
import type { StoredManifest } from '../manifest';
import { runKeys } from '../object-key';
import { encodingsAt } from '../placement';
import { indexRunData } from '../run-data';
import { fillPath, slotDate } from '../slot';
import { StoreError } from '../store/store';

/**
 * What a destination has of a backup. `unclear`: it was published more than a day ago, and no verifier has vouched for
 * it since; `gone`: one has, and it does not lie there any more; `taken`: its name belongs to another manifest.
 */
export type DestinationState = 'there' | 'lacking' | 'unclear' | 'gone' | 'taken';

/** A place that is filled. */
export interface Destination {
  readonly place: Place;
  readonly published: History;
  readonly keyOf: (stored: StoredManifest) => string;
  readonly stateOf: (stored: StoredManifest) => DestinationState;
  /** From now on it is there. */
  readonly arrived: (stored: StoredManifest) => void;
  /** Whether data here may be read, which a copier need not be allowed; known at the first try. */
  reads: 'allowed' | 'denied';
}

const DAY = 86_400_000;

/** Reads what a destination has, as a writer may: its list and its manifests, and its ledger where that is allowed. */
export async function readDestination(
  place: Place,
  task: { readonly name: string; readonly timeZone: string },
  now: Date,
): Promise<Destination> {
  const read = await readManifests(place, task.name);
  const vouched = await verifiedAt(place, task.name);
  const published = new Map(read.manifests.map((one) => [one.object.key, one]));
  const unreadable = new Set(read.unreadable.map((one) => one.key));
  const archived = new Set(read.archived);
  const data = indexRunData(read.objects);
  const arrived = new Map<string, string>();
  const keyOf = ({ manifest: { slot, type, attempt } }: StoredManifest) =>
    runKeys(fillPath(place.path, slotDate(slot) ?? now, task.timeZone), slot, type, attempt).manifest;
  const isWhole = (key: string, { manifest }: StoredManifest) =>
    manifest.streams.every(
      (stream) => encodingsAt(stream, place.store.id, (name) => data.of(key, name).map((one) => one.bytes)).length > 0,
    );
  return {
    place,
    published: historyOf(read),
    keyOf,
    reads: 'allowed',
    arrived: (stored) => void arrived.set(keyOf(stored), stored.sha256),
    stateOf: (stored) => {
      const key = keyOf(stored);
      const put = arrived.get(key);
      if (put !== undefined) return put === stored.sha256 ? 'there' : 'taken';
      const here = published.get(key);
      // What went into an archive was published long ago, and is verified or reported by now.
      if (archived.has(key)) return 'there';
      if (vouched?.has(stored.sha256)) return here ? 'there' : 'gone';
      if (unreadable.has(key) || (here && here.stored.sha256 !== stored.sha256)) return 'taken';
      if (!here || !isWhole(key, stored)) return 'lacking';
      return vouched && now.getTime() - here.object.modified.getTime() > DAY ? 'unclear' : 'there';
    },
  };
}

/** Hashes that the destination's own verifier has vouched for; `undefined` where its ledger may not be read. */
async function verifiedAt(place: Place, task: string): Promise<ReadonlySet<string> | undefined> {
  try {
    const { entries } = await readLedger(place, task);
    return new Set(entries.map((one) => one.sha256));
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'denied') return undefined;
    throw error;
  }
}
