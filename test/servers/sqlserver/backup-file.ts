import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { BackupSet, Change } from './model';
import { ServerError } from './server-error';
import type { Terminated } from './server-error';

/** A file as the model of the server writes it: a mark, what it is in one line, and a checksum over it. */

const MARK = 'FAKE SQL SERVER BACKUP\n';

export function writeBackup(file: string, set: BackupSet): void {
  writeFileSync(file, encode(set), { flag: 'w' });
}

export function encode(set: BackupSet): Buffer {
  const body = JSON.stringify(set);
  return Buffer.from(`${MARK}${createHash('sha256').update(body).digest('hex')}\n${body}\n`);
}

/** Reads a file as RESTORE does, with the server's words where it is none, or a part of one. */
export function openBackup(file: string, device: string, of: Terminated): BackupSet {
  const no = (number: number, text: string): never => {
    throw new ServerError(number, 16, text, of);
  };
  if (!existsSync(file))
    return no(3201, `Cannot open backup device '${device}'. Operating system error 2(The system cannot find it.).`);
  const bytes = readFileSync(file);
  if (bytes.length === 0) return no(3254, `The volume on device '${device}' is empty.`);
  const text = bytes.toString('utf8');
  if (text.startsWith(MARK) && !text.endsWith('\n'))
    return no(3203, `Read on "${device}" failed: 38(Reached the end of the file.)`);
  const set = decode(bytes);
  if (set !== 'damaged') return set;
  return no(
    3241,
    `The media family on device '${device}' is incorrectly formed. SQL Server cannot process this media family.`,
  );
}

export function decode(bytes: Buffer): BackupSet | 'damaged' {
  const text = bytes.toString('utf8');
  if (!text.startsWith(MARK)) return 'damaged';
  const [hash = '', body = ''] = text.slice(MARK.length).split('\n', 2);
  if (createHash('sha256').update(body).digest('hex') !== hash) return 'damaged';
  return JSON.parse(body) as BackupSet;
}

/**
 * RESTORE ... WITH NORECOVERY, file after file, as strict as the server: a differential only onto its own base, logs only
 * without a gap and in the same fork.
 */
export function restore(sets: readonly BackupSet[]): readonly string[] {
  const [full, ...rest] = sets;
  if (full?.kind !== 'full') throw new Error('3116: a restore begins with a full backup');
  let changes = new Map<number, string>(entries(full.changes));
  let at = full.lastLsn;
  for (const set of rest) {
    if (set.familyGuid !== full.familyGuid) throw new Error('3154: the backup set is of another database');
    if (set.fork !== full.fork) throw new Error('4330: the recovery path is inconsistent');
    if (set.kind === 'full') throw new Error('a full in the middle of a chain');
    if (set.kind === 'differential') {
      if (set.baseGuid !== full.guid) throw new Error('3136: this differential backup is of another base');
      changes = new Map([...entries(full.changes), ...entries(set.changes)]);
      at = set.lastLsn;
      continue;
    }
    if (set.firstLsn > at) throw new Error(`4305: the log begins at ${set.firstLsn}, which is too recent for ${at}`);
    for (const [lsn, text] of entries(set.changes)) changes.set(lsn, text);
    at = Math.max(at, set.lastLsn);
  }
  return [...changes].sort(([a], [b]) => a - b).map(([, text]) => text);
}

function entries(changes: readonly Change[]): (readonly [number, string])[] {
  return changes.map(({ lsn, text }) => [lsn, text] as const);
}
