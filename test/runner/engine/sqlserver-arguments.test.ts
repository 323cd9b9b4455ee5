import { connectionArguments } from '../../../lib/runner/engine/sqlserver-connection';
import { backupStatement, checkHeader, verifyStatement } from '../../../lib/runner/engine/sqlserver-backup';
import type { BackupStatement } from '../../../lib/runner/engine/sqlserver-backup';
import { isWindowsPath, joinPath, runFolder, sharedFolder } from '../../../lib/runner/engine/sqlserver-folder';
import type { BackupHeader } from '../../../lib/runner/engine/sqlserver-header';
import { lockName, workLockName } from '../../../lib/runner/engine/sqlserver-lock';
import { backupOptions, compressionClause } from '../../../lib/runner/engine/sqlserver-options';
import { compressionOf } from '../../../lib/runner/engine/sqlserver-server';
import { parseVersion } from '../../../lib/runner/engine/sqlserver-tools';

const login = { host: 'db.example.com', port: '1434', user: 'backup', password: 'secret', tls: 'verify-full' };
const always = ['-d', 'master', '-l', '30', '-x', '-I', '-w', '65535'];

describe('arguments of sqlcmd', () => {
  test('name the server, the login and the database of the locks, and never the password', () => {
    expect(connectionArguments(login, {})).toEqual(['-S', 'db.example.com,1434', '-U', 'backup', '-N', ...always]);
  });

  test.each([
    [undefined, []],
    ['disable', ['-C']],
    ['prefer', ['-C']],
    ['require', ['-N', '-C']],
    ['verify-ca', ['-N']],
    ['verify-full', ['-N']],
  ])('TLS mode %s comes in the flags that both kinds know', (tls, flags) => {
    expect(connectionArguments({ ...login, tls }, {})).toEqual([
      '-S',
      'db.example.com,1434',
      '-U',
      'backup',
      ...flags,
      ...always,
    ]);
  });

  test.each([
    ['db.example.com', undefined, {}, 'db.example.com'],
    [undefined, undefined, {}, 'localhost'],
    ['db.example.com\\SHOP', '1434', {}, 'db.example.com\\SHOP'],
    ['tcp:10.0.0.5,1500', '1434', { SQLCMDSERVER: 'tcp:10.0.0.5,1500' }, 'tcp:10.0.0.5,1500'],
  ])('server %s with port %s', (host, port, given, server) => {
    expect(connectionArguments({ ...login, host, port }, given)[1]).toBe(server);
  });

  test('without a user and a password the account of the runner is used, with one of them nothing is', () => {
    expect(connectionArguments({ ...login, user: undefined, password: undefined }, {})).toContain('-E');
    expect(() => connectionArguments({ ...login, password: undefined }, {})).toThrow('no password for "backup"');
    expect(() => connectionArguments({ ...login, user: undefined }, {})).toThrow('no user');
  });

  test('the version is read of both kinds', () => {
    const odbc = 'Microsoft (R) SQL Server Command Line Tool\nVersion 17.10.0001.1 Linux\nCopyright (C) 2017';
    expect(parseVersion(odbc)).toBe('17.10.0001.1 (ODBC)');
    expect(parseVersion('sqlcmd: Install/Create/Query SQL Server\n\nVersion: v1.8.2\n\nFlags:')).toBe('1.8.2 (Go)');
    expect(parseVersion('Usage: something else')).toBeUndefined();
  });
});

const statement: BackupStatement = {
  database: 'shop',
  type: 'full',
  copyOnly: false,
  file: 'C:\\Backups\\a.bak',
  name: 'hypdr shop 1',
  run: undefined,
  compression: 'COMPRESSION',
  checksum: true,
  workLock: 'hypdr work data x',
};
const backupOf = (changes: Partial<BackupStatement>) =>
  /BACKUP .*$/.exec(backupStatement({ ...statement, ...changes }))?.[0];

describe('BACKUP', () => {
  test('writes one new set with what the spec asks for', () => {
    expect(backupOf({})).toBe(
      "BACKUP DATABASE [shop] TO DISK = N'C:\\Backups\\a.bak' WITH FORMAT, INIT, NAME = N'hypdr shop 1', COMPRESSION, CHECKSUM;",
    );
    expect(backupOf({ type: 'differential' })).toContain(
      "NAME = N'hypdr shop 1', DIFFERENTIAL, COMPRESSION, CHECKSUM;",
    );
    expect(backupOf({ type: 'log' })).toMatch(/^BACKUP LOG \[shop\] TO DISK .* COMPRESSION, CHECKSUM;$/);
    expect(backupOf({ copyOnly: true, compression: 'NO_COMPRESSION', checksum: false })).toContain(
      'COPY_ONLY, NO_COMPRESSION, NO_CHECKSUM;',
    );
    expect(backupOf({ run: '20261122T021500Z-full-ab' })).toContain(
      "NAME = N'hypdr shop 1', DESCRIPTION = N'20261122T021500Z-full-ab', COMPRESSION,",
    );
    expect(backupOf({ compression: undefined })).not.toContain('COMPRESSION');
    expect(() => backupStatement({ ...statement, type: 'differential', copyOnly: true })).toThrow('never a copy');
  });

  test('quotes names and paths', () => {
    expect(backupOf({ database: "it's ]odd] [x]", file: "/b/it's" })).toContain(
      "BACKUP DATABASE [it's ]]odd]] [x]]] TO DISK = N'/b/it''s' WITH",
    );
  });

  test('holds a lock of its own while the server writes', () => {
    expect(backupStatement(statement)).toMatch(
      /^DECLARE @held int; EXEC @held = sys\.sp_getapplock @Resource = N'hypdr work data x', .*IF @held < 0 BEGIN RAISERROR/,
    );
    expect(lockName('shop', 'data')).not.toBe(lockName('shop', 'log'));
    expect(workLockName('shop', 'data')).toMatch(/^hypdr work data [0-9a-f]{40}$/);
  });

  test('checksums are looked at where there are some, and the header with them', () => {
    const header = "RESTORE HEADERONLY FROM DISK = N'/b/a.bak';";
    expect(verifyStatement('/b/a.bak', true)).toBe(
      `RESTORE VERIFYONLY FROM DISK = N'/b/a.bak' WITH CHECKSUM; ${header}`,
    );
    expect(verifyStatement('/b/a.bak', false)).toBe(`RESTORE VERIFYONLY FROM DISK = N'/b/a.bak'; ${header}`);
  });

  test('a file that says other things of itself than what was asked for is refused', () => {
    const header = { type: 'full', copyOnly: false, damaged: false, checksums: true } as BackupHeader;
    expect(() => checkHeader(header, statement)).not.toThrow();
    expect(() => checkHeader({ ...header, type: 'log' }, statement)).toThrow('a log backup instead of a full one');
    expect(() => checkHeader({ ...header, copyOnly: true }, statement)).toThrow('a copy');
    expect(() => checkHeader({ ...header, damaged: true }, statement)).toThrow('of a damaged database');
    expect(() => checkHeader({ ...header, checksums: false }, statement)).toThrow('without checksums');
  });
});

test('options are those of the spec, and the edition decides on compression', () => {
  expect(backupOptions({ options: {} })).toEqual({ compression: true, checksum: true, copyOnly: false });
  const options = backupOptions({
    options: { compression: false, checksum: false, copy_only: true, backup_type: 'full' },
  });
  expect(options).toEqual({ compression: false, checksum: false, copyOnly: true });
  expect(compressionClause(options, { compression: 'available' })).toBe('NO_COMPRESSION');
  expect(compressionClause(backupOptions({ options: {} }), { compression: 'unavailable' })).toBeUndefined();
  for (const edition of [
    'Express Edition (64-bit)',
    'Express Edition with Advanced Services (64-bit)',
    'Web Edition (64-bit)',
  ])
    expect(compressionOf(edition)).toBe('unavailable');
  expect(compressionOf('Standard Edition (64-bit)')).toBe('available');
});

describe('the folder that server and runner share', () => {
  const task = { name: 'shop', local: { id: 'l', from: [], path: 'C:\\Backups\\SQLServer' } };
  const windows = { environment: { OS: 'Windows_NT' } };
  const server = { backupFolder: undefined };

  test('lies beside the local copies, with the separators of its system', () => {
    const folder = sharedFolder(task, server, windows);
    expect(folder).toEqual({ server: 'C:\\Backups\\SQLServer\\_scratch', here: 'C:\\Backups\\SQLServer\\_scratch' });
    expect(runFolder(folder, 'my shop', 'log').server).toBe('C:\\Backups\\SQLServer\\_scratch\\my%20shop.log');
    expect(sharedFolder({ ...task, local: { ...task.local, path: '/b' } }, server, { environment: {} }).here).toBe(
      '/b/_scratch',
    );
  });

  test('has two paths where the two see it differently', () => {
    const environment = { HYPDR_SQLSERVER_FOLDER: '\\\\nas\\share\\sql', HYPDR_SQLSERVER_FOLDER_HERE: '/mnt/sql' };
    const folder = sharedFolder(task, server, { environment });
    expect(folder).toEqual({ server: '\\\\nas\\share\\sql', here: '/mnt/sql' });
    expect(runFolder(folder, 'shop', 'data')).toEqual({
      server: '\\\\nas\\share\\sql\\shop.data',
      here: '/mnt/sql/shop.data',
    });
  });

  test('is the default one of the server where the task has none, and an error where there is none at all', () => {
    const without = { ...task, local: null };
    expect(sharedFolder(without, { backupFolder: 'D:\\Backup' }, windows).here).toBe('D:\\Backup\\_scratch');
    expect(() => sharedFolder(without, server, windows)).toThrow('writes its backups to a folder');
  });

  test('is on this system', () => {
    expect(() => sharedFolder(task, server, { environment: {} })).toThrow('is no folder of this system');
    const here = { environment: { OS: 'Windows_NT', HYPDR_SQLSERVER_FOLDER: '/var/opt/mssql' } };
    expect(() => sharedFolder(task, server, here)).toThrow('is no folder of this system');
  });

  test('paths of Windows are told by their beginning', () => {
    expect(['C:\\a', 'c:/a', '\\\\nas\\a', '/a', 'a'].map(isWindowsPath)).toEqual([true, true, true, false, false]);
    expect([joinPath('C:\\a\\', 'b'), joinPath('/a/', 'b')]).toEqual(['C:\\a\\b', '/a/b']);
  });
});
