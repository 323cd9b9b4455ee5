import { EngineError } from './engine';
import type { MysqlSession } from './mysql-session';
import type { Family } from './mysql-tools';

/** What one line of SHOW GRANTS gives on what. */
export interface Grant {
  readonly rights: readonly string[];
  readonly schema: string;
  readonly table: string;
}

/** Without these the dump leaves triggers and events out without a word. */
const NEEDED = ['SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT'];

export function parseGrant(line: string): Grant | undefined {
  const match = /^GRANT (.+?) ON (?:TABLE )?(\*|`(?:[^`]|``)+`)\.(\*|`(?:[^`]|``)+`) TO /.exec(line);
  if (!match) return undefined;
  const name = (text = '') => (text === '*' ? text : text.slice(1, -1).replaceAll('``', '`'));
  const rights = (match[1] ?? '').split(/,\s*/).map((right) => right.toUpperCase());
  return { rights, schema: name(match[2]), table: name(match[3]) };
}

/** Rights that are missing on a database. In names of grants "%" and "_" stand for others, "\" takes that away. */
export function missingRights(grants: readonly Grant[], database: string): readonly string[] {
  const given = grants.filter(
    ({ schema, table }) => table === '*' && (schema === '*' || schemaExpression(schema).test(database)),
  );
  return NEEDED.filter((right) => !given.some(({ rights }) => rights.includes(right) || hasAll(rights)));
}

function hasAll(rights: readonly string[]): boolean {
  return rights.includes('ALL PRIVILEGES') || rights.includes('ALL');
}

function schemaExpression(schema: string): RegExp {
  const source = schema.replace(/\\([%_])|%|_|[.*+?^${}()|[\]\\]/g, (sign, plain: string | undefined) => {
    if (plain !== undefined) return plain;
    return sign === '%' ? '.*' : sign === '_' ? '.' : `\\${sign}`;
  });
  return new RegExp(`^${source}$`, 'su');
}

/** Routines of others are neither listed nor shown without one of these. */
export function readsRoutines(grants: readonly Grant[], family: Family): boolean {
  return grants.some(({ rights, schema, table }) => {
    const selects = rights.includes('SELECT') || hasAll(rights);
    if (schema === '*') return selects || rights.includes('SHOW_ROUTINE') || rights.includes('SHOW CREATE ROUTINE');
    return family === 'mariadb' && selects && schema === 'mysql' && (table === '*' || table === 'proc');
  });
}

export async function grantsOf(session: MysqlSession): Promise<readonly Grant[]> {
  const roles = await session.query('SELECT COALESCE(CURRENT_ROLE(), "NONE")');
  const role = roles[0]?.[0];
  // MySQL names its active roles in a list that SHOW GRANTS takes; MariaDB's says theirs by itself.
  const using = role !== undefined && role.includes('@') ? ` FOR CURRENT_USER() USING ${role}` : '';
  const rows = await session.query(`SHOW GRANTS${using}`);
  return rows.flatMap(([line = '']) => {
    const grant = parseGrant(line);
    return grant ? [grant] : [];
  });
}

/** @throws EngineError that names what is missing where */
export function checkRights(grants: readonly Grant[], databases: readonly string[]): void {
  for (const database of databases) {
    const missing = missingRights(grants, database);
    if (missing.length === 0) continue;
    throw new EngineError(
      'config',
      `database "${database}": the account lacks ${missing.join(', ')}`,
      `grant it ${NEEDED.join(', ')} and LOCK TABLES there, and RELOAD, PROCESS and REPLICATION CLIENT (BINLOG MONITOR) on *.*`,
    );
  }
}
