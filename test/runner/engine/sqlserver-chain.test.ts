import type { Database } from '../../../lib/runner/engine/sqlserver-catalogue';
import {
  baseMoved,
  differentialAstray,
  logAstray,
  logBroken,
  planDatabase,
} from '../../../lib/runner/engine/sqlserver-chain';
import { chooseDatabases } from '../../../lib/runner/engine/sqlserver-choice';
import type { BackupHeader } from '../../../lib/runner/engine/sqlserver-header';
import { continuing } from '../../../lib/runner/engine/sqlserver-pending';
import type { PendingLog } from '../../../lib/runner/engine/sqlserver-pending';
import { encodeRecord, recordKey, recordOf, recordsOf } from '../../../lib/runner/engine/sqlserver-position';

/** LSNs that differ in their last digit alone, which numbers of JavaScript cannot tell. */
const lsn = (last: number) => `3400000000000000000${String(last).padStart(5, '0')}`;

const header: BackupHeader = {
  type: 'full',
  copyOnly: false,
  compressed: true,
  checksums: true,
  damaged: false,
  position: 1,
  backupSetGuid: 'SET',
  firstLsn: lsn(100),
  lastLsn: lsn(120),
  checkpointLsn: lsn(105),
  databaseBackupLsn: lsn(0),
  baseGuid: undefined,
  baseLsn: undefined,
  firstFork: 'FORK',
  fork: 'FORK',
  databaseGuid: 'DB',
  familyGuid: 'FAMILY',
  bytes: 1,
};
const full = recordOf(header, { stream: 'database-1', at: new Date(0), because: undefined, files: [] });
const file = { name: 'shop', path: '/data/shop.mdf', type: 'ROWS', pages: 1, baseGuid: 'SET', baseLsn: lsn(105) };
const shop: Database = {
  name: 'shop',
  state: 'ONLINE',
  model: 'FULL',
  standby: false,
  encrypted: false,
  primary: null,
  databaseGuid: 'DB',
  familyGuid: 'FAMILY',
  fork: 'FORK',
  logLsn: lsn(120),
  files: [file, { ...file, type: 'LOG', baseGuid: null, baseLsn: null }],
};
const options = { copyOnly: false, major: 16 };
const plan = (
  type: 'full' | 'differential' | 'log',
  changes: Partial<Database> = {},
  parent: typeof full | undefined = full,
  asked = options,
) => planDatabase(type, { ...shop, ...changes }, parent, asked);

describe('a full', () => {
  test('is a copy where the spec asks for one', () => {
    expect(plan('full')).toEqual({ take: 'full', copyOnly: false });
    expect(plan('full', {}, undefined, { ...options, copyOnly: true })).toEqual({ take: 'full', copyOnly: true });
  });

  test('of a secondary replica is a copy or none, until SQL Server 2025', () => {
    expect(plan('full', { primary: 0 })).toMatchObject({ leave: expect.stringContaining('secondary replica') });
    expect(plan('full', { primary: 0 }, undefined, { ...options, copyOnly: true })).toEqual({
      take: 'full',
      copyOnly: true,
    });
    expect(plan('full', { primary: 0 }, undefined, { ...options, major: 17 })).toEqual({
      take: 'full',
      copyOnly: false,
    });
    expect(plan('full', { primary: 1 })).toEqual({ take: 'full', copyOnly: false });
  });
});

describe('a differential', () => {
  test('follows the base that the parent is, in any recovery model', () => {
    expect(plan('differential')).toEqual({ take: 'differential', copyOnly: false });
    expect(plan('differential', { model: 'SIMPLE', logLsn: null })).toEqual({ take: 'differential', copyOnly: false });
    // A file that was added since has no base: all of it is in the differential.
    expect(plan('differential', { files: [file, { ...file, baseGuid: null, baseLsn: null }] })).toMatchObject({
      take: 'differential',
    });
  });

  test('becomes a full where the database is new', () => {
    expect(planDatabase('differential', shop, undefined, options)).toEqual({
      take: 'full',
      copyOnly: false,
      because: { text: 'it is not in the newest full backup' },
    });
  });

  test('is not taken on a secondary replica', () => {
    expect(plan('differential', { primary: 0 })).toMatchObject({ leave: expect.stringContaining('primary replica') });
  });

  test.each([
    ['another full', { files: [{ ...file, baseGuid: 'OTHER' }] }, full, 'another full backup moved'],
    ['another full of one file', { files: [file, { ...file, baseGuid: 'OTHER' }] }, full, 'another full backup moved'],
    ['a restore', { fork: 'NEW' }, full, 'it was restored'],
    ['no base at all', { files: [{ ...file, baseGuid: null, baseLsn: null }] }, full, 'not that of the newest full'],
    ['a base outside of the parent', { files: [{ ...file, baseLsn: lsn(121) }] }, full, 'not that of the newest full'],
    ['a parent that is a copy', {}, { ...full, copy_only: true }, 'copy_only'],
    ['a parent without a full of it', {}, { ...full, type: 'differential' as const }, 'holds no full'],
  ])('becomes a full after %s', (_, changes, parent, text) => {
    expect(baseMoved({ ...shop, ...changes }, parent)?.text).toContain(text);
    expect(plan('differential', changes, parent)).toMatchObject({ take: 'full', copyOnly: false });
  });

  test('names the set that moved the base', () => {
    expect(baseMoved({ ...shop, files: [{ ...file, baseGuid: 'OTHER' }] }, full)?.by).toEqual({
      kind: 'base',
      guid: 'OTHER',
    });
  });

  test('that was taken is looked at again', () => {
    const taken: BackupHeader = { ...header, type: 'differential', baseGuid: 'SET', baseLsn: lsn(100) };
    expect(differentialAstray(taken, full)).toBeUndefined();
    expect(differentialAstray({ ...taken, baseGuid: 'OTHER' }, full)?.by).toEqual({ kind: 'base', guid: 'OTHER' });
    expect(differentialAstray({ ...taken, baseGuid: undefined }, full)?.text).toContain('moved its differential base');
    expect(differentialAstray({ ...taken, baseLsn: lsn(99) }, full)?.text).toContain('moved its differential base');
    expect(differentialAstray({ ...taken, fork: 'NEW' }, full)?.text).toContain('restored');
  });
});

describe('a log', () => {
  test('follows where it begins no later than the parent ended', () => {
    expect(plan('log')).toEqual({ take: 'log', copyOnly: false });
    expect(plan('log', { logLsn: lsn(90), model: 'BULK_LOGGED' })).toEqual({ take: 'log', copyOnly: false });
    expect(plan('log', {}, full, { ...options, copyOnly: true })).toEqual({ take: 'log', copyOnly: true });
  });

  test('of a secondary replica is never a copy', () => {
    expect(plan('log', { primary: 0 }, full, { ...options, copyOnly: true })).toEqual({ take: 'log', copyOnly: false });
  });

  test('is not there in recovery model SIMPLE', () => {
    expect(plan('log', { model: 'SIMPLE', logLsn: null })).toMatchObject({
      leave: expect.stringContaining('SET RECOVERY FULL'),
    });
  });

  test('needs a full that is no copy where there is no chain', () => {
    expect(plan('log', { logLsn: null })).toMatchObject({ take: 'full', copyOnly: false });
    expect(plan('log', { logLsn: null }, full, { ...options, copyOnly: true })).toMatchObject({
      leave: expect.stringContaining('begins none'),
    });
    expect(plan('log', { logLsn: null, primary: 0 })).toMatchObject({
      leave: expect.stringContaining('secondary replica'),
    });
  });

  test.each([
    ['a gap of one', { logLsn: lsn(121) }, 'another log backup took logs'],
    ['a restore', { fork: 'NEW' }, 'it was restored'],
  ])('becomes a copy_only full after %s, so that differentials keep their base', (_, changes, text) => {
    expect(plan('log', changes)).toMatchObject({
      take: 'full',
      copyOnly: true,
      because: { text: expect.stringContaining(text) },
    });
  });

  test('becomes one where the database is not in the parent', () => {
    expect(planDatabase('log', shop, undefined, options)).toMatchObject({ take: 'full', copyOnly: true });
  });

  test('that was taken is looked at again', () => {
    expect(logBroken(shop, full)).toBeUndefined();
    expect(logAstray('shop', { ...header, firstLsn: lsn(120) }, full)).toBeUndefined();
    expect(logAstray('shop', { ...header, firstLsn: lsn(121) }, full)?.by).toEqual({
      kind: 'log',
      database: 'shop',
      lastLsn: lsn(121),
    });
    expect(logAstray('shop', { ...header, firstFork: 'NEW' }, full)?.text).toContain('restored');
  });
});

describe('logs that an earlier run left', () => {
  const left = (first: number, last: number, changes: Partial<BackupHeader> = {}): PendingLog => ({
    file: { server: `/s/${first}`, here: `/h/${first}` },
    bytes: 1,
    header: { ...header, type: 'log', firstLsn: lsn(first), lastLsn: lsn(last), ...changes },
  });
  const names = (pending: readonly PendingLog[]) => continuing(pending, full).logs.map(({ file: { here } }) => here);

  test('go on where the parent ended, in their order', () => {
    const pending = [left(150, 170), left(100, 150), left(170, 200, { databaseGuid: 'OTHER' })];
    expect(names(pending)).toEqual(['/h/100', '/h/150']);
    expect(continuing(pending, full).parent).toMatchObject({ last_lsn: lsn(170), recovery_fork_guid: 'FORK' });
  });

  test('are nothing where they are older, in another fork, or behind a gap', () => {
    expect(names([left(80, 120)])).toEqual([]);
    expect(names([left(121, 130)])).toEqual([]);
    expect(names([left(110, 130, { firstFork: 'NEW', fork: 'NEW' })])).toEqual([]);
    expect(continuing([left(121, 130)], full).parent).toBe(full);
  });
});

describe('databases', () => {
  const of = (name: string, changes: Partial<Database> = {}): Database => ({ ...shop, name, ...changes });

  test('that are online are taken, others are told apart by whose doing it is', () => {
    const all = [
      of('a'),
      of('b', { state: 'RESTORING' }),
      of('c', { state: 'SUSPECT' }),
      of('d', { standby: true }),
      of('e', { state: 'OFFLINE' }),
    ];
    const choice = chooseDatabases(all, undefined);
    expect(choice.usable.map(({ name }) => name)).toEqual(['a']);
    expect(choice.passive.map(({ name }) => name)).toEqual(['b', 'd', 'e']);
    expect(choice.broken).toEqual([{ name: 'c', why: 'it is SUSPECT' }]);
  });

  test('named by the task are there and usable', () => {
    expect(chooseDatabases([of('shop'), of('SHOP')], 'shop').usable).toHaveLength(1);
    expect(chooseDatabases([of('Shop')], 'shop').usable).toHaveLength(1);
    expect(() => chooseDatabases([of('a')], 'shop')).toThrow('there is no database "shop"');
    expect(() => chooseDatabases([of('shop', { state: 'OFFLINE' })], 'shop')).toThrow(
      'cannot be backed up: it is OFFLINE',
    );
  });
});

test('what a manifest says of a database is read as it was written, and nothing else is', () => {
  const position = {
    [recordKey('a.b')]: encodeRecord(full),
    [recordKey('odd')]: '{"type":"full"}',
    other: 'x',
    'database.none': 'no JSON',
  };
  expect([...recordsOf({ source: { identity: {}, position } })]).toEqual([['a.b', full]]);
});
