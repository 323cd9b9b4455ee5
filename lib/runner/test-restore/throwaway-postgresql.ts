import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runChild, startChild, statusOf } from '../engine/child';
import { EngineError } from '../engine/engine';
import { readPreloaded } from '../engine/postgresql-preload';
import { majorOf, parseVersion } from '../engine/postgresql-tools';
import type { Machine } from '../machine';
import { targetConnection } from '../restore/postgresql-connection';
import { readServerUrl } from '../restore/server-url';
import { isProgram, serverFolders, versionSaid } from './find-server';
import { inspectPostgresql } from './inspect-postgresql';
import { ownName, serverUser } from './server-user';
import type { ServerUser } from './server-user';
import { untilReady, within } from './start';
import type { ThrowAway, ThrowAwayOptions } from './throwaway';

/** The role that restores: no backup has it, so that every role of a backup can be made. */
const ROLE = 'hypdr_test';

/** No TCP, nothing that acts by itself or sends anything, and nothing kept through a power cut. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  port: '5432',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  archive_mode: 'off',
  autovacuum: 'off',
  max_logical_replication_workers: '0',
  // The shared memory of a container is small: https://www.postgresql.org/docs/current/runtime-config-resource.html
  dynamic_shared_memory_type: 'mmap',
  logging_collector: 'off',
};

/**
 * A PostgreSQL server for one restore, on a socket that only its own user and root can open, and that knows no other
 * user of this host than who runs this process.
 * @throws EngineError
 */
export async function startPostgresql({ folder, manifest, machine }: ThrowAwayOptions): Promise<ThrowAway> {
  const { bin, version } = await findPostgresql(manifest.tools.postgresql, machine);
  const user = await serverUser('postgres');
  const home = await folder.forServer('server', user);
  const data = path.join(home, 'data');
  await makeCluster({ bin, home, data, user }, machine);
  const libraries = readPreloaded(manifest.source.position);
  const settings = { ...SETTINGS, ...preloading(libraries), unix_socket_directories: folder.socket };
  const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const child = await startChild(path.join(bin, 'postgres'), args, within(home, user, machine));
  child.stdout.resume();
  let running = true;
  void child.ended.then(() => (running = false));
  const stop = async () => {
    // A fast shutdown: https://www.postgresql.org/docs/current/server-shutdown.html
    try {
      // The number of one that has ended may be somebody else's by now.
      if (running) process.kill(child.pid, 'SIGINT');
    } catch {
      // It has ended.
    }
    await child.stop();
  };
  await untilReady({ name: 'PostgreSQL', child, stop, machine, isReady: () => isReady(data) }).catch(
    (error: unknown) => {
      throw lackOf(libraries, error) ?? error;
    },
  );
  const target = `postgresql://${ROLE}@localhost:5432/?host=${encodeURIComponent(folder.socket)}`;
  const connection = targetConnection(readServerUrl(target, ['postgresql']), 'postgres', { environment: {} });
  return {
    target,
    tools: { 'test server': `PostgreSQL ${version}` },
    inspection: inspectPostgresql({ connection, bin, machine, databases: databasesIn(manifest) }),
    stop,
  };
}

/** What the source loads at its start for its extensions; workers of theirs, which would act by themselves, find no slot. */
function preloading(libraries: readonly string[]): Readonly<Record<string, string>> {
  const settings = { shared_preload_libraries: libraries.map((one) => `"${one}"`).join(',') };
  return libraries.length === 0 ? settings : { ...settings, max_worker_processes: '0' };
}

/** The server tells the first that it does not find. @default - it ended for another reason */
function lackOf(libraries: readonly string[], error: unknown): EngineError | undefined {
  const [, lacking] = error instanceof EngineError ? (/could not access file "([^"]*)"/.exec(error.message) ?? []) : [];
  if (lacking === undefined) return undefined;
  return new EngineError(
    'config',
    `the server here has no library ${lacking}; for extensions of the backup its own server loads at its start: ${libraries.join(', ')}`,
    'install it where the server runs; in the image of tasks: deployment.image.packages',
  );
}

function databasesIn({ streams }: ThrowAwayOptions['manifest']): readonly string[] {
  return streams.flatMap(({ database }) => database ?? []);
}

interface Cluster {
  readonly bin: string;
  readonly home: string;
  readonly data: string;
  readonly user: ServerUser | undefined;
}

async function makeCluster({ bin, home, data, user }: Cluster, machine: Machine): Promise<void> {
  const args = [`--pgdata=${data}`, '--no-sync', '--encoding=UTF8', '--locale=C.UTF-8', `--username=${ROLE}`];
  const end = await runChild(path.join(bin, 'initdb'), [...args, '--auth=peer'], within(home, user, machine));
  machine.signal.throwIfAborted();
  if (end.exitCode !== 0)
    throw new EngineError('config', `initdb ended with ${statusOf(end)}: ${end.stderr.slice(-1000)}`);
  const name = ownName().replaceAll('"', '""');
  await writeFile(path.join(data, 'pg_hba.conf'), 'local all all peer map=hypdr\n');
  await writeFile(path.join(data, 'pg_ident.conf'), `hypdr "${name}" ${ROLE}\n`);
  for (const one of ['pg_hba.conf', 'pg_ident.conf']) await chmod(path.join(data, one), 0o600);
}

/** The last line of this file says how far it is: https://www.postgresql.org/docs/current/storage-file-layout.html */
async function isReady(data: string): Promise<boolean> {
  const lines = (await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  return lines[7]?.trim() === 'ready';
}

/** The newest one that is here, at least as new as the server that was backed up. */
async function findPostgresql(
  taken: string | undefined,
  machine: Machine,
): Promise<{ readonly bin: string; readonly version: string }> {
  const found: { readonly bin: string; readonly version: string }[] = [];
  for (const bin of await serverFolders(machine)) {
    const [server, maker] = [path.join(bin, 'postgres'), path.join(bin, 'initdb')];
    if (!(await isProgram(server)) || !(await isProgram(maker))) continue;
    const version = parseVersion(await versionSaid(server, ['--version'], machine));
    if (version !== undefined) found.push({ bin, version });
  }
  const [newest] = found.sort((a, b) => majorOf(b.version) - majorOf(a.version));
  const least = taken === undefined ? undefined : majorOf(taken);
  if (newest && (least === undefined || majorOf(newest.version) >= least)) return newest;
  const there = newest
    ? `the newest PostgreSQL server here is ${newest.version}`
    : 'there is no PostgreSQL server here';
  throw new EngineError(
    'config',
    `${there}, and a test restore needs ${taken === undefined ? 'one' : `one as new as the backup's, ${taken}`}`,
    `install it, on Debian: apt-get install postgresql-${least ?? '17'}`,
  );
}
