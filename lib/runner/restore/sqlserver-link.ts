import type { BackupManifest } from '../../contract';
import { recordsOf } from '../engine/sqlserver-position';
import type { DatabaseRecord } from '../engine/sqlserver-position';

/**
 * Why a backup of SQL Server can't be restored over its parent, by what both manifests say of each database: a
 * differential follows its own base alone, a log begins where the one before it ended, or earlier.
 */
export function brokenSets(parent: BackupManifest, child: BackupManifest): string | undefined {
  const before = recordsOf(parent);
  for (const [name, record] of recordsOf(child)) {
    const why = broken(before.get(name), record);
    if (why !== undefined) return `database "${name}": ${why}`;
  }
  return undefined;
}

function broken(parent: DatabaseRecord | undefined, child: DatabaseRecord): string | undefined {
  if (child.stream !== null && child.type === 'full') return undefined;
  if (!parent) return `its ${child.type} follows nothing, since the parent does not hold it`;
  if (child.family_guid !== parent.family_guid) return 'it is another database of the same name in the parent';
  if (child.stream === null)
    return child.backup_set_guid === parent.backup_set_guid
      ? undefined
      : 'it was not taken, and what is said of it is not what the parent says';
  return child.type === 'differential' ? otherBase(parent, child) : logGap(parent, child);
}

function otherBase(parent: DatabaseRecord, child: DatabaseRecord): string | undefined {
  if (parent.type !== 'full') return 'the parent holds no full of it, and a differential needs one';
  if (parent.copy_only) return 'the full of the parent is a copy_only one, which is no base of a differential';
  const { differential_base_guid: base, differential_base_lsn: lsn } = child;
  const within = lsn !== undefined && BigInt(parent.first_lsn) <= BigInt(lsn) && BigInt(lsn) <= BigInt(parent.last_lsn);
  if (base === parent.backup_set_guid && within) return undefined;
  return `its differential is of base ${base ?? 'unknown'} at LSN ${lsn ?? 'unknown'}, and the full of the parent is ${parent.backup_set_guid}`;
}

function logGap(parent: DatabaseRecord, child: DatabaseRecord): string | undefined {
  if (child.first_recovery_fork_guid !== parent.recovery_fork_guid) return 'it was restored between its logs';
  if (BigInt(child.first_lsn) <= BigInt(parent.last_lsn)) return undefined;
  return `its log begins at LSN ${child.first_lsn}, and the backup before it ends at ${parent.last_lsn}: what lies between is lost`;
}
