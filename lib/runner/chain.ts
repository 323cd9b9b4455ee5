import type { BackupManifest, BackupType } from '../contract';
import type { StoredManifest } from './manifest';
import { brokenLink } from './restore/link';
import { slotDate } from './slot';

/** All that one store knows of a data set, oldest first: manifests that were read, by their hash. */
export type History = readonly StoredManifest[];

/** A manifest with everything that a restore of it needs before it, oldest first, itself last. */
export interface Chain {
  readonly members: History;
}

export function sortHistory<Stored extends StoredManifest>(manifests: Iterable<Stored>): readonly Stored[] {
  return [...manifests].sort((a, b) => compareSlots(a.manifest, b.manifest));
}

type Named = Pick<BackupManifest, 'slot' | 'type'>;

/** Older ones first; of one slot, what others may follow. */
export function compareSlots(a: Named, b: Named): number {
  if (a.slot !== b.slot) return a.slot < b.slot ? -1 : 1;
  return ORDER.indexOf(a.type) - ORDER.indexOf(b.type);
}

const ORDER: readonly BackupType[] = ['full', 'differential', 'incremental', 'log'];

/** What two clocks that are right may be apart, and much more. */
export const CLOCK_SKEW = 3_600_000;
const DAY = 86_400_000;

/**
 * Whether a backup is from the future by its own words, since a clock was wrong, or somebody who may write put backups
 * of days that are still to come into a store. Its time comes, and it is from the future all the same: its verifier saw
 * it before.
 */
export function isFromFuture({ manifest, verifiedAt }: StoredManifest, now: Date): boolean {
  const times = [slotDate(manifest.slot)?.getTime() ?? Infinity, Date.parse(manifest.startedAt)];
  const seen = verifiedAt === undefined ? Infinity : Date.parse(verifiedAt) + CLOCK_SKEW;
  return Math.max(...times) > Math.min(now.getTime(), seen);
}

/** Without what is from the future: it is kept for as long as it says, but no age and no newest backup goes by it. */
export function ofThePast(history: History, now: Date): History {
  return history.filter((one) => !isFromFuture(one, now));
}

/** Follows parents by their hashes, never by names; `undefined` where a member is missing or parents run in a circle. */
export function chainOf(history: History, last: StoredManifest): Chain | undefined {
  const byHash = new Map(history.map((one) => [one.sha256, one]));
  const members: StoredManifest[] = [];
  const seen = new Set<string>();
  for (let at: StoredManifest | undefined = last; ;) {
    if (!at || seen.has(at.sha256)) return undefined;
    seen.add(at.sha256);
    members.unshift(at);
    const { parent, type } = at.manifest;
    if (parent === null) return type === 'full' ? { members } : undefined;
    at = byHash.get(parent.sha256);
  }
}

/**
 * What a new run of a type may follow, the best first, each at the end of a complete chain: a differential the newest
 * full; an increment or a log the newest one that goes back to the newest full, else that full; then whatever is newest.
 * Logs that were taken while a full was under way have later slots than the full and belong to the chain before it:
 * following those for ever would leave the full without a log. Degraded ones may be followed.
 */
export function parentsFor(type: BackupType, history: History): History {
  const follows: Readonly<Record<BackupType, readonly BackupType[]>> = {
    full: [],
    differential: ['full'],
    incremental: ['full', 'incremental'],
    log: ['full', 'log'],
  };
  const chains = [...history].reverse().flatMap((one) => {
    const chain = follows[type].includes(one.manifest.type) ? chainOf(history, one) : undefined;
    return chain ? [chain.members] : [];
  });
  const full = chains.find((members) => members.length === 1)?.[0];
  const ofFull = chains.find(([root]) => root === full);
  return [...new Set([ofFull, chains[0]].flatMap((members) => members?.at(-1) ?? []))];
}

/**
 * The newest backup that can be restored and is whole; a degraded one only where nothing better is there. None that a
 * restore would refuse for a link that does not hold: whoever may write could else put one there, and the newest good one
 * would pass its time beside it.
 */
export function newestRestorable(history: History): Chain | undefined {
  const chains = [...history].reverse().flatMap((one) => {
    const chain = chainOf(history, one);
    return chain ? [chain] : [];
  });
  const isWhole = ({ members }: Chain) => members.every((one) => one.manifest.degraded.length === 0);
  return chains.find((one) => isWhole(one) && holds(one)) ?? chains.find(holds);
}

function holds({ members }: Chain): boolean {
  return members.every(({ manifest }, index) => {
    const parent = members[index - 1];
    return parent === undefined || brokenLink(parent.manifest, manifest) === undefined;
  });
}

/** When the retention of a backup in a store ends: that of its type, or where the store keeps it for longer, the store's own. */
export function keptUntil({ slot, expiresAt }: BackupManifest, keptDays: number | undefined): Date {
  const own = Date.parse(expiresAt);
  const start = slotDate(slot)?.getTime();
  return new Date(start === undefined || keptDays === undefined ? own : Math.max(own, start + keptDays * DAY));
}

/**
 * When each member of a history may go: its own retention, and that of every later point which needs it. A point that
 * needs a member which is missing here holds the members that are there all the same. What a store keeps for longer than
 * the types ask it keeps one by one: its lifecycle knows of no chain, and takes each by its age.
 * @param keptDays - what the store's own lifecycle says
 * @returns milliseconds since 1970, by the manifest's hash
 */
export function expiriesOf(history: History, keptDays?: number): ReadonlyMap<string, number> {
  const byHash = new Map(history.map((one) => [one.sha256, one]));
  const expiries = new Map(history.map((one) => [one.sha256, Date.parse(one.manifest.expiresAt)]));
  for (const point of history) {
    const needed = Date.parse(point.manifest.expiresAt);
    const seen = new Set<string>([point.sha256]);
    for (let at = parentOf(point, byHash); at && !seen.has(at.sha256); at = parentOf(at, byHash)) {
      seen.add(at.sha256);
      expiries.set(at.sha256, Math.max(expiries.get(at.sha256) ?? 0, needed));
    }
  }
  for (const { sha256, manifest } of history)
    expiries.set(sha256, Math.max(expiries.get(sha256) ?? 0, keptUntil(manifest, keptDays).getTime()));
  return expiries;
}

function parentOf(one: StoredManifest, byHash: ReadonlyMap<string, StoredManifest>): StoredManifest | undefined {
  const parent = one.manifest.parent;
  return parent ? byHash.get(parent.sha256) : undefined;
}
