import type { BackupManifest, BackupType } from '../../contract';
import { follows } from '../engine/mysql-coordinate';
import { brokenSets } from './sqlserver-link';

const FOLLOWS: Readonly<Record<BackupType, readonly BackupType[]>> = {
  full: [],
  differential: ['full'],
  incremental: ['full', 'incremental', 'differential'],
  log: ['full', 'differential', 'log'],
};

/**
 * Why a backup can't be restored over the one that it names as its parent by hash, although both are whole; `undefined`
 * where it can. Hashes prove which parent was meant, this proves that nothing lies between the two.
 */
export function brokenLink(parent: BackupManifest, child: BackupManifest): string | undefined {
  const named = child.parent;
  if (!named || named.slot !== parent.slot || named.type !== parent.type)
    return `it names ${named?.slot ?? 'no parent'} as its parent, and the hash beside that is of ${nameOf(parent)}`;
  if (!FOLLOWS[child.type].includes(parent.type)) return `a ${child.type} can't follow a ${parent.type}`;
  if (Date.parse(child.pointInTime) < Date.parse(parent.pointInTime))
    return `it is of ${child.pointInTime}, before its parent, which is of ${parent.pointInTime}`;
  if (child.engine === 'mysql' || child.engine === 'mariadb') return brokenLogs(parent, child);
  if (child.engine === 'sqlserver') return brokenSets(parent, child);
  if (child.engine === 'files' && parent.source.position.tar_state === undefined && child.type !== 'differential')
    return `${nameOf(parent)} left no state of tar that it could follow`;
  return undefined;
}

/** Binary logs: of the same server, from where the parent ended, and each file after the one before. */
function brokenLogs(parent: BackupManifest, child: BackupManifest): string | undefined {
  const own = JSON.stringify(sorted(child.source.identity));
  if (own !== JSON.stringify(sorted(parent.source.identity)))
    return `it is of another server than ${nameOf(parent)}: ${own} is not ${JSON.stringify(sorted(parent.source.identity))}`;
  const { 'binlog.from.file': from, 'binlog.from.position': at } = child.source.position;
  const { 'binlog.file': file, 'binlog.position': position } = parent.source.position;
  if (from !== file || at !== position)
    return `its logs begin at ${from}:${at}, and ${nameOf(parent)} ends at ${file}:${position}: what lies between is lost`;
  const files = logNames(child);
  if (!files) return `it does not say which logs it holds: ${child.source.position['binlog.files']}`;
  if (files.length !== child.streams.length) return `it holds ${child.streams.length} logs and names ${files.length}`;
  if (files.length > 0 && files[0] !== from) return `its first log is ${files[0]} and should be ${from}`;
  const gap = files.findIndex((name, index) => index > 0 && !follows(files[index - 1] ?? '', name));
  if (gap > 0) return `there is a gap between its logs ${files[gap - 1]} and ${files[gap]}`;
  const last = files.at(-1);
  const active = child.source.position['binlog.file'];
  if (last !== undefined && !follows(last, active ?? '')) return `it ends in ${last}, and says ${active} comes next`;
  return undefined;
}

/** Names of the binary logs that a backup holds. Whoever may write into a store may write anything into a manifest. */
export function logNames({ source }: Pick<BackupManifest, 'source'>): readonly string[] | undefined {
  try {
    const names: unknown = JSON.parse(source.position['binlog.files'] ?? '[]');
    return Array.isArray(names) && names.every((one) => typeof one === 'string') ? names : undefined;
  } catch {
    return undefined;
  }
}

function sorted(record: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** `20261122T021500Z-full`. */
export function nameOf({ slot, type }: Pick<BackupManifest, 'slot' | 'type'>): string {
  return `${slot}-${type}`;
}
