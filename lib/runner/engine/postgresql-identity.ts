import type { Machine } from '../machine';
import { EngineError } from './engine';
import type { PostgresSession } from './postgresql-session';

/**
 * Who the server is: its system identifier, made once by initdb and the same on its standbys. Where a provider has taken
 * the right to ask for it, address and number of the maintenance database stand in for it: they tell a restored server
 * from the old one, not a moved one from a new one, and the log says so.
 */
export async function identityOf(
  session: PostgresSession,
  machine: Machine,
): Promise<Readonly<Record<string, string>>> {
  try {
    const [row] = await session.query('SELECT system_identifier::text AS id FROM pg_control_system()');
    return { system_identifier: String(row?.id) };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const [row] = await session.query(`
      SELECT coalesce(host(inet_server_addr()), 'socket') || ':' || current_setting('port') AS address, oid::text AS oid
      FROM pg_database WHERE datname = current_database()`);
    const message = `the server does not tell its system identifier (${error.message}): its address stands in for it`;
    machine.log({ level: 'warning', event: 'identity_weak', message });
    return { address: String(row?.address), database_oid: String(row?.oid) };
  }
}
