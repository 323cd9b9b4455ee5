import { mkdir, rm, writeFile } from 'node:fs/promises';
import type { BackupStream } from '../../contract';
import { runChild, statusOf } from '../engine/child';
import { EngineError } from '../engine/engine';
import type { Machine } from '../machine';
import { cronEntries } from './postgresql-cron';
import { quoted, readKey } from './postgresql-quote';

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
  /** A list for `--use-list` without these keys and without pg_cron. @default - all of the archive is meant */
  readonly list?: string;
  /** SQL of pg_cron, which is in no database but one. @default - it is not in the archive */
  readonly cron?: string;
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
  const toc = (await pgRestore(archive, ['--list', '--create'], options.machine)).split('\n');
  const ofDatabase = toc.filter((line) =>
    /^\d+; \d+ \d+ (DATABASE|(ACL|COMMENT|SECURITY LABEL) - DATABASE) /.test(line),
  );
  const sql = await sqlOf(archive, ofDatabase, ['--create'], options.machine);
  const keys = options.notValid.flatMap((one) => readKey(one) ?? []);
  const entries = toc.filter((line) =>
    keys.some(({ schema, table, name }) => line.includes(` FK CONSTRAINT ${schema} ${table} ${name} `)),
  );
  const keySql = entries.length > 0 ? await sqlOf(archive, entries, [], options.machine) : '';
  const cron = cronEntries(toc);
  const left = [...entries, ...cron];
  const list = `${archive.path}.list`;
  if (left.length > 0)
    await writeFile(list, toc.filter((line) => !left.includes(line) && !ofDatabase.includes(line)).join('\n'));
  return {
    createOptions: /^CREATE DATABASE .*? WITH (TEMPLATE = template0.*);$/m.exec(sql)?.[1] ?? 'TEMPLATE = template0',
    properties: propertiesIn(sql, options),
    ...(left.length > 0 && { list }),
    ...(cron.length > 0 && {
      cron: await sqlOf(
        archive,
        cron.filter((line) => !HISTORY.test(line)),
        [],
        options.machine,
      ),
    }),
    keys: notValidIn(keySql),
  };
}

/** What past runs of jobs said: it may be long, and nothing reads it. */
const HISTORY = / TABLE DATA cron job_run_details /;

async function sqlOf(
  archive: Archive,
  lines: readonly string[],
  more: readonly string[],
  machine: Machine,
): Promise<string> {
  const list = `${archive.path}.some`;
  await writeFile(list, `${lines.join('\n')}\n`);
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
