import { literal, quoted } from './postgresql-quote';
import type { Held } from './target';

/**
 * pg_cron lives in the one database of a server that `cron.database_name` names: under any other name, such as one of
 * staging, its extension can't be made, and where it can, its jobs run at once. So all of it stays out of a restore, and is
 * let go by statements. https://github.com/citusdata/pg_cron#setting-up-pg_cron
 */

/** An entry of an archive's list without its three numbers. */
const ENTRY = /^\d+; \d+ \d+ (.*)$/;
const OF_CRON =
  /^(EXTENSION - pg_cron |COMMENT - EXTENSION pg_cron |ACL - SCHEMA cron |ACL cron |TABLE DATA cron (job|job_run_details) |SEQUENCE SET cron (jobid_seq|runid_seq) )/;

/** The entries of an archive's list that are of pg_cron. @default - the archive has no such extension */
export function cronEntries(toc: readonly string[]): readonly string[] {
  const entries = toc.filter((line) => OF_CRON.test(ENTRY.exec(line)?.[1] ?? ''));
  return entries.some((line) => line.includes(' EXTENSION - pg_cron ')) ? entries : [];
}

export interface CronOptions {
  /** The restored database, and the one that was dumped. */
  readonly database: string;
  readonly source: string;
  readonly owners: 'kept' | 'left out';
}

/** What makes the extension and its jobs again, of the dump's SQL of it: first all of it switched off, then each job. */
export function heldCron(sql: string, { database, source, owners }: CronOptions): readonly Held[] {
  const { columns, rows } = jobsIn(sql);
  const at = (row: readonly (string | null)[], column: string) => row[columns.indexOf(column)] ?? null;
  const values = rows.map((row) => `(${columns.map((column) => valueOf(column, at(row, column))).join(', ')})`);
  const rights = owners === 'kept' ? (sql.match(/^(GRANT|REVOKE) .*(?=;$)/gm) ?? []) : [];
  const statements = [
    'CREATE EXTENSION pg_cron',
    ...(values.length > 0
      ? [`INSERT INTO cron.job (${columns.map(quoted).join(', ')}) VALUES ${values.join(', ')}`]
      : []),
    ...(sql.match(/^SELECT pg_catalog\.setval\('cron\.jobid_seq', .*(?=;$)/m) ?? []),
    ...rights,
  ];
  const active = rows.filter((row) => at(row, 'active') === 't').map((row) => Number(at(row, 'jobid')));
  return [
    { kind: 'extension', name: `${database}: pg_cron`, release: statements.join('; ') },
    ...active.map((id): Held => jobOf(database, id)),
  ];

  function valueOf(column: string, value: string | null): string {
    if (value === null) return 'NULL';
    if (column === 'active') return 'false';
    // A copy must not talk to the server that it was copied from.
    if (column === 'nodeport') return "current_setting('port')::int";
    if (column === 'database' && value === source) return 'current_database()';
    return literal(value);
  }
}

/** A job that is there and switched off. */
export function jobOf(database: string, id: number): Held {
  return {
    kind: 'job',
    name: `${database}: job ${id} of pg_cron`,
    release: `UPDATE cron.job SET active = true WHERE jobid = ${id}`,
  };
}

/** The rows that are copied into the table of jobs. https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2 */
function jobsIn(sql: string) {
  const [, names = '', text = ''] = /^COPY cron\.job \(([^)]*)\) FROM stdin;\n([\s\S]*?)^\\\.$/m.exec(sql) ?? [];
  const rows = text.split('\n').filter((line) => line !== '');
  return {
    columns: names.split(', ').map((name) => name.replaceAll('"', '')),
    rows: rows.map((line) =>
      line.split('\t').map((field) => (field === '\\N' ? null : field.replace(ESCAPED, unescaped))),
    ),
  };
}

const ESCAPED = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|([\s\S]))/g;
const LETTERS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function unescaped(_: string, octal?: string, hex?: string, letter = ''): string {
  if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8));
  if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
  return LETTERS[letter] ?? letter;
}
