import type { BackupManifest } from '../../../lib/contract';
import { encodeRecord, recordKey } from '../../../lib/runner/engine/sqlserver-position';
import type { DatabaseRecord } from '../../../lib/runner/engine/sqlserver-position';
import type { BackupHeader } from '../../../lib/runner/engine/sqlserver-header';
import { chainOf } from '../../../lib/runner/restore/sqlserver-chain';
import { brokenSets } from '../../../lib/runner/restore/sqlserver-link';
import type { PlacedSet } from '../../../lib/runner/restore/sqlserver-sets';

/** LSNs have 25 digits, which no number of JavaScript holds. */
const lsn = (value: number) => (34_000_000_000_000_000_000_000n + BigInt(value)).toString();
const HOUR = 3_600_000;

const header = (changes: Partial<BackupHeader>): BackupHeader => ({
  ...{ type: 'full', copyOnly: false, compressed: true, checksums: true, damaged: false, position: 1 },
  ...{ backupSetGuid: 'FULL', firstLsn: lsn(10), lastLsn: lsn(20), checkpointLsn: lsn(12), databaseBackupLsn: '0' },
  ...{ baseGuid: undefined, baseLsn: undefined, firstFork: 'FORK', fork: 'FORK' },
  ...{ databaseGuid: 'DB', familyGuid: 'FAMILY', bytes: 1000 },
  ...changes,
});

/** A set of an hour, in UTC+01:00. */
const set = (name: string, hour: number, changes: Partial<BackupHeader>, last = false): PlacedSet => {
  const local = (hour + 1) * HOUR;
  return {
    ...{ database: 'orders', name, file: `/shared/${name}.bak`, files: [], last },
    ...{ header: header(changes), started: local, finished: local + 1000, at: new Date(hour * HOUR) },
  };
};

const full = set('full', 1, {});
const differential = set('differential', 2, {
  ...{ type: 'differential', backupSetGuid: 'DIFF', baseGuid: 'FULL', baseLsn: lsn(10) },
  ...{ firstLsn: lsn(10), lastLsn: lsn(30) },
});
const log = (name: string, hour: number, from: number, to: number, changes: Partial<BackupHeader> = {}) =>
  set(name, hour, { type: 'log', backupSetGuid: name, firstLsn: lsn(from), lastLsn: lsn(to), ...changes });

const names = (sets: readonly PlacedSet[], until?: Date) => {
  const chain = chainOf('orders', sets, until);
  return chain && [chain.full, ...chain.rest].map(({ name }) => name);
};

describe('what files say of themselves', () => {
  test('a differential and logs that overlap it follow; a log that is wholly in it is passed over', () => {
    const logs = [log('within', 3, 15, 30), log('over', 4, 25, 40), log('next', 5, 40, 50)];
    expect(names([full, differential, ...logs])).toEqual(['full', 'differential', 'over', 'next']);
  });

  test.each<[string, readonly PlacedSet[], string]>([
    ['a missing log', [full, log('a', 2, 15, 30), log('c', 4, 31, 40)], 'what lies between is lost'],
    [
      'a differential of a later full',
      [full, { ...differential, header: { ...differential.header, baseGuid: 'LATER' } }],
      'its base is LATER',
    ],
    ['a differential of a copy_only full', [set('full', 1, { copyOnly: true }), differential], 'copy_only'],
    ['a log of another database', [full, log('a', 2, 15, 30, { familyGuid: 'OTHER' })], 'another database'],
    ['a log of another recovery path', [full, log('a', 2, 15, 30, { firstFork: 'OTHER' })], 'another recovery path'],
    ['a differential after a log', [full, log('a', 2, 15, 25), differential], 'follows its full at once'],
    ['a log without a full', [log('a', 2, 15, 30)], 'no full goes before it'],
  ])('%s is refused', (_, sets, why) => {
    expect(() => names(sets)).toThrow(why);
  });

  test('the last full counts, and up to a moment the last one before it', () => {
    const again = set(
      'again',
      4,
      { backupSetGuid: 'AGAIN', firstLsn: lsn(50), lastLsn: lsn(60), copyOnly: true },
      true,
    );
    const sets = [full, log('a', 2, 15, 30), log('b', 4, 30, 55), again];
    expect(names(sets)).toEqual(['again']);
    expect(names(sets, new Date(3 * HOUR))).toEqual(['full', 'a', 'b']);
  });

  test('no log is restored after the one that goes beyond the moment', () => {
    const sets = [full, log('a', 2, 15, 30), log('b', 3, 30, 40), log('c', 4, 40, 50)];
    expect(names(sets, new Date(2.5 * HOUR))).toEqual(['full', 'a', 'b']);
    expect(chainOf('orders', sets, new Date(2.5 * HOUR))?.stop).toMatchObject({
      ...{ local: '1970-01-01T03:30:00.000', zone: 'UTC+01:00', reached: true },
    });
    expect(chainOf('orders', sets, new Date(4.5 * HOUR))?.stop?.reached).toBe(false);
  });

  test('a moment while the full was being written is refused, and a database of later is left out', () => {
    expect(() => names([full, log('a', 2, 15, 30)], new Date(HOUR))).toThrow('still being backed up');
    expect(names([{ ...full, last: true }], new Date(HOUR))).toBeUndefined();
  });
});

describe('what manifests say of both', () => {
  const record = (changes: Partial<DatabaseRecord>): DatabaseRecord => ({
    ...{ type: 'full', stream: 'database-1', copy_only: false, backup_set_guid: 'FULL' },
    ...{ first_lsn: lsn(10), last_lsn: lsn(20), checkpoint_lsn: lsn(12), database_backup_lsn: '0' },
    ...{ first_recovery_fork_guid: 'FORK', recovery_fork_guid: 'FORK', database_guid: 'DB', family_guid: 'FAMILY' },
    ...{ position: 1, ...changes },
  });
  const manifest = (changes: Partial<DatabaseRecord> | undefined) =>
    ({
      source: { identity: {}, position: changes ? { [recordKey('orders')]: encodeRecord(record(changes)) } : {} },
    }) as unknown as BackupManifest;
  const next: Partial<DatabaseRecord> = { type: 'log', backup_set_guid: 'LOG', first_lsn: lsn(20), last_lsn: lsn(30) };
  const onto: Partial<DatabaseRecord> = {
    ...{
      type: 'differential',
      backup_set_guid: 'DIFF',
      differential_base_guid: 'FULL',
      differential_base_lsn: lsn(10),
    },
  };

  test.each<[string, Partial<DatabaseRecord> | undefined, Partial<DatabaseRecord>]>([
    ['a log that begins where the full ended', {}, next],
    ['a log that begins before that', {}, { ...next, first_lsn: lsn(15) }],
    ['a differential of it', {}, onto],
    ['a full in the place of a log', undefined, {}],
    ['what a run left alone', {}, { stream: null }],
  ])('%s follows', (_, parent, child) => {
    expect(brokenSets(manifest(parent), manifest(child))).toBeUndefined();
  });

  test.each<[string, Partial<DatabaseRecord> | undefined, Partial<DatabaseRecord>, string]>([
    ['a gap of one', {}, { ...next, first_lsn: lsn(21) }, 'what lies between is lost'],
    ['a log of nothing', undefined, next, 'follows nothing'],
    ['another database', {}, { ...next, family_guid: 'OTHER' }, 'another database'],
    ['another fork', {}, { ...next, first_recovery_fork_guid: 'OTHER' }, 'restored between'],
    ['another base', {}, { ...onto, differential_base_guid: 'LATER' }, 'base LATER'],
    ['a base outside of the full', {}, { ...onto, differential_base_lsn: lsn(21) }, 'is of base FULL'],
    ['a copy_only base', { copy_only: true }, onto, 'copy_only'],
    ['a differential of a log', next, onto, 'holds no full'],
    ['other words about what was left alone', {}, { stream: null, backup_set_guid: 'X' }, 'not what the parent says'],
  ])('%s is broken', (_, parent, child, why) => {
    expect(brokenSets(manifest(parent), manifest(child))).toContain(why);
  });
});
