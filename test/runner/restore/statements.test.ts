import { Readable } from 'node:stream';
import { accountStatements } from '../../../lib/runner/restore/mysql-accounts';
import { LogReader, replayArguments, withoutAccounts } from '../../../lib/runner/restore/mysql-replay';
import { replacedName, stagingName } from '../../../lib/runner/restore/postgresql-place';
import { readKey } from '../../../lib/runner/restore/postgresql-quote';
import { roleStatements } from '../../../lib/runner/restore/postgresql-roles';
import { PASSWORD_VARIABLE, readServerUrl, shownTarget } from '../../../lib/runner/restore/server-url';

/** What of a backup's statements goes to a server, and what stays away from it. */

describe('where a server is', () => {
  const read = (text: string) => readServerUrl(text, ['postgresql', 'postgres']);

  test('is said by a URL', () => {
    expect(read('postgres://o%40x@[::1]:5433/my%20shop?sslmode=require')).toEqual({
      host: '::1',
      port: '5433',
      user: 'o@x',
      database: 'my shop',
      tls: 'require',
      shown: 'postgresql://::1:5433/my shop',
    });
    expect(read('postgresql:///?host=/run/postgresql')).toMatchObject({
      host: '/run/postgresql',
      user: undefined,
      database: undefined,
    });
  });

  test.each([
    ['postgresql://me:secret-word@host/', 'has a password in it'],
    ['mysql://host/', 'is of mysql:// and should be of postgresql://'],
    ['postgresql:///shop', 'names no host'],
    ['postgresql://host/?password=secret-word', 'knows no password'],
    ['shop', 'is no URL'],
  ])('%s is none', (text, why) => {
    const error = (() => {
      try {
        return read(text);
      } catch (thrown) {
        return thrown as Error & { fix: string };
      }
    })();
    expect(error).toMatchObject({
      message: expect.stringContaining(why),
      fix: expect.stringContaining(PASSWORD_VARIABLE),
    });
    expect(JSON.stringify(error)).not.toContain('secret-word');
  });

  test.each([
    ['postgresql://me:secret-word@host:5432/shop?password=secret-word', 'postgresql://host:5432/shop'],
    ['mariadb://me@host/', 'mariadb://host'],
    ['/etc/target.cnf', '/etc/target.cnf'],
    ['postgresql://me:secret-word@host:port/', '***'],
    ['postgresql://me:5432?secret-word@host/', '***'],
    ['postgresql://me:5432#secret-word@host/', '***'],
    ['host=h password=secret-word', '***'],
    ['me:secret-word@host', '***'],
  ])('of %s is shown %s before it is read', (text, shown) => {
    expect(shownTarget(text, 'database')).toBe(shown);
    expect(shownTarget(text, 'files')).toBe(text);
  });
});

const GLOBALS = `--
-- Roles
--

\\restrict abc

SET client_encoding = 'UTF8';

CREATE ROLE "a ""b"" c";
ALTER ROLE "a ""b"" c" WITH LOGIN PASSWORD 'SCRAM-SHA-256$x;';
COMMENT ON ROLE "a ""b"" c" IS 'it''s two;
lines';
CREATE ROLE postgres;
ALTER ROLE postgres WITH SUPERUSER PASSWORD 'SCRAM-SHA-256$y';
COMMENT ON ROLE postgres IS 'the
CREATE ROLE trap;
end';
ALTER ROLE postgres SET work_mem TO '1GB';
CREATE TABLESPACE fast OWNER postgres LOCATION '/fast';
GRANT ALL ON TABLESPACE fast TO reader;
GRANT reader TO "a ""b"" c" GRANTED BY postgres;
GRANT reader TO postgres GRANTED BY postgres;
`;

test('roles that are there stay as they are, and tablespaces are not made', () => {
  const { sql, kept, tablespaces } = roleStatements(GLOBALS, new Set(['postgres', 'reader']));
  expect(sql.split('\n')).toEqual([
    "SET client_encoding = 'UTF8';",
    'CREATE ROLE "a ""b"" c";',
    `ALTER ROLE "a ""b"" c" WITH LOGIN PASSWORD 'SCRAM-SHA-256$x;';`,
    `COMMENT ON ROLE "a ""b"" c" IS 'it''s two;`,
    "lines';",
    'GRANT reader TO "a ""b"" c" GRANTED BY postgres;',
    '',
  ]);
  expect([kept, tablespaces]).toEqual([['postgres'], 1]);
});

test('staging names and those of what was replaced fit, whatever a database is called', () => {
  expect(stagingName('ä'.repeat(31))).toMatch(/^hypdr_restoring_[0-9a-f]{16}$/);
  const name = replacedName('ä'.repeat(31), new Date('2026-11-22T02:15:00Z'));
  expect(name.endsWith('_before_20261122t021500z')).toBe(true);
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
});

test('keys are read as manifests name them', () => {
  expect(readKey('public.logins: logins_fk')).toEqual({ schema: 'public', table: 'logins', name: 'logins_fk' });
  expect(readKey('"odd.s: x"."a ""b""": "k: 1"')).toEqual({ schema: 'odd.s: x', table: 'a "b"', name: 'k: 1' });
  expect(readKey('nothing')).toBeUndefined();
});

test('accounts that are there stay as they are', () => {
  const text = [
    '-- accounts',
    'CREATE ROLE IF NOT EXISTS `readers`;',
    "CREATE USER IF NOT EXISTS `app`@`%` IDENTIFIED BY PASSWORD '*AB';",
    'CREATE USER IF NOT EXISTS `root`@`localhost`;',
    'GRANT SELECT ON `shop`.* TO `readers`;',
    "GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` IDENTIFIED BY PASSWORD '*CD' WITH GRANT OPTION;",
    "GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION;",
    'GRANT `readers` TO `app`@`%`;',
    'SET DEFAULT ROLE `readers` FOR `root`@`localhost`;',
    'SET DEFAULT ROLE `readers` FOR `app`@`%`;',
    '-- Dump completed',
    '',
  ].join('\n');
  const { sql, kept } = accountStatements(text, new Set(['root@localhost', 'readers@']));
  expect(sql.trim().split('\n')).toEqual([
    "CREATE USER IF NOT EXISTS `app`@`%` IDENTIFIED BY PASSWORD '*AB';",
    'GRANT `readers` TO `app`@`%`;',
    'SET DEFAULT ROLE `readers` FOR `app`@`%`;',
  ]);
  expect([...kept].sort()).toEqual(['readers', 'root@localhost']);
});

describe('binary logs', () => {
  const read = (text: string) => {
    const reader = new LogReader();
    for (const line of text.split('\n')) reader.line(line);
    return {
      groups: reader.groups.map(({ position, at }) => `${position} ${new Date(at).toISOString()}`),
      next: reader.next,
    };
  };

  test("MariaDB's events: a transaction is of the moment of its last one", () => {
    const text = `# at 4
#261124 23:59:58 server id 1  end_log_pos 256 CRC32 0x1f \tStart: binlog v 4, server v 10.11.19-MariaDB-log created 261124 23:59:58
# at 256
#261124 23:59:58 server id 1  end_log_pos 285 CRC32 0x2f \tGtid list []
# at 285
#261124 23:59:59 server id 1  end_log_pos 327 CRC32 0x3f \tGTID 0-1-1 trans
# at 327
#261125  0:00:05 server id 1  end_log_pos 400 CRC32 0x4f \tXid = 12
# at 400
#261125  0:00:03 server id 1  end_log_pos 442 CRC32 0x5f \tGTID 0-1-2 ddl
# at 442
#261125  0:00:03 server id 1  end_log_pos 500 CRC32 0x6f \tQuery\tthread_id=5\texec_time=0\terror_code=0\txid=0
# at 500
#261125  9:00:00 server id 1  end_log_pos 547 CRC32 0x7f \tRotate to binlog.000002  pos: 4`;
    expect(read(text)).toEqual({
      groups: ['285 2026-11-25T00:00:05.000Z', '400 2026-11-25T00:00:03.000Z'],
      next: 'binlog.000002',
    });
  });

  test("MySQL's events, with GTIDs and without", () => {
    const text = `# at 126
#240101 12:00:00 server id 1  end_log_pos 157 CRC32 0x1f \tPrevious-GTIDs
# at 157
#240101 12:00:01 server id 1  end_log_pos 234 CRC32 0x2f \tAnonymous_GTID\tlast_committed=0\tsequence_number=1
# at 234
#240101 12:00:02 server id 1  end_log_pos 300 CRC32 0x3f \tQuery\tthread_id=8
# at 300
#240101 12:00:03 server id 1  end_log_pos 400 CRC32 0x4f \tGTID\tlast_committed=1\tsequence_number=2
# at 400
#240101 12:00:09 server id 1  end_log_pos 423 CRC32 0x5f \tStop`;
    expect(read(text)).toEqual({
      groups: ['157 2024-01-01T12:00:02.000Z', '300 2024-01-01T12:00:03.000Z'],
      next: undefined,
    });
  });

  test('are replayed from where the dump was taken to the stop, and no further log is', () => {
    const logs = ['a.000001', 'a.000002', 'a.000003'].map((name) => ({ name, file: `/scratch/${name}` }));
    const from = { file: 'a.000001', position: 700 };
    expect(replayArguments({ logs, from, stop: undefined, database: undefined }, 'mariadb')).toEqual([
      ...['--no-defaults', '--disable-log-bin', '--start-position=700', '--'],
      ...['/scratch/a.000001', '/scratch/a.000002', '/scratch/a.000003'],
    ]);
    const stop = { file: 'a.000002', position: 90 };
    expect(replayArguments({ logs, from, stop, database: 'shop' }, 'mysql')).toEqual([
      ...['--no-defaults', '--disable-log-bin', '--skip-gtids', '--database=shop', '--start-position=700'],
      ...['--stop-position=90', '--', '/scratch/a.000001', '/scratch/a.000002'],
    ]);
  });

  test('lose their statements about accounts, and nothing else of any bytes', async () => {
    const text = [
      'DELIMITER /*!*/;',
      '# at 300',
      'SET TIMESTAMP=1/*!*/;',
      "CREATE USER x@'%' IDENTIFIED BY",
      "'GRANT' /*!*/;",
      '# at 400',
      'SET TIMESTAMP=2/*!*/;',
      'CREATE PROCEDURE p() BEGIN',
      'GRANT SELECT ON a TO b;',
      'END',
      '/*!*/;',
      'grant all on *.* to y',
      '/*!*/;',
      "INSERT INTO t VALUES ('\xff\xfe\r\r\n\x85') /*!*/;",
      'DELIMITER ;',
    ].join('\n');
    let dropped = 0;
    const chunks: Buffer[] = [];
    for await (const chunk of withoutAccounts(Readable.from([Buffer.from(text, 'latin1')]), () => (dropped += 1)))
      chunks.push(chunk as Buffer);
    const left = Buffer.concat(chunks).toString('latin1');
    expect(dropped).toBe(2);
    expect(left).not.toMatch(/CREATE USER|'GRANT'|grant all/);
    expect(left).toContain('GRANT SELECT ON a TO b;');
    expect(left).toContain('\xff\xfe\r\r\n\x85');
  });
});
