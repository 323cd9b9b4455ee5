import path from 'node:path';
import type { TaskManifest } from '../../contract';
import type { Machine } from '../machine';
import { EngineError } from './engine';
import type { Engine, PreparedSource, SourceLock } from './engine';
import { databasesOf, missingRights } from './postgresql-catalogue';
import { openConnection } from './postgresql-environment';
import type { PostgresConnection } from './postgresql-environment';
import { readGlobals } from './postgresql-globals';
import { identityOf } from './postgresql-identity';
import { dumpOptions } from './postgresql-options';
import { beginDump, lockNumber } from './postgresql-run';
import type { PostgresSource } from './postgresql-run';
import { openSession } from './postgresql-session';
import type { PostgresSession } from './postgresql-session';
import { checkVersions, clientVersions, serverVersion } from './postgresql-tools';

/** PostgreSQL by its own client: pg_dump for databases, pg_dumpall for what belongs to the server. */
export const postgresql: Engine = { prepare };

async function prepare(task: TaskManifest, machine: Machine): Promise<PreparedSource> {
  const options = dumpOptions(task);
  const connection = await openConnection(task, machine);
  const tools = await clientVersions(machine);
  const control = await openSession(connection, connection.maintenance, machine);
  try {
    const server = await serverVersion(control);
    checkVersions(tools, server);
    const databases = connection.database === undefined ? await databasesOf(control) : [connection.database];
    await checkRights(connection, databases, machine);
    const source: PostgresSource = {
      task,
      machine,
      connection,
      options,
      databases,
      globals: await readGlobals(control),
      control,
      scratch: path.join(machine.stateFolder, 'scratch', encodeURIComponent(task.name)),
    };
    return preparedSource(source, await identityOf(control, machine), { ...tools, postgresql: server });
  } catch (error) {
    await control.close();
    throw error;
  }
}

/** A table that may not be read ends pg_dump after an hour; better to know now. */
async function checkRights(
  connection: PostgresConnection,
  databases: readonly string[],
  machine: Machine,
): Promise<void> {
  for (const database of databases) {
    const session = await openSession(connection, database, machine);
    try {
      const missing = await missingRights(session);
      if (missing.length === 0) continue;
      const some = missing.slice(0, 10).join(', ');
      throw new EngineError(
        'config',
        `database "${database}": the role cannot read ${some}${missing.length > 10 ? ` and ${missing.length - 10} more` : ''}`,
        'grant it pg_read_all_data, SELECT on large objects, and BYPASSRLS where row security is used, or use a superuser',
      );
    } finally {
      await session.close();
    }
  }
}

function preparedSource(
  source: PostgresSource,
  identity: PreparedSource['identity'],
  tools: PreparedSource['tools'],
): PreparedSource {
  return {
    identity,
    tools,
    lock: (kind) => lock(source.control, lockNumber(source.task.name, kind)),
    canFollow: () => Promise.resolve({ ok: false, why: 'pg_dump takes full backups only' }),
    begin: async (type) => {
      if (type !== 'full') throw new EngineError('config', `pg_dump takes no ${type} backups`);
      return beginDump(source);
    },
    close: () => source.control.close(),
  };
}

/** Bound to the session: it ends with the connection, hence with this process. Behind a pooler it must be in session mode. */
async function lock(control: PostgresSession, number: bigint): Promise<SourceLock | 'held'> {
  const [row] = await control.query(`SELECT pg_try_advisory_lock(${number}) AS taken`);
  if (row?.taken !== true) return 'held';
  return {
    release: async () => {
      // A session that is gone has released it.
      await control.query(`SELECT pg_advisory_unlock(${number})`).catch(() => undefined);
    },
  };
}
