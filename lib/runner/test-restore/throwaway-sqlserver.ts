import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { TaskManifest } from '../../contract';
import { EngineError } from '../engine/engine';
import { sqlServerClient } from '../engine/sqlserver-client';
import type { SqlServerClient } from '../engine/sqlserver-client';
import { getLock } from '../engine/sqlserver-lock';
import { readServer } from '../engine/sqlserver-server';
import { openSession } from '../engine/sqlserver-session';
import type { Machine } from '../machine';
import { OverlapError } from '../restore/overlap';
import { databasesIn, existingDatabases, stagingName } from '../restore/sqlserver-check';
import { targetServer } from '../restore/sqlserver-connection';
import { dropStatement } from '../restore/sqlserver-statement';
import { inspectSqlServer } from './inspect-sqlserver';
import type { ThrowAway, ThrowAwayOptions } from './throwaway';

/** Server on which test restores of SQL Server are made, as `restore --target` takes it. */
const SERVER_VARIABLE = 'HYPDR_TEST_SQLSERVER';

/** A run ends within ten seconds of a signal; what is left then, the next test drops. */
const DROP_MILLISECONDS = 7000;

const Locked = z.object({ result: z.int() });

/**
 * Databases under names of a test, on a server that somebody named for it: nobody may give a SQL Server away, so that
 * there is none that the runner could start. They are dropped at the end, and what a killed test left before the next one;
 * names are the same each time, so that both are known by them.
 * @throws EngineError, and OverlapError while another test of the task uses that server
 */
export async function databasesOnSqlServer(
  task: TaskManifest,
  { chain, machine }: ThrowAwayOptions,
): Promise<ThrowAway> {
  const url = machine.environment[SERVER_VARIABLE];
  if (!url)
    throw new EngineError(
      'config',
      'a test restore of SQL Server needs a server, and none is named',
      `set ${SERVER_VARIABLE} to one that may hold the data for a while, such as sqlserver://user@host:1433/; a server of its own disturbs nobody`,
    );
  const { connection, shown, database } = targetServer(url, machine);
  if (database !== undefined)
    throw new EngineError(
      'config',
      `${SERVER_VARIABLE} names the database ${database}`,
      'leave it out: names of a test are its own',
    );
  const client = sqlServerClient(connection, machine);
  const { version } = await readServer(client);
  const control = await openSession(connection, machine);
  const prefix = prefixFor(task.name);
  const rename = (name: string) => `${prefix}${digest(name)}`;
  const staging = new Set(databasesIn(chain).map((name) => stagingName(rename(name))));
  const isOwn = (name: string) => name.startsWith(prefix) || staging.has(name);
  const stop = async () => {
    // What was asked to end may still say what it leaves.
    const own = machine.signal.aborted ? { ...machine, signal: AbortSignal.timeout(DROP_MILLISECONDS) } : machine;
    await dropAll(sqlServerClient(connection, own), isOwn).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      const message = `databases ${prefix}* stay on ${shown} until the next test restore drops them: ${why}`;
      machine.log({ level: 'warning', event: 'test_restore_left', message, task: task.name });
    });
    await control.close();
  };
  try {
    const statement = `DECLARE @result int; ${getLock('@result', `hypdr test ${prefix}`)} SET @answer = (SELECT @result AS [result] FOR JSON PATH, WITHOUT_ARRAY_WRAPPER);`;
    const { result } = await control.ask('the lock of test restores', statement, Locked);
    if (result < 0) throw new OverlapError();
    await reap(client, isOwn, { task: task.name, machine });
  } catch (error) {
    await control.close();
    throw error;
  }
  return {
    target: url,
    remote: true,
    restoredAs: { globals: 'left out', rename },
    tools: { 'test server': `SQL Server ${version}` },
    inspection: inspectSqlServer({ client, session: () => openSession(connection, machine), chain, rename }),
    stop,
  };
}

async function reap(
  client: SqlServerClient,
  isOwn: (name: string) => boolean,
  { task, machine }: { readonly task: string; readonly machine: Machine },
): Promise<void> {
  const names = await dropAll(client, isOwn);
  if (names.length === 0) return;
  const message = `${names.join(', ')}: what a test restore left that was killed, dropped`;
  machine.log({ level: 'warning', event: 'test_restore_reaped', message, task });
}

/** @returns names of what was there */
async function dropAll(client: SqlServerClient, isOwn: (name: string) => boolean): Promise<readonly string[]> {
  const own = (await existingDatabases(client)).filter(({ name }) => isOwn(name));
  let failed: unknown;
  for (const { name, state } of own)
    await client.ask(`drop of ${name}`, dropStatement(name, state), z.undefined()).catch((error: unknown) => {
      // The others go all the same.
      failed ??= error;
    });
  if (failed !== undefined) throw failed as Error;
  return own.map(({ name }) => name);
}

/** What begins so is nobody's but the test restores' of one task. */
export function prefixFor(task: string): string {
  return `hypdr_test_${digest(task)}_`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
