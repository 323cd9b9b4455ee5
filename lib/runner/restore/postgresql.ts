import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BackupStream, TaskManifest } from '../../contract';
import { runChild, statusOf } from '../engine/child';
import { EngineError } from '../engine/engine';
import { errorOfTalk } from '../engine/postgresql-error';
import { dumpOptions } from '../engine/postgresql-options';
import { conninfo, openSession } from '../engine/postgresql-session';
import type { PostgresSession } from '../engine/postgresql-session';
import type { Machine } from '../machine';
import { openArchive, readArchive } from './postgresql-archive';
import type { ArchiveFacts } from './postgresql-archive';
import { checkServer, lockTargets, namesOf, presenceOf, refuseFull } from './postgresql-check';
import { targetConnection } from './postgresql-connection';
import { heldCron } from './postgresql-cron';
import { dropSubscriptions, holdBack } from './postgresql-held';
import { putInPlace, stagingName } from './postgresql-place';
import type { Placing } from './postgresql-place';
import { changedPlain } from './postgresql-plain';
import type { PlainDump } from './postgresql-plain';
import { literal, quoted } from './postgresql-quote';
import { roleStatements } from './postgresql-roles';
import { readServerUrl } from './server-url';
import type { SpooledBackup, SpooledStream } from './spool';
import type { Held, Restored, Steps, Target, TargetOptions } from './target';

/** Databases that are restored under staging names on a PostgreSQL server, and renamed when all of them are whole. */
export async function openPostgresql(task: TaskManifest, options: TargetOptions, machine: Machine): Promise<Target> {
  const address = readServerUrl(options.target, ['postgresql', 'postgres']);
  const { jobs } = dumpOptions(task);
  let control: PostgresSession | undefined;
  let placings: readonly (Placing & { readonly stream: BackupStream })[] = [];
  let connection = targetConnection(address, 'postgres', machine);
  const isMeant = ({ database }: BackupStream) =>
    database !== undefined && (options.databases?.includes(database) ?? true);
  const session = <T>(database: string, work: (one: PostgresSession) => Promise<T>) =>
    within(openSession(connection, database, machine), work);

  return {
    name: address.shown,
    wants: (stream) => isMeant(stream) || (stream.name === 'globals' && options.globals === 'restored'),
    plan: () => [
      ...(options.globals === 'restored' ? ['make the roles that are not there'] : []),
      ...placings.map(
        ({ stream, database }) =>
          `restore "${stream.database}" as ${stagingName(database)}, ${stream.format} with ${jobs} jobs, and analyze it`,
      ),
      ...placings.map(
        ({ database, there }) => `rename it to "${database}"${there === 'full' ? ', what is there before it' : ''}`,
      ),
    ],
    check: async (point) => {
      const named = namesOf(point, isMeant, address.database, options.databases);
      connection = targetConnection(
        address,
        named.some(({ database }) => database === 'postgres') ? 'template1' : 'postgres',
        machine,
      );
      control = await openSession(connection, connection.maintenance, machine);
      await checkServer(control, point);
      await lockTargets(
        control,
        named.map(({ database }) => database),
      );
      const found: (typeof placings)[number][] = [];
      for (const one of named) found.push({ ...one, there: await presenceOf(control, one.database, session) });
      placings = found;
      refuseFull(placings, options.replace);
    },
    restore: async (backups, steps) => {
      if (!control) throw new Error('restore was called before check');
      const own = control;
      const streams = backups.flatMap((one) => one.streams);
      const [backup] = backups;
      const notes: string[] = [];
      const warnings: string[] = [];
      const held: Held[] = [];
      try {
        const globals = streams.find(({ stream }) => stream.name === 'globals');
        if (globals) notes.push(...(await steps('roles', () => restoreRoles(globals, own))));
        for (const placing of placings) {
          const spooled = streams.find(({ stream }) => stream.database === placing.stream.database);
          if (!spooled || !backup) throw new Error(`no dump of ${placing.database}`);
          held.push(...(await restoreOne(placing.database, spooled, backup, { own, steps, warnings })));
        }
        if (placings.some(({ stream }) => stream.format === 'pg_plain')) notes.push(PLAIN);
        machine.signal.throwIfAborted();
        const old = await steps('put in place', () => putInPlace(own, placings, machine.now()));
        notes.push(...old.map((name) => `what was there is "${name}" now: drop it when it is not needed any more`));
        return { held, notes, warnings } satisfies Restored;
      } catch (error) {
        await giveUp();
        throw error;
      }
    },
    close: async () => control?.close(),
  };

  interface One {
    readonly own: PostgresSession;
    readonly steps: Steps;
    readonly warnings: string[];
  }

  async function restoreOne(
    database: string,
    { stream, file }: SpooledStream,
    { backup }: SpooledBackup,
    { own, steps, warnings }: One,
  ): Promise<readonly Held[]> {
    const staging = stagingName(database);
    const keys = JSON.parse(
      backup.manifest.source.position[`not_valid.${stream.database}`] ?? '[]',
    ) as readonly string[];
    await dropStaging(own, database);
    const plain = stream.format === 'pg_plain';
    const archive = await openArchive(stream, file, machine);
    const facts: ArchiveFacts | (ArchiveFacts & PlainDump) = plain
      ? { createOptions: 'TEMPLATE = template0', properties: [], keys: [], ...(await changedPlain(file, keys)) }
      : await readArchive(archive, {
          database: stream.database ?? '',
          into: staging,
          owners: options.owners,
          notValid: keys,
          machine,
        });
    await own.run(`CREATE DATABASE ${quoted(staging)} WITH ${facts.createOptions}`);
    const what = `restore of "${database}"`;
    await steps(what, async () => {
      if ('path' in facts)
        await runTool('psql', [...PSQL, `--file=${facts.path}`, `--dbname=${conninfo(staging)}`], what);
      else {
        const list = facts.list !== undefined ? [`--use-list=${facts.list}`] : [];
        const parallel = stream.format === 'pg_tar' ? [] : [`--jobs=${jobs}`];
        const owners = options.owners === 'kept' ? [] : ['--no-owner', '--no-privileges'];
        const args = ['--exit-on-error', '--no-password', '--no-tablespaces', ...parallel, ...owners, ...list];
        await runTool('pg_restore', [...args, `--dbname=${conninfo(staging)}`, archive.path], what);
      }
    });
    for (const property of facts.properties) await own.run(property);
    return steps(`analyze "${database}"`, () =>
      session(staging, async (inside) => {
        for (const key of facts.keys)
          await inside
            .run(key)
            .catch((error: Error) => void warnings.push(`a foreign key did not come back: ${error.message}`));
        if (keys.length > 0)
          warnings.push(`foreign keys whose rows are not in the backup came back as NOT VALID: ${keys.join(', ')}`);
        const held = await holdBack(inside, database);
        await inside.run('ANALYZE');
        const cron = { database, source: stream.database ?? '', owners: options.owners };
        return facts.cron === undefined ? held : [...held, ...heldCron(facts.cron, cron)];
      }),
    );
  }

  async function restoreRoles({ file }: SpooledStream, own: PostgresSession): Promise<readonly string[]> {
    const there = new Set((await own.query('SELECT rolname AS name FROM pg_roles')).map(({ name }) => String(name)));
    const { sql, kept, tablespaces } = roleStatements(await readFile(file, 'utf8'), there);
    const script = path.join(path.dirname(file), 'roles.sql');
    await writeFile(script, sql, { mode: 0o600 });
    await runTool(
      'psql',
      [...PSQL, `--file=${script}`, `--dbname=${conninfo(connection.maintenance)}`],
      'restore of roles',
    );
    return [
      ...(kept.length > 0 ? [`roles that were there stay as they are: ${kept.join(', ')}`] : []),
      ...(tablespaces > 0 ? [`${tablespaces} tablespaces are not made: everything lies in the default one`] : []),
    ];
  }

  async function runTool(tool: string, args: readonly string[], what: string): Promise<void> {
    const { environment, secrets } = connection;
    const end = await runChild(tool, args, { machine, environment, secrets });
    machine.signal.throwIfAborted();
    if (end.exitCode === 0) return;
    if (/role "[^"]*" does not exist/.test(end.stderr))
      throw new EngineError(
        'config',
        `${what}: ${end.stderr.slice(0, 1000)}`,
        'make the roles by --globals, or leave owners and rights out by --no-owners',
      );
    const error = errorOfTalk(what, `ended with ${statusOf(end)}: ${end.stderr}`);
    throw tool === 'psql' && OF_CRON.test(end.stderr)
      ? new EngineError('config', error.message, BUILT_IN_PLAIN)
      : error;
  }

  /** In sessions of their own: a signal, or what failed, may have ended the others. */
  async function giveUp(): Promise<void> {
    const fresh = { ...machine, signal: AbortSignal.timeout(GIVE_UP_MILLISECONDS) };
    try {
      await within(openSession(connection, connection.maintenance, fresh), async (own) => {
        for (const { database } of placings) await dropStaging(own, database, fresh);
      });
    } catch {
      // What is left has its staging name, and the next restore begins with it.
    }
  }

  async function dropStaging(own: PostgresSession, database: string, world = machine): Promise<void> {
    const staging = stagingName(database);
    const [there] = await own.query(`SELECT count(*) AS n FROM pg_database WHERE datname = ${literal(staging)}`);
    if (Number(there?.n) === 0) return;
    await own.query(
      `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity WHERE datname = ${literal(staging)}`,
    );
    await within(openSession(connection, staging, world), dropSubscriptions);
    await own.run(`DROP DATABASE ${quoted(staging)}`);
  }
}

/** The program has ten seconds after a signal. */
const GIVE_UP_MILLISECONDS = 6000;

const PLAIN =
  'a plain dump says nothing of the database itself: its owner, settings, rights and locale are the defaults';

const OF_CRON = /schema "cron" does not exist|relation "cron\.[^"]*" does not exist/;

const BUILT_IN_PLAIN =
  'something of the database is built on tables of pg_cron, which stays out of a restore, and a plain dump does not say what else is: ' +
  'with format: "custom" it stays out as well; by hand, psql without ON_ERROR_STOP goes on with all the rest';

/** No start-up file of the user's, all of it or nothing. */
const PSQL = [
  '--no-psqlrc',
  '--no-password',
  '--quiet',
  '--set=ON_ERROR_STOP=1',
  '--single-transaction',
  '--output=/dev/null',
];

async function within<T>(opening: Promise<PostgresSession>, work: (one: PostgresSession) => Promise<T>): Promise<T> {
  const session = await opening;
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}
