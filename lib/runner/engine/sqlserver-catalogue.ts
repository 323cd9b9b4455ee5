import { z } from 'zod';
import type { SqlServerClient } from './sqlserver-client';
import { identifier, literal } from './sqlserver-statement';

/**
 * Every database that belongs to somebody: without those of the system and without snapshots.
 * https://learn.microsoft.com/sql/relational-databases/system-catalog-views/sys-databases-transact-sql,
 * sys-database-recovery-status-transact-sql, sys-master-files-transact-sql. LSNs have 25 digits: they travel as text.
 */
const DATABASES = `SET LOCK_TIMEOUT 60000; SET @answer = (SELECT d.name AS [name], d.state_desc AS [state],
  d.recovery_model_desc AS [model], d.is_in_standby AS [standby], d.is_encrypted AS [encrypted],
  CASE WHEN d.replica_id IS NULL THEN NULL ELSE CONVERT(int, sys.fn_hadr_is_primary_replica(d.name)) END AS [primary],
  CONVERT(varchar(36), r.database_guid) AS [databaseGuid], CONVERT(varchar(36), r.family_guid) AS [familyGuid],
  CONVERT(varchar(36), r.recovery_fork_guid) AS [fork], CONVERT(varchar(25), r.last_log_backup_lsn) AS [logLsn],
  (SELECT f.name AS [name], f.physical_name AS [path], f.type_desc AS [type], f.size AS [pages],
    CONVERT(varchar(36), f.differential_base_guid) AS [baseGuid],
    CONVERT(varchar(25), f.differential_base_lsn) AS [baseLsn]
    FROM sys.master_files AS f WHERE f.database_id = d.database_id FOR JSON PATH, INCLUDE_NULL_VALUES) AS [files]
  FROM sys.databases AS d LEFT JOIN sys.database_recovery_status AS r ON r.database_id = d.database_id
  WHERE d.database_id > 4 AND d.source_database_id IS NULL AND d.is_distributor = 0
  FOR JSON PATH, INCLUDE_NULL_VALUES);`;

const DatabaseFile = z.object({
  name: z.string(),
  path: z.string(),
  type: z.string(),
  pages: z.int(),
  baseGuid: z.string().nullable(),
  baseLsn: z.string().nullable(),
});

const Database = z.object({
  name: z.string(),
  state: z.string(),
  /** FULL, BULK_LOGGED or SIMPLE */
  model: z.string(),
  standby: z.boolean(),
  encrypted: z.boolean().nullable(),
  /** Of an availability group: 1 where this replica is the primary one. */
  primary: z.int().nullable(),
  databaseGuid: z.string().nullable(),
  familyGuid: z.string().nullable(),
  fork: z.string().nullable(),
  /** Where the next log backup begins; none where the database has no log chain. */
  logLsn: z.string().nullable(),
  files: z.array(DatabaseFile).nullable(),
});

export type Database = z.infer<typeof Database>;
export type DatabaseFile = z.infer<typeof DatabaseFile>;

/** Smallest first, so that what is wrong with folders and rights shows before hours of writing. */
export async function readDatabases(client: SqlServerClient): Promise<readonly Database[]> {
  const databases = await client.ask('the list of databases', DATABASES, z.array(Database).default([]));
  return [...databases].sort((a, b) => pagesOf(a) - pagesOf(b) || (a.name < b.name ? -1 : 1));
}

function pagesOf({ files }: Database): number {
  return (files ?? []).reduce((total, { pages }) => total + pages, 0);
}

const Tables = z.array(z.object({ schema: z.string(), table: z.string(), rows: z.int() })).default([]);

export type TableRows = z.infer<typeof Tables>[number];

/** What sys.partitions says, which is not always exact: https://learn.microsoft.com/sql/relational-databases/system-catalog-views/sys-partitions-transact-sql */
export async function readRows(client: SqlServerClient, database: string): Promise<readonly TableRows[]> {
  const db = identifier(database);
  const statement = `SET LOCK_TIMEOUT 60000; SET @answer = (SELECT s.name AS [schema], t.name AS [table],
    SUM(CASE WHEN p.index_id IN (0, 1) THEN p.rows ELSE 0 END) AS [rows]
    FROM ${db}.sys.tables AS t JOIN ${db}.sys.schemas AS s ON s.schema_id = t.schema_id
    JOIN ${db}.sys.partitions AS p ON p.object_id = t.object_id
    WHERE t.is_ms_shipped = 0 GROUP BY s.name, t.name FOR JSON PATH);`;
  const tables = await client.ask(`rows of database "${database}"`, statement, Tables);
  return [...tables].sort((a, b) => (`${a.schema}.${a.table}` < `${b.schema}.${b.table}` ? -1 : 1));
}

const Author = z.object({
  user: z.string().nullable(),
  name: z.string().nullable(),
  finished: z.string().nullable(),
  device: z.string().nullable(),
});

export type Author = z.infer<typeof Author>;

export type ForeignBackup =
  /** The full that moved the base of differentials. */
  | { readonly kind: 'base'; readonly guid: string }
  /** The log backup that took what is missing. */
  | { readonly kind: 'log'; readonly database: string; readonly lastLsn: string };

/**
 * Who took a backup, by the server's own history.
 * https://learn.microsoft.com/sql/relational-databases/system-tables/backupset-transact-sql
 */
export async function readAuthor(client: SqlServerClient, backup: ForeignBackup): Promise<Author | undefined> {
  const which =
    backup.kind === 'base'
      ? `b.backup_set_uuid = CONVERT(uniqueidentifier, ${literal(backup.guid)})`
      : `b.database_name = ${literal(backup.database)} AND b.type = N'L' AND b.is_copy_only = 0 AND b.last_lsn = CONVERT(numeric(25, 0), ${literal(backup.lastLsn)})`;
  const statement = `SET LOCK_TIMEOUT 60000; SET @answer = (SELECT TOP (1) b.user_name AS [user], b.name AS [name],
    CONVERT(varchar(19), b.backup_finish_date, 126) AS [finished], m.physical_device_name AS [device]
    FROM msdb.dbo.backupset AS b LEFT JOIN msdb.dbo.backupmediafamily AS m ON m.media_set_id = b.media_set_id
    WHERE ${which} FOR JSON PATH, INCLUDE_NULL_VALUES);`;
  const [author] = await client.ask('the history of backups', statement, z.array(Author).default([]));
  return author;
}
