import { excludeTables } from '../../../lib/runner/engine/mysql-exclusion';
import { checkRights, missingRights, parseGrant, readsRoutines } from '../../../lib/runner/engine/mysql-rights';
import type { Grant } from '../../../lib/runner/engine/mysql-rights';
import { lockName } from '../../../lib/runner/engine/mysql-lock';
import { codeOf, errorOfTalk } from '../../../lib/runner/engine/mysql-error';
import { unescape } from '../../../lib/runner/engine/mysql-session';

const table = (schema: string, name: string) => ({
  schema,
  table: name,
  engine: 'InnoDB',
  transactional: true,
  versioned: false,
});
const tables = [table('shop', 'temp_a'), table('shop', 'kept'), table('log', 'temp_b'), table('log', 'Temp_C')];
const key = (from: string, to: string) => ({
  name: 'fk',
  schema: 'shop',
  table: from,
  references: { schema: 'shop', table: to },
});
const catalogue = { databases: ['shop', 'log'], tables, foreignKeys: [key('kept', 'temp_a'), key('temp_a', 'kept')] };

describe('wildcards of exclude_tables', () => {
  const names = (patterns: string[], names: 'lower' | 'exact' = 'exact') =>
    excludeTables(patterns, catalogue, names).excluded.map((one) => `${one.schema}.${one.table}`);

  test('hold in every database unless they name one, and mind case as the server does', () => {
    expect(names(['temp_*'])).toEqual(['shop.temp_a', 'log.temp_b']);
    expect(names(['log.temp_?'])).toEqual(['log.temp_b']);
    expect(names(['l*.TEMP_*'], 'lower')).toEqual(['log.temp_b', 'log.Temp_C']);
    expect(names(['temp_', 'emp_a', 'te.p_a'])).toEqual([]);
  });

  test('tell which keys are broken and which patterns mean nothing', () => {
    const { broken, unused } = excludeTables(['temp_a', 'none_*'], catalogue, 'exact');
    expect(broken).toEqual([key('kept', 'temp_a')]);
    expect(unused).toEqual(['none_*']);
  });
});

describe('rights', () => {
  const grants = (...lines: string[]) => lines.map((line) => parseGrant(line)).filter((one): one is Grant => !!one);

  test('of all kinds of grants are seen, for the databases that they mean', () => {
    const all = grants("GRANT ALL PRIVILEGES ON *.* TO `r`@`%` IDENTIFIED BY PASSWORD '*A' WITH GRANT OPTION");
    expect(missingRights(all, 'shop')).toEqual([]);
    const some = grants('GRANT SELECT, SHOW VIEW ON `sh\\_p%`.* TO `a`@`%`', 'GRANT EVENT ON *.* TO `a`@`%`');
    expect(missingRights(some, 'sh_p9')).toEqual(['TRIGGER']);
    expect(missingRights(some, 'shop')).toEqual(['SELECT', 'SHOW VIEW', 'TRIGGER']);
    expect(grants('GRANT `role` TO `a`@`%`', 'GRANT SELECT ON `s`.`t` TO `a`@`%`')).toHaveLength(1);
    expect(missingRights(grants('GRANT ALL PRIVILEGES ON `s`.`t` TO `a`@`%`'), 's')).toHaveLength(4);
    expect(() => checkRights(some, ['sh_p9'])).toThrow('database "sh_p9": the account lacks TRIGGER');
  });

  test('tell whether routines of others are seen', () => {
    expect(readsRoutines(grants('GRANT SELECT ON `mysql`.`proc` TO `a`@`%`'), 'mariadb')).toBe(true);
    expect(readsRoutines(grants('GRANT SELECT ON `mysql`.* TO `a`@`%`'), 'mysql')).toBe(false);
    expect(readsRoutines(grants('GRANT SHOW_ROUTINE ON *.* TO `a`@`%`'), 'mysql')).toBe(true);
    expect(readsRoutines(grants('GRANT SELECT ON `shop`.* TO `a`@`%`'), 'mariadb')).toBe(false);
  });
});

test('a lock has a name that the server takes, one for each task and kind', () => {
  const name = lockName('a very long name of a task '.repeat(9), 'data');
  expect(name.length).toBeLessThanOrEqual(64);
  expect(new Set([name, lockName('other', 'data'), lockName('other', 'log')]).size).toBe(3);
});

test.each([
  ["ERROR 1045 (28000): Access denied for user 'x'@'y' (using password: YES)", 1045, 'config'],
  ['mariadb-dump: Got error: 1049: "Unknown database \'x\'" when selecting the database', 1049, 'config'],
  ['mysqldump: Error 1412: Table definition has changed, please retry transaction', 1412, 'retry'],
  ["mysqldump: Couldn't execute 'SHOW FIELDS FROM `v`': View invalid (1356)", 1356, 'source'],
  ['ERROR 2026 (HY000): TLS/SSL error: SSL is required', 2026, 'config'],
  ['ERROR: Got error reading packet from server: Could not find first log file name', undefined, 'retry'],
  ["ERROR: Failed on connect: Access denied for user 'n'@'h' (using password: YES)", undefined, 'config'],
  ['mariadb-dump: Error 2013: Lost connection to server during query', 2013, 'retry'],
])('"%s" is read for its cause', (talk, code, kind) => {
  expect([codeOf(talk), errorOfTalk('x', talk).kind]).toEqual([code, kind]);
});

test('fields come back as the server has them', () => {
  expect(unescape('a\\tb\\nc\\\\nd\\0')).toBe('a\tb\nc\\nd\0');
});

test('a lost server is said in its words, without the statement of ours that the client shows before them', () => {
  const talk =
    "--------------\nSELECT 'hypdr-1f'\n--------------\n\nERROR 2013 (HY000) at line 24: Lost connection to server";
  expect(errorOfTalk('session with the server', talk)).toMatchObject({
    message: 'session with the server: ERROR 2013 (HY000) at line 24: Lost connection to server',
    fix: expect.stringContaining('check that the server runs'),
  });
});
