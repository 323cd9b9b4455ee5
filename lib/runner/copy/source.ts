import { sortHistory } from '../chain';
import type { History } from '../chain';
import { readLedger } from '../history';
import type { LedgerRead, Place } from '../history';
import { isArchived } from '../store/archive';
import { versionsUnder } from '../versions';

export type VerifiedBackup = LedgerRead['entries'][number];

/** A place that is read: what its verifier vouches for, and still lies there. */
export interface CopySource {
  readonly place: Place;
  /** By the hash of the manifest. */
  readonly held: ReadonlyMap<string, VerifiedBackup>;
  /** Of these, by their hashes, what lies in an archive and can't be read. */
  readonly archived: ReadonlySet<string>;
}

/** Reads the ledger of a place, and lists whether what it holds was pruned since. */
export async function readSource(place: Place, task: string): Promise<CopySource> {
  const [ledger, versions] = [await readLedger(place, task), await versionsUnder(place)];
  const there = ledger.entries.filter(({ entry }) =>
    (versions.get(entry.manifestKey) ?? []).some((one) => !one.deleteMarker),
  );
  const isCold = ({ key, version }: VerifiedBackup['entry']['objects'][number]) =>
    (versions.get(key) ?? []).some((one) => (version === undefined || one.version === version) && isArchived(one));
  const archived = there.filter(({ entry }) =>
    entry.objects.some((one) => one.key !== entry.manifestKey && isCold(one)),
  );
  return {
    place,
    held: new Map(there.map((one) => [one.sha256, one])),
    archived: new Set(archived.map((one) => one.sha256)),
  };
}

/** Everything that any of the sources vouches for, each backup once. */
export function unionOf(sources: readonly CopySource[]): History {
  return sortHistory(new Map(sources.flatMap(({ held }) => [...held])).values());
}
