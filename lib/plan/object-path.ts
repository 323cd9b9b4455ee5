/**
 * The prefix by which a lifecycle rule finds the objects of a path such as `postgresql/{year}/{month}/{day}/`: its
 * fixed beginning. A path that starts with {year} has none; but years begin with 2, and that keeps the protocol's own
 * names at the root, which begin with _, out of its rule.
 */
export function rulePrefix(path: string): string {
  const fixed = path.slice(0, /\{|$/.exec(path)?.index ?? path.length);
  return fixed === '' && path.startsWith('{year}') ? '2' : fixed;
}

/** Whether objects of one prefix may lie under the other. */
export function prefixesOverlap(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

/** Where a data set's objects lie in a store of `backup.cloud`. */
export function sharedPath(dataSet: string): string {
  return `data/${dataSet}/`;
}

/** Prefix of all data in a store of `backup.cloud`. */
export const SHARED_PREFIX = 'data/';
