import type { BackupManifest, BackupType, LedgerEntry, TaskManifest } from '../contract';
import { CLOCK_SKEW, compareSlots, expiriesOf, keptUntil, sortHistory } from './chain';
import type { LedgerLook, LedgerName, ReadEntry } from './ledger-look';
import { readDataKey, readManifestKey, runOf } from './object-key';
import { slotDate } from './slot';
import type { StoredObject } from './store/store';

/** A ledger with what lies in its store, at a time of which is asked what could go. */
export interface Unpruned {
  readonly ledger: LedgerLook;
  readonly objects: readonly StoredObject[];
  readonly task: TaskManifest;
  readonly keptDays: number | undefined;
  readonly then: Date;
}

const DAY = 86_400_000;
/** Entries that are read before it is asked whether all is held; then twice as many. */
const STEP = 64;

/**
 * Whether a backup that is there could have gone by `then`. Prunes that do their work leave of what has come to its end only
 * what later backups need, which is little: that is read, and then forwards until each is held by one that is not at its end.
 * Where something may be left, the caller reads everything.
 *
 * How long a type is kept and locked is taken from the task, or from what was read where that says less; of what is there
 * the oldest of each type is always read. A type that for a while was kept for less than before and since is asked for when
 * the longer time has passed: `prune` goes by each manifest, and takes it before.
 */
export async function mayHaveGone(asked: Unpruned): Promise<boolean> {
  const { ledger, objects, keptDays, then } = asked;
  const there = new Set(objects.map(({ key }) => key));
  const names = await endingNames(asked, there);
  const ended = (await ledger.read(names)).filter((one) => hasEnded(one, keptDays, then));
  const oldest = sortHistory(ended)[0]?.manifest;
  if (!oldest) return false;
  const mayHold = namesAfter(oldest, new Set(names), there, ledger);
  for (let count = STEP; ; count *= 2) {
    // What more is read makes ends only later: what is held stays so.
    const known = (await ledger.read([...names, ...mayHold.slice(0, count)])).filter((one) => isKnown(one, then));
    const ends = expiriesOf(sortHistory(known), keptDays);
    if (ended.every(({ sha256 }) => (ends.get(sha256) ?? 0) > then.getTime())) return false;
    if (count >= mayHold.length) return true;
  }
}

/** What may hold a backup and is not at its end by its name: the nearest first, and what is not there after all others. */
function namesAfter(
  oldest: Pick<LedgerName, 'slot' | 'type'>,
  ended: ReadonlySet<LedgerName>,
  there: ReadonlySet<string>,
  ledger: LedgerLook,
): readonly LedgerName[] {
  const later = ledger.names.filter((name) => !ended.has(name) && compareSlots(name, oldest) >= 0);
  const isThere = ({ manifestKey }: LedgerName) => there.has(manifestKey);
  return [...later.filter(isThere), ...later.filter((name) => !isThere(name))];
}

/** What is there and may be at its end, by its name and by how long what was read of its type is kept. */
async function endingNames(
  { ledger, task, keptDays, then }: Unpruned,
  there: ReadonlySet<string>,
): Promise<readonly LedgerName[]> {
  const lying = ledger.names.filter(({ manifestKey }) => there.has(manifestKey));
  const shortest = new Map<BackupType, number>();
  const shorten = (type: BackupType, time: number) =>
    void shortest.set(type, Math.min(shortest.get(type) ?? Infinity, time));
  for (const { type, retentionDays, lockDays } of task.runs)
    shorten(type, Math.max(retentionDays, lockDays, keptDays ?? 0) * DAY);
  const oldest = new Map([...lying].reverse().map((name) => [name.type, name]));
  let names: readonly LedgerName[] = [...oldest.values()];
  for (;;) {
    for (const { manifest } of await ledger.read(names)) shorten(manifest.type, keptTime(manifest, keptDays));
    const more = new Set(names);
    for (const name of lying) {
      const end = startOf(name) + (shortest.get(name.type) ?? 0) - CLOCK_SKEW;
      if (end <= then.getTime()) more.add(name);
    }
    if (more.size === names.length) return names;
    names = [...more];
  }
}

function startOf({ slot }: Pick<LedgerName, 'slot'>): number {
  return slotDate(slot)?.getTime() ?? 0;
}

/** How long after its slot a backup may go by its own word. */
function keptTime(manifest: BackupManifest, keptDays: number | undefined): number {
  return Math.max(keptUntil(manifest, keptDays).getTime(), Date.parse(manifest.lockedUntil)) - startOf(manifest);
}

function isKnown({ entry }: ReadEntry, then: Date): boolean {
  return Date.parse(entry.verifiedAt) <= then.getTime();
}

/** By its own word; what hangs on it may keep it. */
function hasEnded(one: ReadEntry, keptDays: number | undefined, then: Date): boolean {
  return isKnown(one, then) && keptUntil(one.manifest, keptDays) <= then && lockEnd(one) <= then.getTime();
}

/** When its lock ends at the latest, counted from its verification, since copies are locked when they come. */
export function lockEnd({ manifest, verifiedAt }: Pick<ReadEntry, 'manifest' | 'verifiedAt'>): number {
  const lock = Date.parse(manifest.lockedUntil) - startOf(manifest);
  return Date.parse(verifiedAt ?? manifest.endedAt) + lock;
}

/**
 * Entries of published backups beside which more data lies than theirs, as names and times tell: of a second attempt, or
 * written after the manifest, which is the last object of a backup. Nothing else of a published one is asked for.
 */
export async function entriesWithMore({
  ledger,
  objects,
}: Pick<Unpruned, 'ledger' | 'objects'>): Promise<ReadonlyMap<string, LedgerEntry>> {
  const published = new Map(
    objects.flatMap(({ key, modified }) => (readManifestKey(key) ? [[runOf(key), modified.getTime()] as const] : [])),
  );
  const attempts = new Map<string, Set<string>>();
  const more = new Set<string>();
  for (const { key, modified } of objects) {
    const data = readDataKey(key);
    if (!data) continue;
    const own = attempts.get(data.run) ?? new Set();
    attempts.set(data.run, own.add(data.attempt));
    if (own.size > 1 || modified.getTime() > (published.get(data.run) ?? Infinity)) more.add(data.run);
  }
  const entries = await ledger.read(ledger.names.filter(({ manifestKey }) => more.has(runOf(manifestKey))));
  return new Map(entries.map(({ entry }) => [entry.manifestKey, entry]));
}
