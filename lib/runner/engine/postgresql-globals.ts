import { PassThrough, pipeline } from 'node:stream';
import type { Machine } from '../machine';
import { startChild } from './child';
import type { SourceStream } from './engine';
import type { PostgresConnection } from './postgresql-environment';
import { endedWell } from './postgresql-error';
import { conninfo } from './postgresql-session';
import type { PostgresSession } from './postgresql-session';

/** What of the server's own belongs to a backup: roles, their memberships and settings, tablespaces. */
export interface Globals {
  readonly passwords: 'included' | 'unreadable' | 'unreadable_anywhere';
}

/**
 * Passwords stand in pg_authid, which only a superuser or a role with SELECT on it reads. On servers of cloud providers,
 * known by their roles, nobody does.
 */
export async function readGlobals(session: PostgresSession): Promise<Globals> {
  const [row] = await session.query(`
    SELECT has_table_privilege('pg_authid', 'SELECT') AS readable,
      EXISTS (SELECT 1 FROM pg_roles WHERE rolname IN ('rds_superuser', 'azure_pg_admin', 'cloudsqlsuperuser')) AS managed`);
  if (row?.readable === true) return { passwords: 'included' };
  return { passwords: row?.managed === true ? 'unreadable_anywhere' : 'unreadable' };
}

export const WITHOUT_PASSWORDS =
  'roles without their passwords, since the role that takes the backup cannot read pg_authid';

export function globalsArguments({ passwords }: Globals, maintenance: string): readonly string[] {
  return [
    '--globals-only',
    '--no-password',
    ...(passwords === 'included' ? [] : ['--no-role-passwords']),
    `--dbname=${conninfo(maintenance)}`,
  ];
}

export async function globalsStream(
  globals: Globals,
  connection: PostgresConnection,
  machine: Machine,
): Promise<SourceStream> {
  const { environment, secrets } = await connection.fresh();
  const args = globalsArguments(globals, connection.maintenance);
  const child = await startChild('pg_dumpall', args, { machine, environment, secrets });
  const ended = endedWell(child, 'pg_dumpall of roles and tablespaces');
  ended.catch(() => undefined);
  // When a tool ends before anybody reads, Node drops what it said (`flushStdio` of child_process), and it ended well.
  const output = pipeline(child.stdout, new PassThrough(), () => undefined);
  return { name: 'globals', format: 'pg_plain', compression: 'none', output, ended };
}
