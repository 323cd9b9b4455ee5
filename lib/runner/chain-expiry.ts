import type { BackupType } from '../contract';
import { chainOf, expiriesOf, ofThePast } from './chain';
import type { History } from './chain';

/** When the newest verified chain of a store runs out. */
export interface ChainExpiry {
  readonly store: string;
  /** Seconds until nothing of the chain is kept by a retention any more; 0 where that is over. */
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
 * as the manifests in the ledger say. Neither an older chain that is kept for longer nor a lock makes it later.
 * @param runs - of the task, with what the store allows each
 * @returns `undefined` where nothing verified can be restored: that alone is overdue; or where the task has no run
 */
export function chainExpiry(
  store: string,
  history: History,
  runs: readonly KeptRun[],
  now: Date,
): ChainExpiry | undefined {
  const past = ofThePast(history, now);
  const root = newestRoot(past);
  if (!root || runs.length === 0) return undefined;
  const expiry = expiriesOf(past).get(root.sha256) ?? Date.parse(root.manifest.expiresAt);
  return {
    store,
    leftSeconds: Math.max(0, Math.floor((expiry - now.getTime()) / 1000)),
    warnSeconds: warnSecondsOf(runs),
  };
}

function newestRoot(past: History) {
  for (const one of [...past].reverse()) {
    const chain = chainOf(past, one);
    if (chain) return chain.members[0];
  }
  return undefined;
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
