import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runChild } from './child';
import { EngineError } from './engine';
import type { MysqlSource } from './mysql-run';

/** Options of a connection, all of which the tool for binary logs knows. */
const KNOWN = /^--(user|password|host|port|socket|protocol|ssl[-\w]*|tls[-\w]*|default-auth|plugin-dir)(?:=(.*))?$/;

const GROUPS = {
  mysql: ['--show', 'client', 'mysqlbinlog'],
  mariadb: ['client', 'client-server', 'client-mariadb', 'mysqlbinlog', 'mariadb-binlog'],
} as const;

/**
 * The tool for binary logs ends at an option of `[client]` that it does not know, such as `default-character-set`, which
 * many have there. So it gets a private option file with what the usual ones say of the connection alone.
 */
export async function binlogLogin({
  connection,
  machine,
  scratch,
  tools,
}: MysqlSource): Promise<{ readonly args: readonly string[]; readonly secrets: readonly string[] }> {
  await connection.refresh();
  const isFile = (arg: string) => arg.startsWith('--defaults-file=');
  const args = [...connection.args.filter(isFile), ...GROUPS[tools.family]];
  const { exitCode, stdout, stderr } = await runChild('my_print_defaults', args, { machine, ...connection });
  if (exitCode !== 0) throw new EngineError('config', `my_print_defaults: ${stderr}`, 'check the option files');
  const secrets = new Set(connection.secrets);
  const lines = stdout.split('\n').flatMap((line) => {
    const match = KNOWN.exec(line);
    if (!match) return [];
    const [, name = '', value] = match;
    if (name === 'password' && value) secrets.add(value);
    return [value === undefined ? name : `${name}="${value.replace(/["\\]/g, '\\$&')}"`];
  });
  const file = path.join(scratch, 'client.cnf');
  await writeFile(file, ['[client]', ...lines, ''].join('\n'), { mode: 0o600 });
  return {
    args: [`--defaults-file=${file}`, ...connection.args.filter((arg) => !isFile(arg))],
    secrets: [...secrets],
  };
}
