import { Readable } from 'node:stream';
import type { Machine } from '../machine';
import { EngineError } from './engine';
import type { SourceStream } from './engine';
import type { MysqlConnection } from './mysql-connection';
import { codeOf } from './mysql-error';
import { ask, identifier, literal, openSession } from './mysql-session';
import type { MysqlSession } from './mysql-session';
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

/**
 * What SHOW CREATE USER and SHOW GRANTS say, on both families. MariaDB's `--system=users` says the same and more, but
 * ends at the first account that it cannot show, which every server without name resolution has from its installation.
 */
export async function accountsStream(
  connection: MysqlConnection,
  tools: MysqlTools,
  machine: Machine,
): Promise<SourceStream> {
  const { text, hidden } = await accountStatements(connection, tools, machine);
  if (hidden.length > 0) {
    const message = `the server does not show these accounts, which nobody can use on it: ${hidden.join(', ')}`;
    machine.log({ level: 'warning', event: 'accounts_hidden', message });
  }
  const output = Readable.from([Buffer.from(text)], { objectMode: false });
  return { name: 'accounts', format: 'sql', compression: 'none', output, ended: Promise.resolve() };
}

/** Accounts that every server has and nobody logs in with. */
const OWN = ['mysql.sys', 'mysql.session', 'mysql.infoschema', 'mariadb.sys'];

async function accountStatements(
  connection: MysqlConnection,
  tools: MysqlTools,
  machine: Machine,
): Promise<{ readonly text: string; readonly hidden: readonly string[] }> {
  const open = () => openSession(connection, tools, machine);
  let session = await open();
  try {
    const isRole = tools.family === 'mariadb' ? 'is_role' : "'N'";
    const rows = await session.query(`SELECT user, host, ${isRole} FROM mysql.user ORDER BY 3 DESC, 1, 2`);
    const [creations, grants, hidden]: [string[], string[], string[]] = [[], [], []];
    for (const [user = '', host = '', role = ''] of rows.filter(([name = '']) => !OWN.includes(name))) {
      try {
        const one = role === 'Y' ? await roleOf(session, user) : await accountOf(session, user, host);
        creations.push(one.creation);
        grants.push(...one.grants);
      } catch (error) {
        if (!(error instanceof EngineError) || !NO_SUCH_ACCOUNT.includes(codeOf(error.message) ?? 0)) throw error;
        hidden.push(`${user}@${host}`);
        await session.close();
        session = await open();
      }
    }
    const lines = ['-- accounts', ...creations, ...grants, '-- Dump completed', ''];
    return { text: lines.join('\n'), hidden };
  } finally {
    await session.close();
  }
}

const NO_SUCH_ACCOUNT = [1133, 1141, 1396];

interface Statements {
  readonly creation: string;
  readonly grants: readonly string[];
}

async function roleOf(session: MysqlSession, role: string): Promise<Statements> {
  const grants = await session.query(`SHOW GRANTS FOR ${identifier(role)}`);
  return { creation: `CREATE ROLE IF NOT EXISTS ${identifier(role)};`, grants: grants.map(([grant]) => `${grant};`) };
}

/** An account that is there already is left alone. Roles are given when all are there. Hashes may be any bytes. */
async function accountOf(session: MysqlSession, user: string, host: string): Promise<Statements> {
  const account = `${literal(user)}@${literal(host)}`;
  const hex = await session.query("SHOW VARIABLES LIKE 'print_identified_with_as_hex'");
  if (hex.length > 0) await session.query('SET SESSION print_identified_with_as_hex = ON');
  const [row] = await session.query(`SHOW CREATE USER ${account}`);
  const created = row?.[0] ?? '';
  const roles = DEFAULT_ROLE.exec(created)?.[1];
  const grants = await session.query(`SHOW GRANTS FOR ${account}`);
  return {
    creation: `${created.replace(DEFAULT_ROLE, '').replace(/^CREATE USER /, 'CREATE USER IF NOT EXISTS ')};`,
    grants: [
      ...grants.map(([grant]) => `${grant};`),
      ...(roles === undefined ? [] : [`SET DEFAULT ROLE ${roles} TO ${account};`]),
    ],
  };
}

/** MySQL's part of CREATE USER; MariaDB has it among the grants. */
const DEFAULT_ROLE = / DEFAULT ROLE (`[^`]+`@`[^`]+`(?:,`[^`]+`@`[^`]+`)*)/;
