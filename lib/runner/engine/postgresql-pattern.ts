import type { Table } from './postgresql-catalogue';

/**
 * A pattern of `exclude_tables` in pg_dump's own language
 * (https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-PATTERNS), where `*` and `?` mean what the spec means;
 * everything else is quoted, so that case, dots and signs stay what they are. Without a schema it holds in every schema.
 */
export function dumpPattern(pattern: string): string {
  const dot = pattern.indexOf('.');
  return dot < 0
    ? `*.${quoteLiterals(pattern)}`
    : `${quoteLiterals(pattern.slice(0, dot))}.${quoteLiterals(pattern.slice(dot + 1))}`;
}

function quoteLiterals(glob: string): string {
  return glob.replace(/[^*?]+/g, quoteIdentifier);
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Whether a pattern means a table: the same answer that pg_dump gives to `dumpPattern`. */
export function matchesPattern(pattern: string, { schema, table }: Pick<Table, 'schema' | 'table'>): boolean {
  const dot = pattern.indexOf('.');
  if (dot < 0) return globExpression(pattern).test(table);
  return globExpression(pattern.slice(0, dot)).test(schema) && globExpression(pattern.slice(dot + 1)).test(table);
}

function globExpression(glob: string): RegExp {
  const source = glob
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'su');
}

export interface Exclusion {
  /** Tables whose rows stay out, partitions of a named table with it. */
  readonly excluded: ReadonlySet<number>;
  /** Patterns that mean no table. */
  readonly unused: readonly string[];
  /** For pg_dump. */
  readonly patterns: readonly string[];
}

/**
 * Which tables lose their rows. A partitioned table holds none itself, so its partitions are named one by one: pg_dump
 * takes them with their parent only from version 16 on.
 */
export function excludeTables(patterns: readonly string[], tables: readonly Table[]): Exclusion {
  const excluded = new Set<number>();
  const unused: string[] = [];
  for (const pattern of patterns) {
    const named = tables.filter((table) => matchesPattern(pattern, table));
    if (named.length === 0) unused.push(pattern);
    for (const { oid } of named) excluded.add(oid);
  }
  const byPattern = new Set(excluded);
  const parents = new Map(tables.map((table) => [table.oid, table.partitionOf]));
  for (const { oid } of tables) {
    for (let parent = parents.get(oid); parent !== undefined && parent !== null; parent = parents.get(parent)) {
      if (byPattern.has(parent)) excluded.add(oid);
    }
  }
  const partitions = tables
    .filter(({ oid }) => excluded.has(oid) && !byPattern.has(oid))
    .map(({ schema, table }) => `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`);
  return { excluded, unused, patterns: [...patterns.map(dumpPattern), ...partitions] };
}
