import type { TaskManifest } from '../contract';
import { longestInterval } from '../units';
import { chainOf, expiriesOf, keptUntil, newestRestorable, ofThePast } from './chain';
import type { History } from './chain';
import type { StoredManifest } from './manifest';
import { slotDate } from './slot';

/** What happens to one backup, and why. */
export interface PruneDecision {
  readonly stored: StoredManifest;
  readonly fate: 'remove' | 'keep';
  readonly why: string;
}

const DAY = 86_400_000;

/**
 * Decides by chains what may go from one store. Pure: the verified history of the store, the task and the time.
 * What the store keeps by its own lifecycle stays until then: an explicit lifecycle of the destination wins.
 * The newest verified chain always stays, what has the name of a run that may still come does, and nothing goes while the task is overdue: then somebody has to look first.
 */
export function planPrune(
  verified: History,
  task: TaskManifest,
  now: Date,
  keptDays?: number,
): readonly PruneDecision[] {
  const expiries = expiriesOf(verified, keptDays);
  const newest = newestRestorable(ofThePast(verified, now)) ?? newestRestorable(verified);
  const kept = new Set(newest?.members.map((one) => one.sha256));
  const overdue = overdueSince(verified, task, now);
  return verified.map((stored): PruneDecision => {
    const expiry = expiries.get(stored.sha256) ?? Infinity;
    const end = keptUntil(stored.manifest, keptDays);
    const keep = (why: string): PruneDecision => ({ stored, fate: 'keep', why });
    if (kept.has(stored.sha256)) return keep('belongs to the newest chain that can be restored');
    if (expiry > now.getTime()) {
      return keep(
        end > now
          ? `retention ends ${end.toISOString()}`
          : `later backups need it until ${new Date(expiry).toISOString()}`,
      );
    }
    if (isNameOfRun(stored, now)) return keep('the run of that slot may still come, and would be taken for it');
    if (overdue !== undefined) return keep(`the task is overdue: ${overdue}`);
    return { stored, fate: 'remove', why: `retention ended ${end.toISOString()}, and nothing needs it` };
  });
}

/**
 * A backup that says to be of a slot to come, and to be past its time, was put there by somebody. The ledger holds its name
 * for ever: once it is gone, the run of that slot would publish under a name that the verifier knows as another's. As long
 * as it is there, that run finds its name taken, and says so.
 */
function isNameOfRun({ manifest }: StoredManifest, now: Date): boolean {
  return (slotDate(manifest.slot)?.getTime() ?? 0) > now.getTime() - DAY;
}

/** A task is overdue when its newest verified backup is older than two intervals of its most frequent run, and a day. */
export function overdueSince(verified: History, task: TaskManifest, now: Date): string | undefined {
  const complete = ofThePast(verified, now).filter((one) => chainOf(verified, one));
  const newest = complete[complete.length - 1];
  if (!newest) return 'no complete verified backup';
  const intervals = task.runs.flatMap((run) => {
    const interval = longestInterval(run.cadence);
    return interval ? [interval.seconds * 1000] : [];
  });
  const allowed = 2 * Math.min(...intervals, 31 * DAY) + DAY;
  const age = now.getTime() - (slotDate(newest.manifest.slot)?.getTime() ?? 0);
  return age > allowed ? `the newest verified backup is of ${newest.manifest.slot}` : undefined;
}
