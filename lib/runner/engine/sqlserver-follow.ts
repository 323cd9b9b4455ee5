import type { BackupManifest, BackupType } from '../../contract';
import { EngineError } from './engine';
import type { PreparedSource } from './engine';
import { readAuthor, readDatabases } from './sqlserver-catalogue';
import { baseMoved, isSecondary } from './sqlserver-chain';
import type { Why } from './sqlserver-chain';
import type { SqlServerClient } from './sqlserver-client';
import { contradictions } from './sqlserver-made';
import { recordsOf } from './sqlserver-position';
import type { DatabaseRecord } from './sqlserver-position';
import { chooseDatabases } from './sqlserver-choice';
import type { SqlServerSource } from './sqlserver-run';

type Answer = Awaited<ReturnType<PreparedSource['canFollow']>>;

/**
 * Whether an increment of the databases of this server can follow a backup. One differential base that was moved asks for
 * a full of all, since the next differential can follow a run of fulls only. Logs go by database: each that cannot go on
 * gets a full of its own within the run.
 */
export async function canFollow(
  source: SqlServerSource,
  type: BackupType,
  newest: BackupManifest | undefined,
): Promise<Answer> {
  const no = (why: string): Answer => ({ ok: false, why });
  if (type !== 'differential' && type !== 'log') return no(`SQL Server has no ${type} backups`);
  if (!newest) return no('there is no backup that it could follow');
  const { usable } = chooseDatabases(await readDatabases(source.client), source.connection.database);
  if (type === 'log') requireLogs(usable);
  const records = recordsOf(newest);
  const known = usable.filter(({ name, familyGuid }) => records.get(name)?.family_guid === familyGuid);
  if (known.length === 0) return no('the newest backup holds none of the databases that are here');
  // A database without logs is in no run of logs: what is said of it there leads nobody.
  const asked = type === 'log' ? known.filter(({ model }) => model !== 'SIMPLE') : known;
  const taken = asked.flatMap(({ name }) => {
    const record = records.get(name);
    return record && record.stream !== null ? [[name, record] as const] : [];
  });
  const [wrong] = await contradicted(source, new Map(taken), newest);
  if (wrong) return no(`database "${wrong[0]}": ${wrong[1]}`);
  if (type === 'log') return { ok: true };
  const options = { ...source.options, major: source.server.major };
  for (const database of known) {
    const record = records.get(database.name);
    const why = record && !isSecondary(database, options) ? baseMoved(database, record) : undefined;
    if (why) return no(`database "${database.name}": ${await inWords(source.client, why)}`);
  }
  return { ok: true };
}

/** What the server's history does not bear out, by database; where the login may not read it, that is said. */
async function contradicted(
  { client, machine, task }: SqlServerSource,
  records: ReadonlyMap<string, DatabaseRecord>,
  manifest: BackupManifest,
): Promise<ReadonlyMap<string, string>> {
  const found = await contradictions(client, records, manifest);
  if (!('unreadable' in found)) return found;
  const message = `whether the server made the newest backup is not known: ${found.unreadable}; make the login's user in msdb a member of db_datareader`;
  machine.log({ level: 'warning', event: 'history_unreadable', message, task: task.name });
  return new Map();
}

/**
 * What a run of logs goes on from, by database: without what an earlier run is said to have known and the server's history
 * does not, since such a database is to get a full.
 */
export async function followable(
  source: SqlServerSource,
  type: BackupType,
  parent: BackupManifest,
): Promise<ReadonlyMap<string, DatabaseRecord>> {
  const records = recordsOf(parent);
  const carried = new Map([...records].filter(([, { stream }]) => stream === null));
  if (type !== 'log' || carried.size === 0) return records;
  const wrong = await contradicted(source, carried, parent);
  for (const [name, why] of wrong) {
    const message = `database "${name}" is not followed: ${why}`;
    source.machine.log({ level: 'warning', event: 'history_contradicts', message, task: source.task.name });
  }
  return new Map([...records].filter(([name]) => !wrong.has(name)));
}

function requireLogs(databases: readonly { readonly name: string; readonly model: string }[]): void {
  if (databases.some(({ model }) => model !== 'SIMPLE')) return;
  const names = databases.map(({ name }) => `"${name}"`).join(', ');
  throw new EngineError(
    'config',
    `there are no logs to back up: the recovery model of ${names || 'every database'} is SIMPLE`,
    'ALTER DATABASE ... SET RECOVERY FULL and take a full backup, or ask for no log backups',
  );
}

/** A reason with the author that the server's history names. */
export async function inWords(client: SqlServerClient, { text, by }: Why): Promise<string> {
  if (!by) return text;
  const author = await readAuthor(client, by).catch((error: unknown) => {
    if (!(error instanceof EngineError)) throw error;
    return undefined;
  });
  if (!author) return `${text}; msdb does not say whose it was`;
  const facts = [
    author.user ?? 'somebody',
    author.name ? `as "${author.name}"` : '',
    author.finished ? `at ${author.finished} (clock of the server)` : '',
    author.device ? `to ${author.device}` : '',
  ];
  return `${text}: taken by ${facts.filter((one) => one !== '').join(' ')}`;
}
