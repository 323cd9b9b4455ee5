import path from 'node:path';
import type { TaskManifest } from '../../contract';
import type { Machine } from '../machine';
import { EngineError } from './engine';
import type { Engine, PreparedSource } from './engine';
import { readAccounts } from './mysql-accounts';
import { readCatalogue } from './mysql-catalogue';
import { openConnection } from './mysql-connection';
import { sourceLocks } from './mysql-lock';
import { beginLogs, canFollowLogs } from './mysql-logs';
import { dumpOptions } from './mysql-options';
import { checkRights, grantsOf, readsRoutines } from './mysql-rights';
import { beginDump } from './mysql-run';
import type { MysqlSource } from './mysql-run';
import { checkTls, readServer } from './mysql-server';
import { openSession } from './mysql-session';
import { checkServer, findTools, nameOf } from './mysql-tools';

/** MySQL and MariaDB by their own clients: a dump of everything at one moment, and the binary logs after it. */
export const mysql: Engine = { prepare };

async function prepare(task: TaskManifest, machine: Machine): Promise<PreparedSource> {
  const tools = await findTools(task, machine);
  const connection = await openConnection(task, tools.family, machine);
  try {
    const control = await openSession(connection, tools, machine);
    try {
      await checkTls(control, connection);
      const server = await readServer(control);
      checkServer(tools, server.version);
      const accounts = await readAccounts(connection, tools, machine);
      const locks = sourceLocks(control, task.name);
      const scratch = path.join(machine.stateFolder, 'scratch', `${encodeURIComponent(task.name)}.logs`);
      const options = dumpOptions(task);
      const grants = await grantsOf(control);
      const { databases } = await readCatalogue(control, connection.database);
      checkRights(grants, databases);
      const routines = readsRoutines(grants, tools.family) ? 'readable' : 'hidden';
      const world = { task, machine, connection, control, scratch };
      const source: MysqlSource = { ...world, options, tools, server, accounts, routines, locks };
      report(source);
      return preparedSource(source);
    } catch (error) {
      await control.close();
      throw error;
    }
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function report({ machine, server, task }: MysqlSource): void {
  const warn = (event: string, message: string) => machine.log({ level: 'warning', event, message, task: task.name });
  if (server.version.family !== task.engine)
    warn('other_family', `the spec says ${task.engine} and the server is ${nameOf(server.version)}`);
  if (server.binaryLogs === 'off' && task.runs.some(({ type }) => type === 'log'))
    warn('binary_logs_off', 'binary logs are off on the server: its log runs will fail');
}

function preparedSource(source: MysqlSource): PreparedSource {
  const { connection, control, locks, server, tools } = source;
  return {
    identity: server.identity,
    tools: { ...tools.versions, server: nameOf(server.version) },
    lock: (kind) => locks.take(kind),
    canFollow: async (type, newest) => {
      if (type !== 'log') return { ok: false, why: `${tools.dump} takes full backups only` };
      if (!newest) return { ok: false, why: 'there is no backup that it could follow' };
      return canFollowLogs(source, newest);
    },
    begin: async (type, parent) => {
      if (type === 'full') return beginDump(source);
      if (type === 'log') return beginLogs(source, parent);
      throw new EngineError('config', `${tools.dump} takes no ${type} backups`);
    },
    close: async () => {
      await control.close();
      await connection.close();
    },
  };
}
