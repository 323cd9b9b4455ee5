import { connectionArguments, standardVariables } from '../../../lib/runner/engine/mysql-connection';
import { optionFile } from '../../../lib/runner/engine/mysql-option-file';
import { definitionArguments, dumpArguments, dumpOptions } from '../../../lib/runner/engine/mysql-options';
import { checkServer, parseServerVersion, parseToolVersion } from '../../../lib/runner/engine/mysql-tools';
import type { MysqlTools, Version } from '../../../lib/runner/engine/mysql-tools';

const tools = (family: Version['family'], text: string, changes: Partial<MysqlTools> = {}): MysqlTools => ({
  family,
  dump: 'mysqldump',
  client: family === 'mysql' ? 'mysql' : 'mariadb',
  binlog: 'x',
  version: { family, text },
  versions: {},
  ignoresTableData: family === 'mariadb',
  dumpsHistory: family === 'mariadb',
  ...changes,
});
const table = { schema: 'shop', table: 'a.b', engine: 'InnoDB', transactional: true, versioned: false };
const of = { databases: ['shop', '--odd'], excluded: [table], binaryLogs: 'on' } as const;
const args = (options: object, tool: MysqlTools) => dumpArguments(dumpOptions({ options: { ...options } }), of, tool);

describe('arguments of the dump', () => {
  test('of MariaDB take one transaction, one coordinate, and everything that belongs to a database', () => {
    expect(args({}, tools('mariadb', '10.11.19'))).toEqual([
      '--single-transaction',
      '--skip-lock-tables',
      '--master-data=2',
      '--compress',
      '--quick',
      '--opt',
      '--triggers',
      '--routines',
      '--events',
      '--hex-blob',
      '--add-locks',
      '--extended-insert',
      '--quote-names',
      '--comments',
      '--dump-date',
      '--tz-utc',
      '--skip-force',
      '--max-allowed-packet=1G',
      '--default-character-set=utf8mb4',
      '--dump-history',
      '--ignore-table-data=shop.a.b',
      '--databases',
      '--',
      'shop',
      '--odd',
    ]);
  });

  test('come in the words of the version of MySQL', () => {
    const newer = args({}, tools('mysql', '8.4.3'));
    expect(newer).toEqual(expect.arrayContaining(['--source-data=2', '--set-gtid-purged=COMMENTED']));
    expect(newer).toContain('--compression-algorithms=zstd,zlib,uncompressed');
    expect(newer).toContain('--ignore-table=shop.a.b');
    const older = args({}, tools('mysql', '5.7.44'));
    expect(older).toEqual(expect.arrayContaining(['--master-data=2', '--compress', '--set-gtid-purged=OFF']));
    expect(older).not.toContain('--skip-column-statistics');
  });

  test('lock all tables at once where no transaction is wanted, since locks per database have no common moment', () => {
    for (const options of [{ single_transaction: false, lock_tables: true }, { single_transaction: false }]) {
      const locked = args(options, tools('mariadb', '10.11.19'));
      expect(locked.slice(0, 2)).toEqual(['--skip-single-transaction', '--lock-all-tables']);
    }
    expect(args({ compress: false }, tools('mariadb', '10.11.19'))).not.toContain('--compress');
  });

  test('ask for no coordinate where there are no logs', () => {
    const plain = dumpArguments(dumpOptions({ options: {} }), { ...of, binaryLogs: 'off' }, tools('mysql', '8.4.3'));
    expect(plain.filter((one) => one.includes('-data='))).toEqual([]);
  });

  test('of a pass for definitions alone hold no row', () => {
    const definitions = definitionArguments('shop', ['-x', 'y'], tools('mysql', '8.4.3'));
    expect(definitions[0]).toBe('--no-data');
    expect(definitions.slice(-4)).toEqual(['--', 'shop', '-x', 'y']);
  });
});

describe('a connection', () => {
  test('has its address and password from the standard variables, and its user from none', () => {
    const given = { MYSQL_HOST: '::1', MYSQL_TCP_PORT: '1', MYSQL_PWD: 'q', USER: 'me' };
    expect(standardVariables(given)).toEqual({ host: '::1', port: '1', password: 'q' });
    expect(connectionArguments({ host: 'db', port: '3307', user: 'u' }, 'mariadb')).toEqual([
      '--host=db',
      '--port=3307',
      '--protocol=tcp',
      '--user=u',
    ]);
  });

  test.each([
    ['disable', ['--skip-ssl'], ['--ssl-mode=DISABLED']],
    ['prefer', ['--ssl', '--skip-ssl-verify-server-cert'], ['--ssl-mode=PREFERRED']],
    ['require', ['--ssl', '--skip-ssl-verify-server-cert'], ['--ssl-mode=REQUIRED']],
    ['verify-ca', ['--ssl', '--ssl-verify-server-cert'], ['--ssl-mode=VERIFY_CA']],
    ['verify-full', ['--ssl', '--ssl-verify-server-cert'], ['--ssl-mode=VERIFY_IDENTITY']],
  ])('with ssl_mode %s says so in the words of each family', (tls, mariadb, mysql) => {
    expect(connectionArguments({ tls }, 'mariadb')).toEqual(mariadb);
    expect(connectionArguments({ tls }, 'mysql')).toEqual(mysql);
  });

  test('takes a password from a file that reads the usual ones first, with every sign as it is', () => {
    const text = optionFile({ password: 'a"b\\c#d' }, ['/etc/my.cnf']);
    expect(text).toBe('!include /etc/my.cnf\n[client]\npassword="a\\"b\\\\c#d"\n');
    expect(optionFile({ user: 'u', password: 'p' }, [])).toBe('[client]\nuser="u"\npassword="p"\n');
    expect(() => optionFile({ password: 'a\nuser=root' }, [])).toThrow('the password has a line break in it');
    expect(() => optionFile({ user: 'a\n', password: 'p' }, [])).toThrow('the user has a line break in it');
  });
});

describe('versions', () => {
  test.each([
    ['mysqldump  Ver 10.19 Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)', 'mariadb', '10.11.19'],
    ['mariadb-dump from 11.4.2-MariaDB, client 10.19 for debian-linux-gnu (x86_64)', 'mariadb', '11.4.2'],
    ['mysqldump  Ver 8.0.36 for Linux on x86_64 (MySQL Community Server - GPL)', 'mysql', '8.0.36'],
    ['mysqldump  Ver 10.13 Distrib 5.7.44, for Linux (x86_64)', 'mysql', '5.7.44'],
  ])('of "%s"', (text, family, version) => {
    expect(parseToolVersion(text)).toEqual({ family, text: version });
  });

  test('of servers, with the prefix for old replicas', () => {
    expect(parseServerVersion('5.5.5-10.6.12-MariaDB-log')).toEqual({ family: 'mariadb', text: '10.6.12' });
    expect(parseServerVersion('8.4.3')).toEqual({ family: 'mysql', text: '8.4.3' });
  });

  test.each([
    ['mariadb', '10.11.19', '8.0.36', /10\.11\.19's and the server is MySQL 8\.0\.36/],
    ['mysql', '8.0.36', '8.4.3', /older than the server/],
    ['mysql', '8.4.3', '8.0.36', undefined],
    ['mysql', '8.4.3', '10.11.2-MariaDB', /the server is MariaDB 10\.11\.2/],
    ['mariadb', '10.11.19', '11.4.2-MariaDB', /older than the server/],
    ['mariadb', '10.6.1', '10.11.2-MariaDB', undefined],
  ] as const)('%s %s against %s', (family, text, server, refusal) => {
    const check = () => checkServer(tools(family, text), parseServerVersion(server));
    if (refusal) expect(check).toThrow(refusal);
    else expect(check).not.toThrow();
  });
});
