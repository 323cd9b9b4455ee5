import type { Claim } from './claim';
import type { PlanContext } from './context';
import { prefixesOverlap } from './object-path';

/** All claims on one bucket or container. */
export interface BucketGroup {
  readonly bucket: string;
  readonly account?: string;
  readonly region?: string;
  /** At least one, sorted by path. */
  readonly claims: readonly Claim[];
}

/**
 * Merges what several blocks name: the same bucket is one resource. What cannot be merged is an error: two regions,
 * or prefixes of two data sets of which one holds the other.
 */
export function groupClaims(context: PlanContext, claims: readonly Claim[]): readonly BucketGroup[] {
  const groups = new Map<string, Claim[]>();
  for (const claim of claims) {
    const key = `${claim.account ?? ''}/${claim.bucket}`;
    groups.set(key, [...(groups.get(key) ?? []), claim]);
  }
  return [...groups.values()].map((members) => {
    const sorted = [...members].sort((a, b) => (a.path < b.path ? -1 : 1));
    const [first] = sorted as [Claim];
    const regions = [...new Set(sorted.flatMap((one) => (one.region === undefined ? [] : [one.region])))];
    if (regions.length > 1) reportRegions(context, sorted, regions);
    reportOverlaps(context, sorted);
    if (sorted.length > 1) reportShared(context, sorted);
    const [region] = regions;
    return {
      bucket: first.bucket,
      ...(first.account !== undefined && { account: first.account }),
      ...(region !== undefined && { region }),
      claims: sorted,
    };
  });
}

function reportRegions(context: PlanContext, claims: readonly Claim[], regions: readonly string[]): void {
  const last = claims[claims.length - 1] as Claim;
  context.report({
    code: 'DR3003',
    path: last.path,
    message: `"${last.bucket}" is named in ${regions.join(' and in ')}, and is one bucket`,
    fix: 'name one region, or two buckets',
  });
}

function reportOverlaps(context: PlanContext, claims: readonly Claim[]): void {
  claims.forEach((later, index) => {
    const earlier = claims.slice(0, index).find((one) => prefixesOverlap(one.prefix, later.prefix));
    // A claim without a prefix was refused already.
    if (!earlier || earlier.prefix === '' || later.prefix === '') return;
    context.report({
      code: 'DR3002',
      path: later.path,
      message: `objects under "${later.prefix}" of "${later.bucket}" are also those of ${earlier.path} ("${earlier.prefix}")`,
      fix:
        earlier.store && later.store
          ? 'keep one of the two stores, or give them two buckets'
          : 'give each data set a prefix of its own, neither the beginning of the other',
    });
  });
}

function reportShared(context: PlanContext, claims: readonly Claim[]): void {
  const [first, ...others] = claims as [Claim, ...Claim[]];
  const last = others[others.length - 1] as Claim;
  context.report({
    code: 'DR3035',
    path: last.path,
    message: `"${first.bucket}" is named by ${claims.map((one) => one.path).join(' and ')}: one resource, rules scoped by prefix`,
    fix: '',
  });
}
