/**
 * The prefix by which a lifecycle rule finds the objects of a path such as `postgresql/{year}/{month}/{day}/`: its
 * fixed beginning. Years begin with 2, which keeps the protocol's own names at the root (they begin with _) out of
 * the rule of a path that starts with {year}.
 */
export function rulePrefix(path: string): string {
  const fixed = path.slice(0, /\{|$/.exec(path)?.index ?? path.length);
  return path.startsWith(`${fixed}{year}`) ? `${fixed}2` : fixed;
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
