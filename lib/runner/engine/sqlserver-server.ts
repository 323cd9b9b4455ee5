import { z } from 'zod';
import { EngineError } from './engine';
import type { SqlServerClient } from './sqlserver-client';

export interface SqlServerFacts {
  /** `16.0.4135.4` */
  readonly version: string;
  readonly major: number;
  readonly edition: string;
  readonly compression: 'available' | 'unavailable';
  readonly name: string;
  /** Where the server writes backups that name no folder; known since 2019. */
  readonly backupFolder: string | undefined;
}

/** What a server without FOR JSON can still answer, so that it is told apart. */
const VERSION = `SET @answer = N'"' + CONVERT(nvarchar(128), SERVERPROPERTY(N'ProductVersion')) + N'"';`;

/** https://learn.microsoft.com/sql/t-sql/functions/serverproperty-transact-sql; `rdsadmin` is on every Amazon RDS. */
const FACTS = `SET @answer = (SELECT
  CONVERT(nvarchar(128), SERVERPROPERTY(N'Edition')) AS [edition],
  CONVERT(int, SERVERPROPERTY(N'EngineEdition')) AS [engine],
  CONVERT(nvarchar(128), SERVERPROPERTY(N'ServerName')) AS [name],
  CONVERT(nvarchar(4000), SERVERPROPERTY(N'InstanceDefaultBackupPath')) AS [backupFolder],
  CASE WHEN DB_ID(N'rdsadmin') IS NULL THEN 0 ELSE 1 END AS [rds]
  FOR JSON PATH, INCLUDE_NULL_VALUES, WITHOUT_ARRAY_WRAPPER);`;

const Facts = z.object({
  edition: z.string(),
  engine: z.int(),
  name: z.string(),
  backupFolder: z.string().nullable(),
  rds: z.int(),
});

/** SQL Server 2016, the first with FOR JSON. */
const OLDEST_MAJOR = 13;

/** @throws EngineError where the server takes no BACKUP DATABASE */
export async function readServer(client: SqlServerClient): Promise<SqlServerFacts> {
  const version = await client.ask('the version of the server', VERSION, z.string());
  const major = Number.parseInt(version, 10);
  if (!(major >= OLDEST_MAJOR))
    throw new EngineError('config', `the server is of version ${version}`, 'SQL Server 2016 (13) or newer is needed');
  const { edition, engine, name, backupFolder, rds } = await client.ask('the facts of the server', FACTS, Facts);
  refuseServices(engine, rds);
  return {
    version,
    major,
    edition,
    compression: compressionOf(edition),
    name,
    backupFolder: backupFolder || undefined,
  };
}

function refuseServices(engine: number, rds: number): void {
  if (rds === 1)
    throw new EngineError(
      'config',
      'this is Amazon RDS, which refuses BACKUP DATABASE',
      'use msdb.dbo.rds_backup_database with the option SQLSERVER_BACKUP_RESTORE, or the automated backups of RDS',
    );
  if (engine === 5)
    throw new EngineError(
      'config',
      'this is Azure SQL Database, which has no BACKUP DATABASE',
      'it is backed up by Azure',
    );
  if (engine === 8)
    throw new EngineError(
      'config',
      'this is Azure SQL Managed Instance, which writes copy_only backups to a URL only',
      'it is backed up by Azure',
    );
}

/** Express and Web have none: https://learn.microsoft.com/sql/sql-server/editions-and-components-of-sql-server-2022 */
export function compressionOf(edition: string): SqlServerFacts['compression'] {
  return /^(Express|Web)\b/i.test(edition) ? 'unavailable' : 'available';
}

/** The clock of the server, in UTC, as JSON. */
export const NOW = `N'"' + CONVERT(nvarchar(33), SYSUTCDATETIME(), 126) + N'Z"'`;

/** What NOW is answered with. */
export const Moment = z.iso.datetime().transform((text) => new Date(text));

export function serverTime(client: SqlServerClient): Promise<Date> {
  return client.ask('the time of the server', `SET @answer = ${NOW};`, Moment);
}
