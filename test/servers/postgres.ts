import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemProgram } from './programs';
import { runProgram } from './run-program';
import { startServer } from './server-process';
import type { RunningServer } from './server-process';
import { systemUser } from './system-user';

export interface PostgresServer extends RunningServer {
  readonly user: string;
  readonly password: string;
  /** What `psql`, `pg_dump` and the runner need. */
  readonly environment: Readonly<Record<'PGHOST' | 'PGPORT' | 'PGUSER' | 'PGPASSWORD', string>>;
  /** Runs statements; rows as lines, columns between `|`. @default database - `postgres` */
  sql(statements: string, database?: string): Promise<string>;
}

export interface PostgresOptions {
  /** Server settings, for instance `{ wal_level: 'logical' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A PostgreSQL server of its own. Crashes of the process lose nothing, so it does without fsync. */
export async function startPostgres({ settings = {} }: PostgresOptions = {}): Promise<PostgresServer> {
  const account = systemUser('postgres');
  const [user, password] = ['postgres', randomBytes(12).toString('hex')];
  const environment = (port: number) => ({
    PGHOST: '127.0.0.1',
    PGPORT: `${port}`,
    PGUSER: user,
    PGPASSWORD: password,
  });
  const sql = (port: number, statements: string, database = 'postgres') =>
    runProgram(systemProgram('psql'), ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-f', '-'], {
      // Not as an argument: a name with an equals sign is read as connection settings there.
      environment: { ...environment(port), PGDATABASE: database },
      input: statements,
    });
  const server = await startServer({
    name: 'postgres',
    async prepare(folder) {
      const passwordFile = path.join(folder, 'password');
      writeFileSync(passwordFile, password);
      for (const name of ['data', 'socket']) mkdirSync(path.join(folder, name), { mode: 0o700 });
      for (const name of ['data', 'socket', 'password']) chownSync(path.join(folder, name), account.uid, account.gid);
      const secrecy = ['--auth', 'scram-sha-256', '--pwfile', passwordFile];
      const data = ['-D', path.join(folder, 'data'), '--no-sync', '-E', 'UTF8', '--locale', 'C.UTF-8'];
      await runProgram(systemProgram('initdb'), [...data, '-U', user, ...secrecy], { user: account });
      rmSync(passwordFile);
    },
    launch: (folder, port) => ({
      program: systemProgram('postgres'),
      args: ['-D', path.join(folder, 'data'), ...configuration(folder, port, settings)],
      environment: {},
      user: account,
      // A "fast" shutdown: https://www.postgresql.org/docs/current/server-shutdown.html
      stopSignal: 'SIGINT',
    }),
    probe: async (port) => {
      await sql(port, 'select 1');
    },
  });
  return Object.assign(server, {
    user,
    password,
    environment: environment(server.port),
    sql: (statements: string, database?: string) => sql(server.port, statements, database),
  });
}

function configuration(folder: string, port: number, settings: Readonly<Record<string, string>>): string[] {
  const all = {
    listen_addresses: '127.0.0.1',
    port: `${port}`,
    unix_socket_directories: path.join(folder, 'socket'),
    fsync: 'off',
    ...settings,
  };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
