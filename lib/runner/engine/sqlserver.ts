import type { TaskManifest } from '../../contract';
import type { Machine } from '../machine';
import type { Engine, PreparedSource } from './engine';
import { sqlServerClient } from './sqlserver-client';
import { openConnection } from './sqlserver-connection';
import { sharedFolder } from './sqlserver-folder';
import { canFollow } from './sqlserver-follow';
import { sourceLocks } from './sqlserver-lock';
import { backupOptions } from './sqlserver-options';
import { beginBackup } from './sqlserver-run';
import type { SqlServerSource } from './sqlserver-run';
import { readServer } from './sqlserver-server';
import { openSession } from './sqlserver-session';
import { sqlcmdVersion } from './sqlserver-tools';

/** SQL Server by sqlcmd: the server writes its backups into a folder that it shares with the runner. */
export const sqlserver: Engine = { prepare };

async function prepare(task: TaskManifest, machine: Machine): Promise<PreparedSource> {
  const connection = await openConnection(task, machine);
  const sqlcmd = await sqlcmdVersion(machine);
  const client = sqlServerClient(connection, machine);
  const server = await readServer(client);
  const folder = sharedFolder(task, server, machine);
  const control = await openSession(connection, machine);
  const options = backupOptions(task);
  const locks = sourceLocks(control, task.name, machine);
  const source: SqlServerSource = { task, machine, connection, client, control, locks, options, server, folder };
  report(source);
  return {
    identity: { server_name: server.name },
    tools: { sqlcmd, sqlserver: `${server.version} ${server.edition}` },
    lock: (kind) => locks.take(kind),
    canFollow: (type, newest) => canFollow(source, type, newest),
    begin: (type, parent, run) => beginBackup(source, type, parent, run),
    close: () => control.close(),
  };
}

function report({ machine, options, server, task }: SqlServerSource): void {
  if (!options.compression || server.compression === 'available') return;
  const message = `${server.edition} has no backup compression: backups are written without it`;
  machine.log({ level: 'warning', event: 'no_compression', message, task: task.name });
}
