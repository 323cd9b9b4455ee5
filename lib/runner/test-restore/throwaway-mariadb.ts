import { chown, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TaskManifest } from '../../contract';
import { runChild, startChild, statusOf } from '../engine/child';
import { EngineError } from '../engine/engine';
import { optionFile } from '../engine/mysql-option-file';
import { ask } from '../engine/mysql-session';
import { findTools, nameOf, parseServerVersion, releaseOf } from '../engine/mysql-tools';
import type { Family, Version } from '../engine/mysql-tools';
import type { Machine } from '../machine';
import { databasesIn } from '../restore/mysql-check';
import { targetServer } from '../restore/mysql-connection';
import { isProgram, serverFolders, versionSaid } from './find-server';
import { inspectMysql } from './inspect-mysql';
import { serverUser } from './server-user';
import type { ServerUser } from './server-user';
import { untilReady, within } from './start';
import type { ThrowAway, ThrowAwayOptions } from './throwaway';

/** The account that restores: no backup has it. */
const ACCOUNT = 'hypdr_test';

/**
 * No TCP, nothing that acts by itself, no way to files of this host, and nothing kept through a power cut. MySQL has a newer
 * word for what is loose, and calls this one deprecated: https://dev.mysql.com/doc/refman/8.4/en/replication-options-replica.html
 */
const SETTINGS = [
  '--skip-networking',
  '--event-scheduler=OFF',
  '--loose-skip-slave-start',
  '--skip-log-bin',
  '--local-infile=0',
  '--server-id=1',
  '--max-allowed-packet=1G',
  '--innodb-flush-log-at-trx-commit=0',
  '--skip-innodb-doublewrite',
  '--character-set-server=utf8mb4',
];

/** MySQL's second protocol has a port of its own: https://dev.mysql.com/doc/refman/8.4/en/x-plugin-options-system-variables.html */
const OF_FAMILY: Readonly<Record<Family, readonly string[]>> = { mariadb: [], mysql: ['--mysqlx=OFF'] };

interface Server {
  readonly program: string;
  readonly version: Version;
}

/**
 * A MariaDB or MySQL server of the family that was backed up, for one restore, on a socket that only its own user and
 * root can open; the password of its one account is random and in a file.
 * @throws EngineError
 */
export async function startMariadb(
  task: TaskManifest,
  { folder, manifest, machine }: ThrowAwayOptions,
): Promise<ThrowAway> {
  const tools = await findTools(task, machine);
  const server = await findServer(manifest.tools.server, tools.version, machine);
  const user = await serverUser('mysql');
  const home = await folder.forServer('server', user);
  const [data, socket] = [path.join(home, 'data'), path.join(folder.socket, 'server')];
  for (const name of ['data', 'tmp', 'files']) await makeFor(user, path.join(home, name));
  const login = { user: ACCOUNT, password: machine.randomHex(16) };
  const logins = path.join(home, 'logins.sql');
  await writeFile(logins, loginStatements(login), { mode: 0o600 });
  if (user) await chown(logins, user.uid, user.gid);
  const options = path.join(folder.path, 'client.cnf');
  await writeFile(options, `${optionFile(login, [])}socket="${socket}"\n`, { mode: 0o600 });
  await makeData(server, { home, data, user }, machine);
  const places = [
    ...[`--datadir=${data}`, `--tmpdir=${path.join(home, 'tmp')}`, `--secure-file-priv=${path.join(home, 'files')}`],
    ...[`--socket=${socket}`, `--pid-file=${path.join(home, 'server.pid')}`, `--init-file=${logins}`],
  ];
  const child = await startChild(
    server.program,
    ['--no-defaults', ...SETTINGS, ...OF_FAMILY[server.version.family], ...places],
    within(home, user, machine),
  );
  child.stdout.resume();
  const { connection } = await targetServer(options, tools.family, machine);
  const isReady = async () => {
    const answer = await ask(connection, tools, machine, 'SELECT 1').catch((error: unknown) => error);
    if (answer instanceof EngineError && answer.kind === 'config' && !/ERROR (1045|2002)/.test(answer.message))
      throw answer;
    return Array.isArray(answer);
  };
  const { stop } = child;
  await untilReady({ name: nameOf(server.version), child, stop, machine, isReady });
  return {
    target: options,
    tools: { 'test server': nameOf(server.version) },
    inspection: inspectMysql({ connection, tools, machine, databases: databasesIn(manifest) }),
    stop,
  };
}

async function makeFor(user: ServerUser | undefined, folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  if (user) await chown(folder, user.uid, user.gid);
}

/** Run at the start, one statement in a line. */
function loginStatements({ user, password }: { readonly user: string; readonly password: string }): string {
  const account = `'${user}'@'localhost'`;
  return [
    `CREATE USER ${account} IDENTIFIED BY '${password}';`,
    `GRANT ALL ON *.* TO ${account} WITH GRANT OPTION;`,
    // Accounts of a backup may be proxies, and only who is one himself makes them: the statement for it asks that too.
    `INSERT INTO mysql.proxies_priv (Host, User, Proxied_host, Proxied_user, With_grant, Grantor) VALUES ('localhost', '${user}', '', '', 1, '');`,
    'FLUSH PRIVILEGES;',
    '',
  ].join('\n');
}

interface Places {
  readonly home: string;
  readonly data: string;
  readonly user: ServerUser | undefined;
}

async function makeData({ program, version }: Server, { home, data, user }: Places, machine: Machine): Promise<void> {
  const common = ['--no-defaults', `--datadir=${data}`];
  const [maker, args] =
    version.family === 'mysql'
      ? [program, [...common, '--initialize-insecure']]
      : [
          'mariadb-install-db',
          [...common, '--skip-test-db', '--skip-name-resolve', `--tmpdir=${path.join(home, 'tmp')}`],
        ];
  const end = await runChild(maker, args, within(home, user, machine));
  machine.signal.throwIfAborted();
  if (end.exitCode !== 0)
    throw new EngineError('config', `${maker} ended with ${statusOf(end)}: ${(end.stderr || end.stdout).slice(-1000)}`);
}

/** The newest of the family, at least of the release that was backed up. Debian has MariaDB's server as mysqld too. */
async function findServer(taken: string | undefined, client: Version, machine: Machine): Promise<Server> {
  const [, name, text] = /^(MySQL|MariaDB) (\S+)$/.exec(taken ?? '') ?? [];
  const wanted: Version =
    name === undefined ? client : { family: name === 'MySQL' ? 'mysql' : 'mariadb', text: text ?? '' };
  const found: Server[] = [];
  for (const folder of await serverFolders(machine)) {
    for (const one of ['mariadbd', 'mysqld']) {
      const program = path.join(folder, one);
      if (!(await isProgram(program))) continue;
      const said = /Ver (\S+)/.exec(await versionSaid(program, ['--no-defaults', '--version'], machine))?.[1];
      const version = said === undefined ? undefined : parseServerVersion(said);
      if (version?.family === wanted.family) found.push({ program, version });
    }
  }
  const [newest] = found.sort((a, b) => releaseOf(b.version.text) - releaseOf(a.version.text));
  if (newest && releaseOf(newest.version.text) >= releaseOf(wanted.text)) return newest;
  const kind = wanted.family === 'mysql' ? 'MySQL' : 'MariaDB';
  const there = newest ? `the newest ${kind} server here is ${newest.version.text}` : `there is no ${kind} server here`;
  throw new EngineError(
    'config',
    `${there}, and a test restore needs one as new as the backup's, ${nameOf(wanted)}`,
    wanted.family === 'mysql'
      ? "install MySQL's own, such as from its archive below /opt/mysql; in the image of tasks deployment.image.mysql names that"
      : 'install it, such as by: apt-get install mariadb-server',
  );
}
