import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { TaskManifest } from '../../contract';
import { EngineError } from '../engine/engine';
import { readRows } from '../engine/sqlserver-catalogue';
import { sqlServerClient } from '../engine/sqlserver-client';
import type { SharedFolder } from '../engine/sqlserver-folder';
import { getLock } from '../engine/sqlserver-lock';
import { readServer } from '../engine/sqlserver-server';
import { openSession } from '../engine/sqlserver-session';
import type { SqlServerSession } from '../engine/sqlserver-session';
import { sqlcmdVersion } from '../engine/sqlserver-tools';
import type { Machine } from '../machine';
import { OverlapError } from './overlap';
import { chainOf } from './sqlserver-chain';
import type { SetChain } from './sqlserver-chain';
import { checkVersion, dataFolders, databasesIn, existingDatabases, namesFor, refuseExisting } from './sqlserver-check';
import type { Naming } from './sqlserver-check';
import { targetServer } from './sqlserver-connection';
import { dropFolder, makeFolder, targetFolder } from './sqlserver-folder';
import { placeSets } from './sqlserver-sets';
import { dropStatement, movesOf, recoverStatement, renameStatement, restoreStatement } from './sqlserver-statement';
import type { Folders } from './sqlserver-statement';
import { stopOf } from './sqlserver-stop';
import type { SpooledBackup } from './spool';
import type { Restored, Steps, Target, TargetOptions } from './target';

/** Nothing is answered. */
const Nothing = z.undefined();

const Locked = z.object({ result: z.int() });

/** Databases on a SQL Server, from full, differential and log backups, each into a staging name. */
export async function openSqlServer(task: TaskManifest, options: TargetOptions, machine: Machine): Promise<Target> {
  const { connection, shown, database: renamed } = targetServer(options.target, machine);
  if (options.globals === 'restored')
    throw new EngineError(
      'config',
      '--globals restores no logins of SQL Server',
      'leave it out, and run what is wanted of the stream "server" by hand',
    );
  await sqlcmdVersion(machine);
  const client = sqlServerClient(connection, machine);
  let control: SqlServerSession | undefined;
  let found: { readonly folder: SharedFolder; readonly folders: Folders } | undefined;
  let names: readonly Naming[] = [];
  let replaced: readonly string[] = [];
  const isMeant = (database: string | undefined) => names.some((one) => one.database === database);

  return {
    name: shown,
    wants: ({ format, database }) => format === 'sqlserver' && (names.length === 0 || isMeant(database)),
    plan: () => [
      `copy the backups to ${found?.folder.server ?? ''}, where the server verifies them and says what they are`,
      'prove that each follows the one before',
      ...names.map(
        ({ database, name, staging }) =>
          `restore ${database} as ${staging}${options.until ? `, logs up to ${options.until.toISOString()}` : ''}, and rename it to ${name}`,
      ),
      ...replaced.map((name) => `before that, rename ${name}, which is there, to ${name}_before_<time>`),
    ],
    check: async ({ chains: [chain] }) => {
      if (!chain) throw new Error('a point without a chain');
      const manifests = chain.members.map(({ manifest }) => manifest);
      names = namesFor(databasesIn(manifests), options.databases, options.rename ?? renamed);
      const server = await readServer(client);
      for (const manifest of manifests) checkVersion(manifest, server);
      const own = `hypdr_restore_${createHash('sha256').update(task.name).digest('hex').slice(0, 12)}`;
      found = { folder: targetFolder(server.backupFolder, own, machine), folders: await dataFolders(client) };
      control = await openSession(connection, machine);
      const statement = `DECLARE @result int; ${getLock('@result', 'hypdr restore')} SET @answer = (SELECT @result AS [result] FOR JSON PATH, WITHOUT_ARRAY_WRAPPER);`;
      const { result } = await control.ask('the lock of restores', statement, Locked);
      if (result < 0) throw new OverlapError();
      replaced = refuseExisting(names, await existingDatabases(client), options.replace);
    },
    room: ({ chains: [chain] }) => {
      const streams = (chain?.members ?? []).flatMap(({ manifest }) => manifest.streams);
      const needed = streams.reduce(
        (sum, { format, database, bytes }) => sum + (format === 'sqlserver' && isMeant(database) ? bytes : 0),
        0,
      );
      return Promise.resolve(found && { folder: found.folder.here, needed });
    },
    restore: async (backups, steps) => {
      if (!found) throw new Error('restore was called before check');
      const { folder } = found;
      await makeFolder(folder);
      try {
        return await restoreAll(backups, steps, found);
      } finally {
        await dropFolder(folder);
      }
    },
    close: async () => control?.close(),
  };

  async function restoreAll(
    backups: readonly SpooledBackup[],
    steps: Steps,
    { folder, folders }: NonNullable<typeof found>,
  ): Promise<Restored> {
    const sets = await steps('verify on the server', () => placeSets(backups, { client, folder, wants: isMeant }));
    const chains = names.flatMap((naming) => {
      const own = sets.filter(({ database }) => database === naming.database);
      const chain = chainOf(naming.database, own, options.until);
      return chain ? [{ ...naming, chain }] : [];
    });
    if (chains.length === 0) throw new EngineError('config', 'no database was there at this moment', '');
    const absent = names.filter((one) => !chains.some(({ database }) => database === one.database));
    await steps('drop what was left', () => dropStaging());
    const counted: string[] = [];
    try {
      for (const { database, staging, chain } of chains) {
        await steps(`restore ${database}`, () => restoreChain(staging, chain, folders));
        const tables = await readRows(client, staging);
        const rows = tables.reduce((sum, one) => sum + one.rows, 0);
        counted.push(`${database}: ${tables.length} tables, about ${rows} rows, ${chain.rest.length + 1} backups`);
        machine.signal.throwIfAborted();
      }
      await steps('put in place', () => putInPlace(chains));
    } catch (error) {
      // What is left has a name by which the next restore drops it.
      await dropStaging().catch(() => undefined);
      throw error;
    }
    const short = chains.filter(({ chain }) => chain.stop?.reached === false);
    const stop = stopOf(chains.map(({ chain }) => chain));
    return {
      held: [],
      notes: [
        ...counted,
        ...chains.flatMap(({ chain: { database, stop: at } }) =>
          at
            ? [`${database}: logs up to ${at.until.toISOString()}, ${at.local} of the source's clock (${at.zone})`]
            : [],
        ),
        'logins, jobs and certificates lie in the stream "server": none was restored',
      ],
      warnings: [
        ...absent.map(
          ({ database }) => `${database} is left out: it was backed up for the first time after the moment`,
        ),
        ...short.map(
          ({ database }) => `no log of ${database} goes beyond the moment: it ends with its newest log before`,
        ),
      ],
      ...(stop && { stop }),
    };
  }

  async function restoreChain(staging: string, { full, rest, stop }: SetChain, folders: Folders): Promise<void> {
    const prefix = `${staging.replace('restoring_', '')}_${machine.randomHex(4)}`;
    const placed = new Set<string>();
    for (const set of [full, ...rest]) {
      machine.signal.throwIfAborted();
      // A log may bring files that were added meanwhile; those that are there stay where they are.
      const added = set.files.filter(({ name }) => !placed.has(name));
      const moves = movesOf(added, prefix, folders, placed.size);
      for (const { name } of added) placed.add(name);
      await say(set.name, restoreStatement(staging, set, moves, stop));
    }
    await say(`recovery of ${staging}`, recoverStatement(staging));
  }

  async function putInPlace(chains: readonly Naming[]): Promise<void> {
    const time = machine
      .now()
      .toISOString()
      .replace(/[-:]|\.\d+/g, '');
    for (const { name, staging } of chains) {
      const there = replaced.find((one) => one.toLowerCase() === name.toLowerCase());
      const aside = `${there ?? ''}_before_${time}`;
      if (there !== undefined) await say(`rename of ${there}`, renameStatement(there, aside));
      try {
        await say(`rename of ${staging}`, renameStatement(staging, name));
      } catch (error) {
        if (there !== undefined) await say(`rename of ${aside}`, renameStatement(aside, there)).catch(() => undefined);
        throw error;
      }
    }
  }

  async function dropStaging(): Promise<void> {
    for (const { name, state } of await existingDatabases(client))
      if (names.some(({ staging }) => staging === name)) await say(`drop of ${name}`, dropStatement(name, state));
  }

  async function say(what: string, statement: string): Promise<void> {
    // Long lists of files do not fit into a command line.
    if (statement.length < LONGEST) return client.ask(what, statement, Nothing);
    const session = await openSession(connection, machine);
    try {
      await session.ask(what, statement, Nothing);
    } finally {
      await session.close();
    }
  }
}

/** Characters, of which each takes four in a batch. */
const LONGEST = 6000;
