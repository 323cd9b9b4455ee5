import { mkdir, rm, writeFile } from 'node:fs/promises';
import type { BackupStream } from '../../contract';
import { runChild, statusOf } from '../engine/child';
import { EngineError } from '../engine/engine';
import type { Machine } from '../machine';
import { cronEntries } from './postgresql-cron';
import type { CronSql } from './postgresql-cron';
import { quoted, readKey } from './postgresql-quote';
import { readToc } from './postgresql-toc';
import type { TocEntry } from './postgresql-toc';

/** A dump as pg_restore reads it: a file, or the folder that its tar holds. */
export interface Archive {
  readonly format: BackupStream['format'];
  readonly path: string;
}

/** Unpacks the directory format, which pg_restore reads from a folder alone. */
export async function openArchive({ format }: BackupStream, file: string, machine: Machine): Promise<Archive> {
  if (format !== 'pg_directory_tar') return { format, path: file };
  const folder = `${file}.folder`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  const end = await runChild('tar', ['--extract', '--force-local', `--file=${file}`, `--directory=${folder}`], {
    machine,
  });
  if (end.exitCode !== 0) throw new EngineError('source', `tar of the dump ended with ${statusOf(end)}: ${end.stderr}`);
  return { format, path: folder };
}

/** What an archive says of its database, and which of its keys can't come back as valid. */
export interface ArchiveFacts {
  /** After `CREATE DATABASE name`: encoding and locale. */
  readonly createOptions: string;
  /** Owner, settings, rights and comment of the database, with the name that is asked for. */
  readonly properties: readonly string[];
  /** A list for `--use-list` without these keys, pg_cron, and what is built on it. @default - all of the archive is meant */
  readonly list?: string;
  /** Of pg_cron, which is in no database but one. @default - it is not in the archive */
  readonly cron?: CronSql;
  /** Statements that add the keys as NOT VALID. */
  readonly keys: readonly string[];
}

export interface ArchiveOptions {
  readonly database: string;
  readonly into: string;
  readonly owners: 'kept' | 'left out';
  /** Keys that point at rows that are not in the backup, as the manifest names them. */
  readonly notValid: readonly string[];
  readonly machine: Machine;
}

/** Reads the table of contents, and lets pg_restore write a few entries as SQL. */
export async function readArchive(archive: Archive, options: ArchiveOptions): Promise<ArchiveFacts> {
  const { machine } = options;
  const toc = readToc(await pgRestore(archive, ['--list', '--verbose', '--create'], machine));
  const ofDatabase = toc.filter(({ what }) => /^(DATABASE|(ACL|COMMENT|SECURITY LABEL) - DATABASE) /.test(what));
  const sql = await sqlOf(archive, ofDatabase, ['--create'], machine);
  const keys = options.notValid.flatMap((one) => readKey(one) ?? []);
  const entries = toc.filter(({ line }) =>
    keys.some(({ schema, table, name }) => line.includes(` FK CONSTRAINT ${schema} ${table} ${name} `)),
  );
  const keySql = entries.length > 0 ? await sqlOf(archive, entries, [], machine) : '';
  const cron = cronEntries(toc);
  const left = [...entries, ...(cron?.own ?? []), ...(cron?.built ?? [])];
  const list = `${archive.path}.list`;
  if (left.length > 0)
    await writeFile(list, linesOf(toc.filter((one) => !left.includes(one) && !ofDatabase.includes(one))));
  return {
    createOptions: /^CREATE DATABASE .*? WITH (TEMPLATE = template0.*);$/m.exec(sql)?.[1] ?? 'TEMPLATE = template0',
    properties: propertiesIn(sql, options),
    ...(left.length > 0 && { list }),
    ...(cron && { cron: { own: await sqlOf(archive, cron.kept, [], machine), built: await builtOf(cron.built) } }),
    keys: notValidIn(keySql),
  };

  async function builtOf(built: readonly TocEntry[]): Promise<CronSql['built']> {
    const said: CronSql['built'][number][] = [];
    const owners = options.owners === 'kept' ? [] : ['--no-owner', '--no-privileges'];
    for (const one of built) {
      const statement = statementIn(await sqlOf(archive, [one], owners, machine));
      if (statement !== '') said.push({ what: one.what, sql: statement });
    }
    return said;
  }
}

const linesOf = (entries: readonly TocEntry[]) => entries.map(({ line }) => `${line}\n`).join('');

/** What stands between the heading of the first entry and the end. @default - empty, where it was left out */
function statementIn(sql: string): string {
  const [, behind = ''] = /^-- Name: [^\n]*\n--\n([\s\S]*)/m.exec(sql) ?? [];
  const end = behind.lastIndexOf('\n--\n-- PostgreSQL database dump complete\n');
  return behind.slice(0, end < 0 ? undefined : end).trim();
}

async function sqlOf(
  archive: Archive,
  entries: readonly TocEntry[],
  more: readonly string[],
  machine: Machine,
): Promise<string> {
  const list = `${archive.path}.some`;
  await writeFile(list, linesOf(entries));
  return pgRestore(archive, [...more, `--use-list=${list}`, '--file=-'], machine);
}

async function pgRestore({ path }: Archive, args: readonly string[], machine: Machine): Promise<string> {
  const end = await runChild('pg_restore', [...args, path], { machine });
  if (end.exitCode === 0) return end.stdout;
  const fix = /unsupported version/.test(end.stderr)
    ? 'install a client that is as new as the one that took the dump'
    : '';
  throw new EngineError('config', `pg_restore ended with ${statusOf(end)}: ${end.stderr}`, fix);
}

/** What is about the database and is neither a command of psql nor a setting of the session. */
function propertiesIn(sql: string, { database, into, owners }: ArchiveOptions): readonly string[] {
  const statements = sql
    .split('\n')
    .filter((line) => !/^(\\|--|SET |SELECT pg_catalog\.set_config|CREATE DATABASE )/.test(line))
    .join('\n')
    .split(/;\n/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const own = [quoted(database), database].map((name) => `DATABASE ${name}`);
  return statements.flatMap((one) => {
    if (owners === 'left out' && /^(GRANT|REVOKE|ALTER ROLE) | OWNER TO /.test(one)) return [];
    const named = own.find((name) => one.includes(`${name} `));
    return named === undefined ? [] : [one.replace(named, () => `DATABASE ${quoted(into)}`)];
  });
}

function notValidIn(sql: string): readonly string[] {
  return [...sql.matchAll(/^ALTER TABLE [^\n]*\n {4}ADD CONSTRAINT [^\n]*;$/gm)].map(([one]) =>
    one.replace(/;$/, ' NOT VALID'),
  );
}
