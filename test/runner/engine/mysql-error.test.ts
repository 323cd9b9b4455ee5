import { errorOfTalk } from '../../../lib/runner/engine/mysql-error';

/** What a client says of its option file: its fix is no other try, and a line of it may be a password. */

test.each([
  ["mariadb: unknown variable 'passwrd=secret'word'", "x: mariadb: unknown variable 'passwrd=***'"],
  [
    "mysqldump: [ERROR] unknown variable 'pasword=a=secret-word'.",
    "x: mysqldump: [ERROR] unknown variable 'pasword=***'.",
  ],
  ["mariadb: unknown option '--skip'", "x: mariadb: unknown option '--skip'"],
  [
    'error: Wrong group definition in config file: /etc/my.cnf at line 6\nFatal error in defaults handling. Program aborted',
    'x: error: Wrong group definition in config file: /etc/my.cnf at line 6\nFatal error in defaults handling. Program aborted',
  ],
])('%s', (talk, message) => {
  expect(errorOfTalk('x', talk)).toMatchObject({ kind: 'config', message, fix: 'correct the option file' });
});
