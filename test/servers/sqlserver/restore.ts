import path from 'node:path';
import { openBackup } from './backup-file';
import { createDatabase, newGuid } from './model';
import type { BackupSet, ModelDatabase, ModelFile, ServerState } from './model';
import { ServerError } from './server-error';
import type { Terminated } from './server-error';
import { nameIn, splitOutside, textIn } from './tokens';

/** RESTORE, ALTER DATABASE and DROP DATABASE, as far as the model knows them: it refuses what the server would. */
export function changeDatabases(state: ServerState, statement: string, diskOf: (device: string) => string): void {
  if (statement.startsWith('RESTORE ')) restore(state, statement, diskOf);
  else alter(state, statement);
  state.executed.push(statement);
}

/** A set of an encrypted database says nothing of its files where its certificate is not. */
export function needCertificate({ certificates }: ServerState, { thumbprint }: BackupSet, of: Terminated): void {
  if (thumbprint === null || certificates.some((one) => one.thumbprint === thumbprint)) return;
  throw new ServerError(33111, 16, `Cannot find server certificate with thumbprint '${thumbprint}'.`, of);
}

const RESTORE = /^RESTORE (DATABASE|LOG) (\[(?:[^\]]|\]\])+\]) FROM DISK = (N'(?:[^']|'')*') WITH FILE = 1, (.*)$/s;
const RECOVER = /^RESTORE DATABASE (\[(?:[^\]]|\]\])+\]) WITH RECOVERY$/;

function restore(state: ServerState, statement: string, diskOf: (device: string) => string): void {
  const recovered = RECOVER.exec(statement)?.[1];
  if (recovered !== undefined) return recover(state, nameIn(recovered));
  const [, noun = '', identifier = '', device = '', clauses = ''] = RESTORE.exec(statement) ?? [];
  const of = noun === 'LOG' ? 'RESTORE LOG' : 'RESTORE DATABASE';
  const options = splitOutside(clauses, ',');
  const unknown = options.find(
    (one) => !/^(NORECOVERY|CHECKSUM|STATS = \d+|STOPAT = N'[^']+'|MOVE N'(?:[^']|'')*' TO N'(?:[^']|'')*')$/.test(one),
  );
  if (noun === '' || unknown !== undefined || !options.includes('NORECOVERY'))
    throw new ServerError(155, 15, `'${unknown ?? statement.slice(0, 60)}' is not a recognized RESTORE option.`);
  const set = openBackup(diskOf(textIn(device)), textIn(device), of);
  if (options.includes('CHECKSUM') && !set.checksums)
    throw new ServerError(3187, 16, 'The backup set does not contain checksum information.', of);
  needCertificate(state, set, of);
  if ((set.kind === 'log') !== (noun === 'LOG'))
    throw new ServerError(3118, 16, 'The file is no backup of this kind.', of);
  const moves = new Map(options.filter((one) => one.startsWith('MOVE ')).map(moveIn));
  const stop = options.find((one) => one.startsWith('STOPAT = '));
  const local = stop === undefined ? undefined : Date.parse(`${textIn(stop.slice('STOPAT = '.length))}Z`);
  const name = nameIn(identifier);
  if (set.kind === 'full') begin(state, name, set, moves, of);
  else follow(state, name, set, local, of);
}

function moveIn(option: string): readonly [string, string] {
  const [, from = '', to = ''] = /^MOVE (N'(?:[^']|'')*') TO (N'(?:[^']|'')*')$/.exec(option) ?? [];
  return [textIn(from), textIn(to)];
}

function begin(
  state: ServerState,
  name: string,
  set: BackupSet,
  moves: ReadonlyMap<string, string>,
  of: Terminated,
): void {
  const there = state.databases.find((one) => one.name === name);
  if (there)
    throw there.familyGuid === set.familyGuid
      ? new ServerError(3159, 16, `The tail of the log for the database "${name}" has not been backed up.`, of)
      : new ServerError(3154, 16, `The backup set holds a backup of a database other than the existing '${name}'.`, of);
  const used = state.databases.flatMap(({ files }) => files ?? []).map((one) => one.path);
  const files: ModelFile[] = set.files.map((file) => {
    const to = moves.get(file.name);
    const folder = file.type === 'L' ? state.logFolder : state.dataFolder;
    if (to === undefined || path.dirname(to) !== folder)
      throw new ServerError(5133, 16, `Directory lookup for the file "${to ?? file.path}" failed.`, of);
    if (used.includes(to))
      throw new ServerError(1834, 16, `The file '${to}' cannot be overwritten. It is being used by database.`, of);
    return { ...file, path: to };
  });
  createDatabase(state, name, {
    ...{ state: 'RESTORING', files, tables: { ...set.tables } },
    ...{ familyGuid: set.familyGuid, fork: set.fork, changes: [...set.changes], lsn: set.lastLsn },
    rolling: {
      ...{ fullGuid: set.guid, at: set.lastLsn, fork: set.fork, local: localOf(set), logs: 0, stopped: false },
    },
  });
}

function follow(state: ServerState, name: string, set: BackupSet, stop: number | undefined, of: Terminated): void {
  const database = state.databases.find((one) => one.name === name);
  const { rolling } = database ?? {};
  if (!database || !rolling || database.state !== 'RESTORING')
    throw new ServerError(3117, 16, 'The log or differential backup cannot be restored: no files are ready.', of);
  if (set.familyGuid !== database.familyGuid)
    throw new ServerError(3154, 16, `The backup set holds a backup of a database other than '${name}'.`, of);
  if (set.fork !== rolling.fork) throw new ServerError(4330, 16, 'The recovery path is inconsistent.', of);
  if (set.kind === 'differential') {
    if (set.baseGuid !== rolling.fullGuid || rolling.logs > 0)
      throw new ServerError(3136, 16, 'This differential backup cannot be restored: wrong initial state.', of);
  } else {
    if (set.firstLsn > rolling.at)
      throw new ServerError(4305, 16, `The log in this backup set begins at LSN ${set.firstLsn}, too recent.`, of);
    if (set.lastLsn < rolling.at)
      throw new ServerError(4326, 16, `The log in this backup set terminates at LSN ${set.lastLsn}, too early.`, of);
    if (rolling.stopped || (stop !== undefined && stop < rolling.local))
      throw new ServerError(4335, 16, 'The specified STOPAT time is too early.', of);
  }
  const added = set.changes.filter(
    ({ at, lsn }) =>
      !database.changes.some((one) => one.lsn === lsn) && (stop === undefined || at + set.zone * 60_000 <= stop),
  );
  const stopped = stop !== undefined && localOf(set) > stop;
  database.changes.push(...added);
  database.rolling = {
    ...{ fullGuid: rolling.fullGuid, fork: rolling.fork, at: set.lastLsn, local: localOf(set) },
    ...{ logs: rolling.logs + (set.kind === 'log' ? 1 : 0), stopped },
  };
}

function localOf({ startedAt, zone }: BackupSet): number {
  return startedAt + zone * 60_000;
}

function recover(state: ServerState, name: string): void {
  const database = must(state, name);
  if (database.state !== 'RESTORING') throw new ServerError(3153, 16, 'The database is already fully recovered.');
  database.state = 'ONLINE';
  database.fork = newGuid(state);
  delete database.rolling;
}

function must(state: ServerState, name: string): ModelDatabase {
  const found = state.databases.find((one) => one.name === name);
  if (!found) throw new ServerError(911, 16, `Database '${name}' does not exist.`);
  return found;
}

function alter(state: ServerState, statement: string): void {
  const [, verb = '', identifier = '', rest = ''] =
    /^(ALTER|DROP) DATABASE (\[(?:[^\]]|\]\])+\])(.*)$/s.exec(statement) ?? [];
  const database = must(state, nameIn(identifier));
  const { name } = database;
  if (verb === 'DROP') {
    if (database.state === 'ONLINE' && database.singleUser !== true)
      throw new ServerError(3702, 16, `Cannot drop database "${name}" because it is currently in use.`);
    state.databases = state.databases.filter((one) => one !== database);
    return;
  }
  if (database.state !== 'ONLINE') throw new ServerError(5052, 16, `ALTER DATABASE is not permitted: '${name}'.`);
  const renamed = /^ MODIFY NAME = (\[(?:[^\]]|\]\])+\])$/.exec(rest)?.[1];
  if (rest === ' SET SINGLE_USER WITH ROLLBACK IMMEDIATE') database.singleUser = true;
  else if (rest === ' SET MULTI_USER') database.singleUser = false;
  else if (renamed !== undefined) {
    if (database.singleUser !== true)
      throw new ServerError(5030, 16, 'The database could not be exclusively locked to perform the operation.');
    if (state.databases.some((one) => one.name === nameIn(renamed)))
      throw new ServerError(1801, 16, `Database '${nameIn(renamed)}' already exists.`);
    database.name = nameIn(renamed);
  } else throw new ServerError(102, 15, `Incorrect syntax near '${rest}'.`);
}
