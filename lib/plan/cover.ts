/** Names that a policy lists one by one; it has an end, and more of them are said by their beginnings. */
const NAMED = 20;

/**
 * Beginnings that cover all of these names, as few as a policy can hold: the names themselves, else their first
 * folders, else the beginning of everything.
 */
export function cover(names: readonly string[]): readonly string[] {
  const folders = names.map((name) => name.slice(0, name.indexOf('/') + 1 || name.length));
  const [found] = [names, folders].map(distinct).filter((one) => one.length <= NAMED);
  return found ?? [''];
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
