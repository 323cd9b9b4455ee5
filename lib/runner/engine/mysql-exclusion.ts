import type { Catalogue, ForeignKey, Table } from './mysql-catalogue';
import { keyOf } from './mysql-catalogue';
import { matchesPattern } from './postgresql-pattern';

export interface Exclusion {
  /** Tables whose rows stay out. */
  readonly excluded: readonly Table[];
  readonly keys: ReadonlySet<string>;
  /** Patterns that mean no table. */
  readonly unused: readonly string[];
  /** Foreign keys of rows that are kept, onto rows that are not. */
  readonly broken: readonly ForeignKey[];
}

/**
 * Wildcards of `exclude_tables` expanded from the catalogue, since the dump knows whole names only. Without a database
 * a pattern holds in every one.
 */
export function excludeTables(
  patterns: readonly string[],
  { tables, foreignKeys }: Catalogue,
  lowerCaseNames: 'lower' | 'exact',
): Exclusion {
  const fold = (text: string) => (lowerCaseNames === 'lower' ? text.toLowerCase() : text);
  const matches = (pattern: string, { schema, table }: Table) =>
    matchesPattern(fold(pattern), { schema: fold(schema), table: fold(table) });
  const excluded = tables.filter((table) => patterns.some((pattern) => matches(pattern, table)));
  const keys = new Set(excluded.map(keyOf));
  return {
    excluded,
    keys,
    unused: patterns.filter((pattern) => !tables.some((table) => matches(pattern, table))),
    broken: foreignKeys.filter((key) => keys.has(keyOf(key.references)) && !keys.has(keyOf(key))),
  };
}
