import { Readable } from 'node:stream';
import type { Machine } from '../machine';
import { startChild } from './child';
import type { Child } from './child';
import { EngineError } from './engine';
import type { SourceStream } from './engine';
import type { MysqlConnection } from './mysql-connection';
import { endedWell } from './mysql-error';
import { ask, literal, openSession } from './mysql-session';
import type { MysqlTools } from './mysql-tools';

/** Accounts are in no ordinary dump: those of the server, with password hashes, roles and grants. */
export interface Accounts {
  readonly readable: boolean;
  /** Why they are not. */
  readonly why?: string;
}

export async function readAccounts(
  connection: MysqlConnection,
  tools: MysqlTools,
  machine: Machine,
): Promise<Accounts> {
  try {
    await ask(connection, tools, machine, 'SELECT COUNT(*) FROM mysql.user');
    return { readable: true };
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind !== 'config') throw error;
    return { readable: false, why: 'the account that takes the backup cannot read mysql.user' };
  }
}

/** An account that is there already keeps its password at a restore, so that a dump locks nobody out. */
export const ACCOUNT_ARGUMENTS = ['--system=users', '--insert-ignore', '--comments', '--default-character-set=utf8mb4'];

export async function accountsStream(
  connection: MysqlConnection,
  tools: MysqlTools,
  machine: Machine,
  onStart: (child: Child) => void,
): Promise<SourceStream> {
  const facts = { name: 'accounts', format: 'sql', compression: 'none' } as const;
  if (!tools.dumpsAccounts) {
    const text = await accountStatements(connection, tools, machine);
    return { ...facts, output: Readable.from([Buffer.from(text)]), ended: Promise.resolve() };
  }
  const child = await startChild(tools.dump, [...connection.args, ...ACCOUNT_ARGUMENTS], { machine, ...connection });
  onStart(child);
  const ended = endedWell(child, `${tools.dump} of accounts`);
  ended.catch(() => undefined);
  return { ...facts, output: child.stdout, ended };
}

/** MySQL's dump has nothing for it: what SHOW CREATE USER and SHOW GRANTS say, hashes in hexadecimal. */
async function accountStatements(connection: MysqlConnection, tools: MysqlTools, machine: Machine): Promise<string> {
  const session = await openSession(connection, tools, machine);
  try {
    const hex = await session.query("SHOW VARIABLES LIKE 'print_identified_with_as_hex'");
    if (hex.length > 0) await session.query('SET SESSION print_identified_with_as_hex = ON');
    const accounts = await session.query('SELECT user, host FROM mysql.user ORDER BY 1, 2');
    const [creations, grants]: [string[], string[]] = [[], []];
    for (const [user = '', host = ''] of accounts.filter(([name = '']) => !OWN.includes(name))) {
      const account = `${literal(user)}@${literal(host)}`;
      const [creation] = await session.query(`SHOW CREATE USER ${account}`);
      creations.push(`${creation?.[0]?.replace(/^CREATE USER /, 'CREATE USER IF NOT EXISTS ')};`);
      for (const [grant = ''] of await session.query(`SHOW GRANTS FOR ${account}`)) grants.push(`${grant};`);
    }
    return `-- accounts\n${[...creations, ...grants].join('\n')}\n-- Dump completed\n`;
  } finally {
    await session.close();
  }
}

/** Accounts that every MySQL server has and nobody logs in with. */
const OWN = ['mysql.sys', 'mysql.session', 'mysql.infoschema'];
