import { chainOf, sortHistory } from '../chain';
import type { History } from '../chain';
import type { StoredManifest } from '../manifest';

/** What a destination lacks, in the order in which it is copied. */
export interface CopyPlan {
  /** The newest chain first, and in each every parent before its child. */
  readonly todo: History;
  /** Backups whose chain is complete in no place that was read. */
  readonly broken: History;
}

export interface CopyWish {
  /** What the sources vouch for. */
  readonly verified: History;
  /** What is published in the destination: a chain may be complete by it. */
  readonly published: History;
  readonly isThere: (one: StoredManifest) => boolean;
  readonly now: Date;
}

/**
 * Plans by chains. A member of a chain whose own time is over is copied as long as a later one needs it, as prune keeps
 * it; what no source vouches for is only relied on where the destination has it.
 */
export function planCopy({ verified, published, isThere, now }: CopyWish): CopyPlan {
  const todo: StoredManifest[] = [];
  const broken: StoredManifest[] = [];
  const planned = new Set<string>();
  const vouched = new Set(verified.map((one) => one.sha256));
  const known = sortHistory(new Map([...published, ...verified].map((one) => [one.sha256, one])).values());
  for (const point of [...verified].reverse()) {
    if (Date.parse(point.manifest.expiresAt) <= now.getTime()) continue;
    const lacking = chainOf(known, point)?.members.filter((one) => !isThere(one));
    if (!lacking?.every((one) => vouched.has(one.sha256))) {
      if (!isThere(point)) broken.push(point);
      continue;
    }
    for (const member of lacking.filter((one) => !planned.has(one.sha256))) {
      planned.add(member.sha256);
      todo.push(member);
    }
  }
  return { todo, broken };
}
