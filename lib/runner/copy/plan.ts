import { chainOf } from '../chain';
import type { History } from '../chain';
import type { StoredManifest } from '../manifest';

/** What a destination lacks, in the order in which it is copied. */
export interface CopyPlan {
  /** The newest chain first, and in each every parent before its child. */
  readonly todo: History;
  /** Backups whose chain is complete in no place that was read. */
  readonly broken: History;
}

/**
 * Plans by chains. Pure: what the sources vouch for, what the destination has, and the time. A member of a chain whose
 * own time is over is copied as long as a later one needs it, as prune keeps it.
 */
export function planCopy(verified: History, isThere: (one: StoredManifest) => boolean, now: Date): CopyPlan {
  const todo: StoredManifest[] = [];
  const broken: StoredManifest[] = [];
  const planned = new Set<string>();
  for (const point of [...verified].reverse()) {
    if (Date.parse(point.manifest.expiresAt) <= now.getTime()) continue;
    const chain = chainOf(verified, point);
    if (!chain) {
      if (!isThere(point)) broken.push(point);
      continue;
    }
    for (const member of chain.members) {
      if (planned.has(member.sha256) || isThere(member)) continue;
      planned.add(member.sha256);
      todo.push(member);
    }
  }
  return { todo, broken };
}
