import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { BackupManifest } from '../../contract';
import { EngineError } from '../engine/engine';
import type { SqlServerClient } from '../engine/sqlserver-client';
import { recordsOf } from '../engine/sqlserver-position';
import type { SqlServerFacts } from '../engine/sqlserver-server';

/** https://learn.microsoft.com/sql/t-sql/functions/serverproperty-transact-sql: folders of databases that name none. */
const FACTS = `SET @answer = (SELECT
  CONVERT(nvarchar(4000), SERVERPROPERTY(N'InstanceDefaultDataPath')) AS [data],
  CONVERT(nvarchar(4000), SERVERPROPERTY(N'InstanceDefaultLogPath')) AS [log],
  HAS_PERMS_BY_NAME(NULL, NULL, N'CREATE ANY DATABASE') AS [create]
  FOR JSON PATH, INCLUDE_NULL_VALUES, WITHOUT_ARRAY_WRAPPER);`;

const Facts = z.object({ data: z.string().nullable(), log: z.string().nullable(), create: z.int().nullable() });

const DATABASES = `SET LOCK_TIMEOUT 60000; SET @answer = (SELECT d.name AS [name], d.state_desc AS [state]
  FROM sys.databases AS d FOR JSON PATH, INCLUDE_NULL_VALUES);`;

const Databases = z.array(z.object({ name: z.string(), state: z.string() })).default([]);

export type ExistingDatabase = z.infer<typeof Databases>[number];

export function existingDatabases(client: SqlServerClient): Promise<readonly ExistingDatabase[]> {
  return client.ask('the list of databases', DATABASES, Databases);
}

/** Where restored files go. @throws EngineError where the login may restore nothing */
export async function dataFolders(client: SqlServerClient): Promise<{ readonly data: string; readonly log: string }> {
  const { data, log, create } = await client.ask('the folders of the server', FACTS, Facts);
  if (create !== 1)
    throw new EngineError(
      'config',
      'the login of the target may create no database',
      'make it a member of dbcreator, or of sysadmin',
    );
  if (!data || !log) throw new EngineError('config', 'the target says no default folders', 'set them on the server');
  return { data, log };
}

/** A backup of a newer version is restored nowhere older; the number before the first dot is the version. */
export function checkVersion({ tools }: BackupManifest, { major, version }: SqlServerFacts): void {
  const source = Number.parseInt(tools.sqlserver ?? '', 10);
  if (!(source > major)) return;
  throw new EngineError(
    'config',
    `the target is SQL Server ${version}, and the backup is of ${tools.sqlserver}`,
    'restore into a server that is as new or newer',
  );
}

/** A database of the backup, and the names that it gets. */
export interface Naming {
  readonly database: string;
  readonly name: string;
  readonly staging: string;
}

/** By the streams, and by what is said of each where a run left one alone. */
export function databasesIn(manifests: readonly BackupManifest[]): readonly string[] {
  const names = manifests.flatMap((one) => [
    ...recordsOf(one).keys(),
    ...one.streams.flatMap(({ format, database }) => (format === 'sqlserver' && database ? [database] : [])),
  ]);
  return [...new Set(names)].sort();
}

/**
 * @param renamed - the one name that is asked for, or a name for each
 * @throws EngineError for a name that the backup does not have, or one name for several
 */
export function namesFor(
  held: readonly string[],
  asked: readonly string[] | undefined,
  renamed: string | ((database: string) => string) | undefined,
): readonly Naming[] {
  const lacking = (asked ?? []).filter((name) => !held.includes(name));
  if (lacking.length > 0)
    throw new EngineError('config', `the backup has no database ${lacking.join(', ')}`, `it has ${held.join(', ')}`);
  const chosen = asked ?? held;
  if (typeof renamed === 'string' && chosen.length !== 1)
    throw new EngineError(
      'config',
      `--target gives one name to ${chosen.length} databases: ${chosen.join(', ')}`,
      'choose one by --database, or leave the name out',
    );
  return chosen.map((database) => {
    const name = typeof renamed === 'function' ? renamed(database) : (renamed ?? database);
    return { database, name, staging: stagingName(name) };
  });
}

const SYSTEM = ['master', 'model', 'msdb', 'tempdb'];

/** @throws EngineError for what is on the server and was not named by --replace */
export function refuseExisting(
  names: readonly Naming[],
  existing: readonly ExistingDatabase[],
  replace: readonly string[],
): readonly string[] {
  const system = names.find(({ name }) => SYSTEM.includes(name.toLowerCase()));
  if (system) throw new EngineError('config', `${system.name} is a database of the system`, 'give another name');
  // Names that differ in case alone are the same one to most servers.
  const there = names.flatMap(({ name }) => existing.filter((one) => one.name.toLowerCase() === name.toLowerCase()));
  const lacking = there.map(({ name }) => name).filter((name) => !replace.includes(name));
  if (lacking.length > 0)
    throw new EngineError(
      'config',
      `the target has ${lacking.join(', ')}`,
      `restore under another name, or say ${lacking.map((name) => `--replace ${name}`).join(' ')}: what is there is renamed then`,
    );
  return there.map(({ name }) => name);
}

/** Of one name always the same one: what a killed restore left is found by it. */
export function stagingName(name: string): string {
  return `hypdr_restoring_${createHash('sha256').update(name).digest('hex').slice(0, 12)}`;
}
