import { headerOf } from '../../../lib/runner/engine/sqlserver-header';
import { parseRow } from '../../../lib/runner/engine/sqlserver-client';
import { errorOfTalk, isDenied, messagesOf, scopeOf } from '../../../lib/runner/engine/sqlserver-error';
import { answerReader, batchOf, identifier, literal } from '../../../lib/runner/engine/sqlserver-statement';
import { printed, readBatch } from '../../servers/sqlserver/batch';
import { headerRow } from '../../servers/sqlserver/header-row';
import { createDatabase, newState, takeBackup } from '../../servers/sqlserver/model';

describe('a batch', () => {
  const odd = "SELECT N'näme $(x)'\nGO\n:r file\n!!del";

  test('is one line of plain characters, whatever the statement holds', () => {
    const batch = batchOf(odd.repeat(100), 'hypdr-1:');
    expect(batch).toMatch(/^[\x20-\x7e]+$/);
    expect(batch).not.toContain('$(');
    expect(readBatch(batch).statement).toBe(odd.repeat(100));
  });

  test('has lines that any reader of lines takes, none of which is a command', () => {
    for (const line of batchOf(odd.repeat(100), 'hypdr-1:').replaceAll('; ', ';\n').split('\n')) {
      expect(line.length).toBeLessThan(1000);
      expect(line).toMatch(/^(SET|DECLARE|EXEC|IF|WHILE|PRINT|END) ?/);
    }
  });

  test('answers in pieces among prompts, messages and blank lines', () => {
    const answer = JSON.stringify({ name: 'Bücher ]] \u{1F600}', text: 'x'.repeat(20_000) });
    const lines = printed(readBatch(batchOf('SELECT 1', 'hypdr-1:')), answer);
    expect(lines.length).toBeGreaterThan(10);
    const reader = answerReader('hypdr-1:');
    const ends = ['1> 2> Changed language setting to us_english.', '', ...lines.map((line) => `mssql: ${line} `)].map(
      (line) => reader.line(line),
    );
    expect(ends.filter(Boolean)).toEqual([true]);
    expect(ends.at(-1)).toBe(true);
    expect(reader.json()).toEqual(JSON.parse(answer));
    expect(reader.talk()).toBe('1> 2> Changed language setting to us_english.');
  });

  test('without an answer has none', () => {
    const reader = answerReader('hypdr-1:');
    expect([reader.line('hypdr-1:.'), reader.json()]).toEqual([true, undefined]);
  });

  test('quotes doubled', () => {
    expect([literal("it's"), identifier('a]b[c')]).toEqual(["N'it''s'", '[a]]b[c]']);
  });
});

describe('the row of RESTORE HEADERONLY', () => {
  const state = newState('');
  const database = createDatabase(state, 'two\nlines');
  const set = takeBackup(state, database, {
    kind: 'full',
    copyOnly: true,
    compressed: true,
    checksums: true,
    name: 'n',
    user: 'u',
    device: 'd',
  });
  const { names, rows } = headerRow(set);
  const text = (...noise: string[]) =>
    [
      ...noise,
      names.join('\x1f'),
      names.map((name) => '-'.repeat(name.length)).join('\x1f'),
      ...rows.map((row) => row.join('\x1f')),
      '',
      '',
    ].join('\n');

  test('is read by the names of its columns, with a line break in a name', () => {
    const row = parseRow(text('Changed language setting to us_english.'));
    expect(row?.get('DatabaseName')).toBe('two\nlines');
    expect(row && headerOf(row, 'backup')).toEqual({
      type: 'full',
      copyOnly: true,
      compressed: true,
      checksums: true,
      damaged: false,
      position: 1,
      backupSetGuid: set.guid,
      firstLsn: '34000000000000000001000',
      lastLsn: '34000000000000000001006',
      checkpointLsn: '34000000000000000001002',
      databaseBackupLsn: '34000000000000000000000',
      baseGuid: undefined,
      baseLsn: undefined,
      firstFork: set.fork,
      fork: set.fork,
      databaseGuid: set.databaseGuid,
      familyGuid: set.familyGuid,
      bytes: 100_000,
    });
  });

  test('that is not whole is none', () => {
    expect(parseRow(text().split('\x1f').slice(0, -5).join('\x1f'))).toBeUndefined();
    expect(parseRow('nothing')).toBeUndefined();
    const row = new Map([['BackupType', '4']]);
    expect(() => headerOf(row, 'backup')).toThrow('backup: it is of type 4');
  });
});

const odbc = (number: number, text: string, level = 16) =>
  `Changed language setting to us_english.\nMsg ${number}, Level ${level}, State 1, Server DB1, Line 1\n${text}\nMsg 3013, Level 16, State 1, Server DB1, Line 1\nBACKUP DATABASE is terminating abnormally.`;

describe('failures', () => {
  test.each([
    [18456, "Login failed for user 'backup'.", 'config', 'server'],
    [262, "BACKUP DATABASE permission denied in database 'shop'.", 'config', 'database'],
    [229, 'The SELECT permission was denied on the object', 'config', 'server'],
    [3201, "Cannot open backup device 'C:\\x'. Operating system error 5(Access is denied.).", 'config', 'server'],
    [
      3201,
      "Cannot open backup device 'C:\\x'. Operating system error 112(There is not enough space on the disk.).",
      'source',
      'server',
    ],
    [3202, 'Write on "C:\\x" failed: 112(There is not enough space on the disk.)', 'source', 'server'],
    [
      3202,
      'Write on "C:\\x" failed: 1117(The request could not be performed because of an I/O device error.)',
      'source',
      'server',
    ],
    [4208, 'The statement BACKUP LOG is not allowed while the recovery model is SIMPLE.', 'config', 'database'],
    [4214, 'BACKUP LOG cannot be performed because there is no current database backup.', 'retry', 'database'],
    [3035, 'Cannot perform a differential backup for database "shop"', 'retry', 'database'],
    [
      3059,
      'This BACKUP or RESTORE command is not supported on a database mirror or secondary replica.',
      'config',
      'database',
    ],
    [1844, 'BACKUP DATABASE WITH COMPRESSION is not supported on Express Edition', 'config', 'server'],
    [3043, "BACKUP 'shop' detected an error on page (1:153)", 'source', 'database'],
    [3241, "The media family on device 'x' is incorrectly formed.", 'source', 'database'],
    [3203, 'Read on "/x" failed: 38(Dateiende erreicht.)', 'source', 'database'],
    [3203, 'Read on "/x" failed: 23(Data error (cyclic redundancy check).)', 'source', 'server'],
    [3254, "The volume on device '/x' is empty.", 'source', 'database'],
    [
      3256,
      "The backup set on device '/x' was terminated while it was being created and is incomplete.",
      'source',
      'database',
    ],
    [3266, "The backup data at the end of '/x' is incorrectly formatted.", 'source', 'database'],
    [1205, 'Transaction was deadlocked', 'retry', 'server'],
    [1222, 'Lock request time out period exceeded.', 'retry', 'server'],
    [3023, 'Backup, file manipulation operations must be serialized.', 'retry', 'database'],
    [6005, 'SHUTDOWN is in progress.', 'retry', 'server'],
    [99999, 'something new', 'retry', 'server'],
  ])('%i %s', (number, text, kind, scope) => {
    const error = errorOfTalk('backup of database "shop"', odbc(number, text));
    expect([error.kind, scopeOf(error)]).toEqual([kind, scope]);
    expect(error.message).toBe(`backup of database "shop": ${text} (${number})`);
  });

  test.each([
    ["Sqlcmd: Error: Microsoft ODBC Driver 18 for SQL Server : Login failed for user 'backup'..", 'config'],
    ["mssql: login error: Login failed for user 'backup'.", 'config'],
    [
      'Sqlcmd: Error: Microsoft ODBC Driver 18 for SQL Server : SSL Provider: [certificate verify failed:self-signed certificate].',
      'config',
    ],
    [
      'TLS Handshake failed: tls: failed to verify certificate: x509: certificate signed by unknown authority',
      'config',
    ],
    ['Sqlcmd: Error: Microsoft ODBC Driver 17 for SQL Server : Login timeout expired.', 'retry'],
    ["unable to open tcp connection with host 'db:1433': dial tcp: lookup db: no such host", 'retry'],
  ])('of both kinds without a number: %s', (talk, kind) => {
    expect(errorOfTalk('session', talk)).toMatchObject({ kind, message: `session: ${talk}` });
  });

  test('messages of level 10 and less are none', () => {
    const talk = 'Msg 5701, Level 0, State 1, Server DB1, Line 1\nChanged database context.';
    expect(messagesOf(talk)).toEqual([{ number: 5701, level: 0, text: 'Changed database context.' }]);
    expect(errorOfTalk('x', `${talk}\nMsg 1205, Level 13, State 1, Server DB1, Line 1\r\nDeadlock.\r\n`).message).toBe(
      'x: Deadlock. (1205)',
    );
  });

  test('a missing right is told apart', () => {
    expect(isDenied(errorOfTalk('x', odbc(229, 'denied')))).toBe(true);
    expect(isDenied(errorOfTalk('x', odbc(3201, 'device')))).toBe(false);
  });
});
