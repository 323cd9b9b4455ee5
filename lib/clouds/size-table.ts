/** Sizes of families that share them: `['large xlarge', 'm5 r5']` reads as m5.large, m5.xlarge, r5.large, r5.xlarge. */
export type SizeRow = readonly [sizes: string, families: string];

export type SizeTable = ReadonlyMap<string, ReadonlySet<string>>;

export function sizeTable(rows: readonly SizeRow[]): SizeTable {
  const table = new Map<string, ReadonlySet<string>>();
  for (const [sizes, families] of rows) {
    const set = new Set(sizes.split(' '));
    for (const family of families.split(' ')) table.set(family, set);
  }
  return table;
}

export function hasSize(table: SizeTable, family: string, size: string): boolean {
  return table.get(family)?.has(size) ?? false;
}

/** Names from patterns with one `#`: `{ 'D#s_v3': '2 4' }` reads as D2s_v3 and D4s_v3. */
export function namesFrom(patterns: Readonly<Record<string, string>>): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [pattern, sizes] of Object.entries(patterns)) {
    for (const size of sizes.split(' ')) names.add(pattern.replace('#', size));
  }
  return names;
}
