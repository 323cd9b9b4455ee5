import { BackupType } from '../contract';
import { chainOf, expiriesOf, ofThePast, sortHistory } from './chain';
import type { Chain, History } from './chain';
import type { Place } from './history';
import type { LedgerLook } from './ledger-look';
import { lockClaim } from './lock-claim';
import type { StoredManifest } from './manifest';
import { slotDate } from './slot';

/** When the newest verified chain of a store runs out. */
export interface ChainExpiry {
  readonly store: string;
  /**
   * Seconds until nothing of the chain is kept by a retention any more, 0 where that is over; where the store's own
   * lifecycle takes each backup by its age, until it takes the first that the chain needs, less than 0 where it may have.
   */
  readonly leftSeconds: number;
  /** Seconds before the end from which on it is warned of; 0: never. */
  readonly warnSeconds: number;
}

/** What decides how much is left of a chain while every run comes in time. */
export interface KeptRun {
  readonly type: BackupType;
  readonly retentionDays: number;
  /** Seconds that the newest verified backup of the run may be old. */
  readonly allowedSeconds: number;
}

const DAY_SECONDS = 86_400;
const WARN_SECONDS = 14 * DAY_SECONDS;

/**
 * Pure. The newest chain is the one that `prune` never takes, and lifecycle does: the newest verified point that can be
 * restored, the full below it and all that hangs on that full. It is kept until the last of them has passed its retention,
 * as the manifests in the ledger say. Neither an older chain that is kept for longer nor a lock makes it later. A store
 * whose lifecycle the spec gives takes each backup by its age, whatever hangs on it (DR3030): there the newest point can
 * be restored until the first of its chain goes, which a lock on it holds up.
 * @param runs - of the task, with what the store allows each
 * @returns `undefined` where nothing verified can be restored: that alone is overdue; or where the task has no run
 */
export function chainExpiry(
  { store, keptDays }: Pick<Place, 'keptDays'> & { readonly store: Pick<Place['store'], 'id' | 'locks'> },
  history: History,
  runs: readonly KeptRun[],
  now: Date,
): ChainExpiry | undefined {
  const past = ofThePast(history, now);
  const chain = newestChain(past);
  const root = chain?.members[0];
  if (!root || runs.length === 0) return undefined;
  const secondsTo = (end: number) => Math.floor((end - now.getTime()) / 1000);
  if (keptDays !== undefined) {
    const taken = chain.members.map((one) => takenAt(one, keptDays, store));
    return {
      store: store.id,
      leftSeconds: secondsTo(Math.min(...taken)),
      warnSeconds: warnSecondsBy(keptDays, runs),
    };
  }
  const expiry = expiriesOf(past).get(root.sha256) ?? Date.parse(root.manifest.expiresAt);
  return { store: store.id, leftSeconds: Math.max(0, secondsTo(expiry)), warnSeconds: warnSecondsOf(runs) };
}

/**
 * What of a ledger `chainExpiry` goes by: the newest chain, and where it is kept for as long as what hangs on it, all since
 * its full. A backup that says to be older than the full that it follows holds nothing.
 */
export async function newestHistory(
  ledger: LedgerLook,
  { keptDays }: Pick<Place, 'keptDays'>,
  now: Date,
): Promise<History> {
  const chain = await ledger.newestChain(BackupType.options, now, 'past');
  const [root] = chain ?? [];
  if (!chain || !root || keptDays !== undefined) return chain ?? [];
  const later = await ledger.read(ledger.since(root, now));
  return sortHistory(new Set([...chain, ...later]));
}

function newestChain(past: History): Chain | undefined {
  for (const one of [...past].reverse()) {
    const chain = chainOf(past, one);
    if (chain) return chain;
  }
  return undefined;
}

/** When a lifecycle takes a backup at the earliest: its objects are made after its slot, and a lock holds it up. */
function takenAt({ manifest }: StoredManifest, keptDays: number, store: Parameters<typeof lockClaim>[1]): number {
  const isLocked = lockClaim(manifest, store) === 'locked';
  const end = (slotDate(manifest.slot)?.getTime() ?? 0) + keptDays * DAY_SECONDS * 1000;
  return Math.max(end, isLocked ? Date.parse(manifest.lockedUntil) : 0);
}

/**
 * The same where a lifecycle takes each backup by its age: a full is at its oldest when the next one has been verified. A
 * lifecycle that takes it before is warned of when it may have done so.
 */
function warnSecondsBy(keptDays: number, runs: readonly KeptRun[]): number {
  const fulls = runs.filter(({ type }) => type === 'full');
  const oldest = shortest(fulls.length > 0 ? fulls : runs);
  const keptSeconds = keptDays * DAY_SECONDS;
  return Math.max(0, Math.min(WARN_SECONDS, keptSeconds / 2, keptSeconds - oldest));
}

/**
 * From when on it is warned of: 14 days before the end, but no earlier than half of the retention before it, nor while
 * every run comes in time. A chain has its least left when its newest backup is as old as it may be, so a retention that
 * is hardly longer than an interval is warned of late, and a shorter one never: that it is overdue is told before.
 */
export function warnSecondsOf(runs: readonly KeptRun[]): number {
  const least = (some: readonly KeptRun[], lateSeconds: number) => {
    const retentionSeconds = Math.min(...some.map((run) => run.retentionDays)) * DAY_SECONDS;
    return { retentionSeconds, leftSeconds: retentionSeconds - shortest(some) - lateSeconds };
  };
  const fulls = runs.filter(({ type }) => type === 'full');
  // Whatever is newest holds its chain for its own retention; and so does the full below, which is old for longer: what
  // began before the next full was there follows the old one still, for as long as it may take to come.
  const both = [
    ...(runs.length > 0 ? [least(runs, 0)] : []),
    ...(fulls.length > 0 ? [least(fulls, shortest(runs))] : []),
  ];
  const [best] = both.sort((a, b) => b.leftSeconds - a.leftSeconds);
  return best ? Math.max(0, Math.min(WARN_SECONDS, best.retentionSeconds / 2, best.leftSeconds)) : 0;
}

function shortest(runs: readonly KeptRun[]): number {
  return Math.min(...runs.map((run) => run.allowedSeconds));
}

/**
 * How long ago the warning of the worst of a task's stores began, in seconds: 0 where there is none to give.
 * @returns `undefined` where no store has a chain, or none was asked
 */
export function expiryWarningSeconds(expiries: readonly ChainExpiry[]): number | undefined {
  if (expiries.length === 0) return undefined;
  return Math.max(0, ...expiries.map(({ leftSeconds, warnSeconds }) => warnSeconds - leftSeconds));
}
