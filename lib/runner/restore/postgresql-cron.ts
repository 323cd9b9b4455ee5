import { EngineError } from '../engine/engine';
import { literal, quoted } from './postgresql-quote';
import { dependants } from './postgresql-toc';
import type { TocEntry } from './postgresql-toc';
import type { Held } from './target';

/**
 * pg_cron lives in the one database of a server that `cron.database_name` names: under any other name, such as one of
 * staging, its extension can't be made, and where it can, its jobs run at once. So all of it stays out of a restore, and is
 * let go by statements. https://github.com/citusdata/pg_cron#setting-up-pg_cron
 */

const OF_CRON =
  /^(EXTENSION - pg_cron |COMMENT - EXTENSION pg_cron |ACL - SCHEMA cron |ACL cron |TABLE DATA cron (job|job_run_details) |SEQUENCE SET cron (jobid_seq|runid_seq) )/;

/** What past runs of jobs said: it may be long, and nothing reads it. */
const HISTORY = /^TABLE DATA cron job_run_details /;

/** What has no rows of its own and guards none, so that a restore is whole without it for a while. */
const HELD =
  /^(VIEW|MATERIALIZED VIEW|MATERIALIZED VIEW DATA|FUNCTION|PROCEDURE|AGGREGATE|TYPE|RULE|TRIGGER|EVENT TRIGGER|FK CONSTRAINT|COMMENT|ACL|SECURITY LABEL|DEFAULT ACL) /;

/** The entries of an archive that stay out with pg_cron. */
export interface CronEntries {
  /** Of the extension itself. */
  readonly own: readonly TocEntry[];
  /** Those of `own` whose SQL brings it back. */
  readonly kept: readonly TocEntry[];
  /** What users built on it, in the order in which it can be made again. */
  readonly built: readonly TocEntry[];
}

/** @returns nothing where the archive has no such extension. @throws EngineError where something with rows is built on it */
export function cronEntries(toc: readonly TocEntry[]): CronEntries | undefined {
  const extension = toc.filter(({ what }) => what.startsWith('EXTENSION - pg_cron '));
  if (extension.length === 0) return undefined;
  const ofExtension = toc.filter(({ what }) => OF_CRON.test(what));
  const far = dependants(toc, extension);
  // A right on what somebody put into the schema is no right of the extension.
  const others = far.filter((one) => !ofExtension.includes(one));
  const built = [...others, ...dependants(toc, others)];
  const own = ofExtension.filter((one) => !built.includes(one));
  refuseRows(built);
  return {
    own,
    kept: own.filter(({ what }) => !HISTORY.test(what)),
    built: toc.filter((one) => built.includes(one)),
  };
}

function refuseRows(built: readonly TocEntry[]): void {
  const views = built.filter(({ what }) => what.startsWith('MATERIALIZED VIEW ')).map(({ id }) => id);
  const isOfView = ({ what, dependsOn }: TocEntry) =>
    what.startsWith('INDEX ') && dependsOn.some((one) => views.includes(one));
  const names = built.filter((one) => !HELD.test(one.what) && !isOfView(one)).map(({ what }) => what);
  if (names.length === 0) return;
  throw new EngineError(
    'config',
    `what is built on pg_cron stays out of a restore with it, and this can't: ${names.join(', ')}`,
    'the recipe in _recovery/ goes on with all the rest',
  );
}

export interface CronOptions {
  /** The restored database, and the one that was dumped. */
  readonly database: string;
  readonly source: string;
  readonly owners: 'kept' | 'left out';
}

/** SQL of what stays out with pg_cron. */
export interface CronSql {
  readonly own: string;
  /** Each statement by itself, in order. */
  readonly built: readonly { readonly what: string; readonly sql: string }[];
}

/**
 * What makes the extension and its jobs again, of the dump's SQL of it: first all of it switched off, then what is built
 * on it, then each job, which may need that.
 */
export function heldCron({ own: sql, built }: CronSql, { database, source, owners }: CronOptions): readonly Held[] {
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
    ...built.map(({ what, sql: release }): Held => {
      // As pg_dump has it: names in a body are those of whoever calls it.
      const unchecked = /^(FUNCTION|PROCEDURE) /.test(what) ? 'SET check_function_bodies = false; ' : '';
      return { kind: 'dependant', name: `${database}: ${what}`, release: `${unchecked}${release}` };
    }),
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
