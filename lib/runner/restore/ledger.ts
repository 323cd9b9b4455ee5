import type { Place } from '../history';
import { decodeLedgerEntry, readAll } from '../manifest';
import { isFullRead, isUnfinished, ledgerPrefix } from '../object-key';
import type { StoredObject } from '../store/store';
import type { VerifiedBackup } from '../copy/source';

/** The ledger as its verifier wrote it: entries are only ever created, so the first version of each counts. */
export interface FirstLedger {
  readonly entries: readonly VerifiedBackup[];
  readonly unreadable: readonly { readonly key: string; readonly why: string }[];
  /** What lies over an entry. */
  readonly suspected: readonly { readonly key: string; readonly why: string }[];
}

export async function readFirstLedger({ store, path }: Place, task: string): Promise<FirstLedger> {
  const histories = new Map<string, StoredObject[]>();
  for await (const object of store.list(ledgerPrefix(task, path), { versions: 'all' })) {
    if (isUnfinished(object.key) || isFullRead(object.key)) continue;
    histories.set(object.key, [...(histories.get(object.key) ?? []), object]);
  }
  const entries: VerifiedBackup[] = [];
  const unreadable: FirstLedger['unreadable'][number][] = [];
  const suspected: FirstLedger['suspected'][number][] = [];
  for (const [key, history] of histories) {
    history.sort((a, b) => a.modified.getTime() - b.modified.getTime() || Number(a.latest) - Number(b.latest));
    const first = history.find((one) => !one.deleteMarker);
    if (history.length > 1 || !first)
      suspected.push({ key, why: 'an entry of the ledger was written or deleted again; its first version counts' });
    if (!first) continue;
    const { version } = first;
    const decoded = decodeLedgerEntry(
      await readAll(await store.read(key, { ...(version !== undefined && { version }) })),
    );
    if ('why' in decoded) unreadable.push({ key, why: decoded.why });
    else entries.push({ ...decoded, key });
  }
  return { entries, unreadable, suspected };
}
