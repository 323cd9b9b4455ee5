import type { Database, ForeignBackup } from './sqlserver-catalogue';
import type { BackupHeader, SetType } from './sqlserver-header';
import type { DatabaseRecord } from './sqlserver-position';

/** What a run does with one database. */
export type DatabasePlan =
  { readonly take: SetType; readonly copyOnly: boolean; readonly because?: Why } | { readonly leave: string };

/** Why an increment is not possible, and whose doing it may be. */
export interface Why {
  readonly text: string;
  readonly by?: ForeignBackup;
}

export interface PlanOptions {
  readonly copyOnly: boolean;
  /** Major version of the server. */
  readonly major: number;
}

/** Since SQL Server 2025 every kind of backup may be taken on every replica. */
const ANY_REPLICA_MAJOR = 17;

/**
 * https://learn.microsoft.com/sql/database-engine/availability-groups/windows/active-secondaries-backup-on-secondary-replicas-always-on-availability-groups
 */
export function isSecondary({ primary }: Pick<Database, 'primary'>, { major }: PlanOptions): boolean {
  return primary === 0 && major < ANY_REPLICA_MAJOR;
}

const ON_SECONDARY =
  'this is a secondary replica of its availability group, which takes only logs and copy_only fulls: run the task on the primary replica, or set copy_only: true';

export function planDatabase(
  type: SetType,
  database: Database,
  parent: DatabaseRecord | undefined,
  options: PlanOptions,
): DatabasePlan {
  switch (type) {
    case 'full':
      return planFull(database, options);
    case 'differential':
      return planDifferential(database, parent, options);
    case 'log':
      return planLog(database, parent, options);
  }
}

function planFull(database: Database, options: PlanOptions, because?: Why): DatabasePlan {
  if (isSecondary(database, options) && !options.copyOnly) return { leave: ON_SECONDARY };
  return { take: 'full', copyOnly: options.copyOnly, ...(because && { because }) };
}

function planDifferential(database: Database, parent: DatabaseRecord | undefined, options: PlanOptions): DatabasePlan {
  if (isSecondary(database, options)) return { leave: ON_SECONDARY };
  const why = parent ? baseMoved(database, parent) : { text: 'it is not in the newest full backup' };
  if (why) return planFull(database, options, why);
  return { take: 'differential', copyOnly: false };
}

/**
 * A full in a run of logs is a copy_only one where it can be: the base of the differential backups stays where it was.
 * Only one that is no copy begins a log chain.
 */
function planLog(database: Database, parent: DatabaseRecord | undefined, options: PlanOptions): DatabasePlan {
  if (database.model === 'SIMPLE')
    return {
      leave:
        'its recovery model is SIMPLE, so it has no logs: ALTER DATABASE ... SET RECOVERY FULL and take a full backup',
    };
  if (database.logLsn === null) {
    const text = 'it has no full backup that begins a chain of logs';
    if (options.copyOnly) return { leave: `${text}, and a copy_only one begins none` };
    return planFull(database, options, { text });
  }
  const why = parent ? logBroken(database, parent) : { text: 'it is not in the newest backup' };
  if (why) return { take: 'full', copyOnly: true, because: why };
  // Logs of a secondary replica are never copies.
  return { take: 'log', copyOnly: options.copyOnly && !isSecondary(database, options) };
}

/** Why a differential would not follow a full: by what the server says before it. */
export function baseMoved({ fork, files }: Pick<Database, 'fork' | 'files'>, parent: DatabaseRecord): Why | undefined {
  if (parent.type !== 'full') return { text: 'the newest full backup holds no full of it' };
  if (parent.copy_only) return { text: 'its newest full is a copy_only one, which can be no base' };
  if (fork !== parent.recovery_fork_guid) return { text: 'it was restored since the newest full backup' };
  const bases = (files ?? []).filter(({ type, baseGuid }) => type === 'ROWS' && baseGuid !== null);
  const other = bases.find(({ baseGuid }) => baseGuid !== parent.backup_set_guid)?.baseGuid;
  if (other) return { text: 'another full backup moved its differential base', by: { kind: 'base', guid: other } };
  const within = bases.every(({ baseLsn }) => baseLsn !== null && liesIn(baseLsn, parent));
  if (bases.length === 0 || !within) return { text: 'its differential base is not that of the newest full backup' };
  return undefined;
}

/** A base's LSN is that of its first record or of its checkpoint, as the server pleases: both lie in the backup. */
function liesIn(lsn: string, { first_lsn: first, last_lsn: last }: DatabaseRecord): boolean {
  return BigInt(first) <= BigInt(lsn) && BigInt(lsn) <= BigInt(last);
}

/** Why a log backup would not follow: by what the server says before it. */
export function logBroken(
  { name, fork, logLsn }: Pick<Database, 'name' | 'fork' | 'logLsn'>,
  parent: DatabaseRecord,
): Why | undefined {
  if (logLsn === null) return { text: 'it has no full backup that begins a chain of logs' };
  if (fork !== parent.recovery_fork_guid) return { text: 'it was restored since the newest backup' };
  if (BigInt(logLsn) <= BigInt(parent.last_lsn)) return undefined;
  return {
    text: 'another log backup took logs that are in none of these backups',
    by: { kind: 'log', database: name, lastLsn: logLsn },
  };
}

/** Why a differential that was taken does not follow its full after all: somebody was faster. */
export function differentialAstray(header: BackupHeader, parent: DatabaseRecord): Why | undefined {
  if (header.fork !== parent.recovery_fork_guid) return { text: 'it was restored while it was backed up' };
  if (header.baseGuid === parent.backup_set_guid && header.baseLsn !== undefined && liesIn(header.baseLsn, parent))
    return undefined;
  const text = 'another full backup moved its differential base while it was backed up';
  return { text, ...(header.baseGuid !== undefined && { by: { kind: 'base', guid: header.baseGuid } }) };
}

/** Why a log that was taken does not follow its parent after all. */
export function logAstray(database: string, header: BackupHeader, parent: DatabaseRecord): Why | undefined {
  if (header.firstFork !== parent.recovery_fork_guid) return { text: 'it was restored while it was backed up' };
  if (BigInt(header.firstLsn) <= BigInt(parent.last_lsn)) return undefined;
  return {
    text: 'another log backup took logs while it was backed up',
    by: { kind: 'log', database, lastLsn: header.firstLsn },
  };
}
