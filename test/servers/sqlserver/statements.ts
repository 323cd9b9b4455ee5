import { existsSync } from 'node:fs';
import path from 'node:path';
import { openBackup, writeBackup } from './backup-file';
import { select } from './catalogue';
import { fileRows, headerRow } from './header-row';
import { checkDatabase, newestTime, somebodysQuery } from './inspection';
import type { BackupSet, ModelDatabase, ServerState, SetKind } from './model';
import { databaseOf, foreignBackup, restoreOver, takeBackup } from './model';
import { changeDatabases, needCertificate } from './restore';
import { ServerError } from './server-error';
import { nameIn, splitOutside, textIn } from './tokens';

/** A connection: what its statements come to, and the locks that it owns. */
export interface Connection {
  readonly pid: number;
  readonly database: string;
  /** Runs with the state of the server, and writes it back. */
  readonly turn: <T>(work: (state: ServerState) => T) => T;
  /** Waits for a file that the test makes. */
  readonly waitFor: (file: string) => void;
}

export interface Outcome {
  answer: string | undefined;
  /** A result set: names, and rows of texts. */
  readonly results: { readonly names: readonly string[]; readonly rows: readonly (readonly string[])[] }[];
  readonly messages: string[];
}

/** Executes a statement as `sp_executesql` would. */
export function execute(statement: string, connection: Connection): Outcome {
  const outcome: Outcome = { answer: undefined, results: [], messages: [] };
  if (connection.turn((state) => somebodysQuery(state, statement, outcome))) return outcome;
  const variables = new Map<string, number | undefined>();
  const flat = flatten(statement);
  for (const failure of connection.turn(({ failures }) => failures)) {
    if (!flat.includes(failure.statement)) continue;
    connection.turn((state) => {
      if (state.failuresOnce) state.failures = state.failures.filter((one) => one.statement !== failure.statement);
    });
    throw new ServerError(failure.number, 16, failure.text);
  }
  for (const one of splitBlocks(flat)) {
    if (run(one, connection, variables, outcome) === 'return') break;
  }
  return outcome;
}

/** Line breaks and indents outside of literals and identifiers are spaces. */
function flatten(statement: string): string {
  return statement
    .replace(/N?'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]|\s*\n\s*/g, (part) => (part.trim() === '' ? ' ' : part))
    .trim();
}

function splitBlocks(text: string): readonly string[] {
  const block = /IF @\w+ < 0 BEGIN RAISERROR\(N'[^']*', 16, 1\); RETURN; END;/.exec(text)?.[0];
  if (block === undefined) return splitOutside(text, ';');
  const at = text.indexOf(block);
  return [...splitOutside(text.slice(0, at), ';'), block, ...splitOutside(text.slice(at + block.length), ';')];
}

const APPLOCK =
  /^EXEC (@\w+) = sys\.sp_getapplock @Resource = (N'[^']*'), @LockMode = N'Exclusive', @LockOwner = N'Session', @LockTimeout = 0, @DbPrincipal = N'public'$/;

function run(
  statement: string,
  connection: Connection,
  variables: Map<string, number | undefined>,
  outcome: Outcome,
): 'return' | undefined {
  const lock = APPLOCK.exec(statement);
  if (/^SET LOCK_TIMEOUT \d+$/.test(statement)) return undefined;
  if (/^DECLARE (@\w+) int$/.test(statement)) {
    variables.set(statement.split(' ')[1] ?? '', undefined);
  } else if (lock) {
    const [, variable = '', resource = ''] = lock;
    if (!variables.has(variable)) throw new ServerError(137, 15, `Must declare the scalar variable "${variable}".`);
    variables.set(variable, takeLock(connection, textIn(resource)) ? 0 : -1);
  } else if (statement.startsWith('IF @')) {
    const [, variable = '', text = ''] = /^IF (@\w+) < 0 BEGIN RAISERROR\(N'([^']*)'/.exec(statement) ?? [];
    if ((variables.get(variable) ?? 0) < 0) throw new ServerError(50000, 16, text);
  } else if (statement.startsWith('EXEC sys.sp_releaseapplock ')) {
    releaseLock(connection, statement);
  } else if (statement.startsWith('SET @answer = ')) {
    outcome.answer = answer(statement.slice('SET @answer = '.length), connection, variables);
  } else if (/^BACKUP (DATABASE|LOG) /.test(statement)) {
    backup(statement, connection);
  } else if (/^(RESTORE (DATABASE|LOG)|ALTER DATABASE|DROP DATABASE) /.test(statement)) {
    connection.turn((state) => changeDatabases(state, statement, (device) => diskOf(state, device)));
  } else if (statement.startsWith('DBCC ')) {
    connection.turn((state) => checkDatabase(state, statement));
  } else if (statement.startsWith('RESTORE ')) {
    restore(statement, connection, outcome);
  } else {
    throw new ServerError(102, 15, `Incorrect syntax near '${statement.slice(0, 60)}'.`);
  }
  return undefined;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A lock lives in a database and as long as its connection. */
function takeLock({ database, pid, turn }: Connection, resource: string): boolean {
  const name = `${database}: ${resource}`;
  return turn((state) => {
    state.locks = state.locks.filter((one) => alive(one.pid));
    if (state.locks.some((one) => one.resource === name && one.pid !== pid)) return false;
    state.locks.push({ resource: name, pid });
    return true;
  });
}

function isFree({ database, pid, turn }: Connection, resource: string): boolean {
  return turn(
    ({ locks }) =>
      !locks.some((one) => one.resource === `${database}: ${resource}` && one.pid !== pid && alive(one.pid)),
  );
}

function releaseLock({ database, pid, turn }: Connection, statement: string): void {
  const [, resource = ''] =
    /@Resource = (N'[^']*'), @LockOwner = N'Session', @DbPrincipal = N'public'$/.exec(statement) ?? [];
  const name = `${database}: ${textIn(resource)}`;
  turn((state) => {
    const before = state.locks.length;
    state.locks = state.locks.filter((one) => one.resource !== name || one.pid !== pid);
    if (state.locks.length === before) throw new ServerError(1223, 16, 'Cannot release the application lock.');
  });
}

function answer(
  expression: string,
  connection: Connection,
  variables: ReadonlyMap<string, number | undefined>,
): string | undefined {
  if (/^N'\d+'$/.test(expression)) return textIn(expression);
  const text = /^N'"' \+ (.*) \+ N'(Z?)"'$/.exec(expression);
  if (text) return `"${scalar(text[1] ?? '', connection)}${text[2]}"`;
  const query = /^\((SELECT .*)\)$/s.exec(expression)?.[1];
  if (query === undefined) throw new ServerError(102, 15, `Incorrect syntax near '${expression.slice(0, 60)}'.`);
  const mode = /^SELECT APPLOCK_MODE\(N'public', (N'[^']*'), N'Session'\) AS \[mode\] FOR JSON/.exec(query);
  if (mode) {
    const own = connection.turn(({ locks }) =>
      locks.some(
        (one) => one.resource === `${connection.database}: ${textIn(mode[1] ?? '')}` && one.pid === connection.pid,
      ),
    );
    return JSON.stringify({ mode: own ? 'Exclusive' : 'NoLock' });
  }
  const result = /^SELECT (@\w+) AS \[result\] FOR JSON PATH, WITHOUT_ARRAY_WRAPPER$/.exec(query);
  if (result) return JSON.stringify({ result: variables.get(result[1] ?? '') });
  const test =
    /^SELECT (@\w+) AS \[result\], APPLOCK_TEST\(N'public', (N'[^']*'), N'Exclusive', N'Session'\) AS \[working\] FOR JSON/.exec(
      query,
    );
  if (test)
    return JSON.stringify({
      result: variables.get(test[1] ?? ''),
      working: isFree(connection, textIn(test[2] ?? '')) ? 1 : 0,
    });
  const newest = connection.turn((state) => newestTime(state, query));
  if (newest !== undefined) return newest;
  return connection.turn((state) => select(state, query));
}

function scalar(expression: string, { turn }: Connection): string {
  if (expression === "CONVERT(nvarchar(128), SERVERPROPERTY(N'ProductVersion'))") return turn(({ version }) => version);
  if (expression === 'CONVERT(nvarchar(33), SYSUTCDATETIME(), 126)')
    return new Date(turn(({ clock }) => clock) ?? Date.now()).toISOString().replace('Z', '1234');
  throw new ServerError(102, 15, `Incorrect syntax near '${expression}'.`);
}

const BACKUP = /^BACKUP (DATABASE|LOG) (\[(?:[^\]]|\]\])+\]) TO DISK = (N'(?:[^']|'')*') WITH (.*)$/s;
const OPTIONS = [
  'FORMAT',
  'INIT',
  'DIFFERENTIAL',
  'COPY_ONLY',
  'COMPRESSION',
  'NO_COMPRESSION',
  'CHECKSUM',
  'NO_CHECKSUM',
];

function backup(statement: string, connection: Connection): void {
  const [, noun = '', identifier = '', device = '', clauses = ''] = BACKUP.exec(statement) ?? [];
  const options = splitOutside(clauses, ',');
  const named = options.find((one) => one.startsWith('NAME = '));
  const described = options.find((one) => one.startsWith('DESCRIPTION = '));
  const rest = options.filter((one) => one !== named && one !== described);
  const unknown = rest.find((one) => !OPTIONS.includes(one));
  if (noun === '' || unknown !== undefined)
    throw new ServerError(155, 15, `'${unknown ?? statement.slice(0, 40)}' is not a recognized BACKUP option.`);
  const has = (option: string) => rest.includes(option);
  if ((has('DIFFERENTIAL') && (has('COPY_ONLY') || noun === 'LOG')) || (has('COMPRESSION') && has('NO_COMPRESSION')))
    throw new ServerError(3032, 16, 'One or more of the options are not supported for this statement.');
  const kind: SetKind = noun === 'LOG' ? 'log' : has('DIFFERENTIAL') ? 'differential' : 'full';
  const name = nameIn(identifier);
  const gate = connection.turn((state) => {
    if (state.gate?.database !== name) return undefined;
    state.gated += 1;
    return state.gate;
  });
  if (gate) connection.waitFor(gate.file);
  connection.turn((state) => {
    const database = state.databases.find((one) => one.name === name);
    const of = noun === 'LOG' ? 'BACKUP LOG' : 'BACKUP DATABASE';
    if (!database)
      throw new ServerError(
        911,
        16,
        `Database '${name}' does not exist. Make sure that the name is entered correctly.`,
        of,
      );
    race(state, database);
    refuse(state, database, { kind, copyOnly: has('COPY_ONLY'), compressed: has('COMPRESSION') }, of);
    const file = diskOf(state, textIn(device));
    if (!existsSync(path.dirname(file)))
      throw new ServerError(
        3201,
        16,
        `Cannot open backup device '${textIn(device)}'. Operating system error 3(The system cannot find the path specified.).`,
        of,
      );
    const set = takeBackup(state, database, {
      kind,
      copyOnly: has('COPY_ONLY'),
      compressed: has('COMPRESSION'),
      checksums: has('CHECKSUM'),
      name: named ? textIn(named.slice('NAME = '.length)) : '',
      description: described && textIn(described.slice('DESCRIPTION = '.length)),
      user: state.login.user,
      device: textIn(device),
    });
    writeBackup(file, set);
  });
}

function diskOf({ otherDisk }: ServerState, file: string): string {
  return otherDisk === null ? file : path.join(otherDisk, path.basename(file));
}

function race(state: ServerState, database: ModelDatabase): void {
  const at = state.races.findIndex((one) => one.database === database.name);
  const [found] = at < 0 ? [] : state.races.splice(at, 1);
  if (found?.what === 'restore') restoreOver(state, database);
  else if (found) foreignBackup(state, database, found.what);
}

interface Asked {
  readonly kind: SetKind;
  readonly copyOnly: boolean;
  readonly compressed: boolean;
}

function refuse(
  state: ServerState,
  database: ModelDatabase,
  { kind, copyOnly, compressed }: Asked,
  of: 'BACKUP DATABASE' | 'BACKUP LOG',
): void {
  const { name, model, logLsn, baseGuid, primary } = database;
  const major = Number.parseInt(state.version, 10);
  const no = (number: number, text: string): never => {
    throw new ServerError(number, 16, text, of);
  };
  if (state.rds || database.denied) no(262, `${of} permission denied in database '${name}'.`);
  if (database.state !== 'ONLINE') no(942, `Database '${name}' cannot be opened because it is offline.`);
  if (compressed && /^(Express|Web)/.test(state.edition))
    no(1844, `${of} WITH COMPRESSION is not supported on ${state.edition}.`);
  if (primary === 0 && major < 17 && (kind === 'log' ? copyOnly : !copyOnly))
    no(3059, 'This BACKUP or RESTORE command is not supported on a database mirror or secondary replica.');
  if (kind === 'log' && model === 'SIMPLE')
    no(
      4208,
      'The statement BACKUP LOG is not allowed while the recovery model is SIMPLE. Use BACKUP DATABASE or change the recovery model using ALTER DATABASE.',
    );
  if (kind === 'log' && logLsn === null)
    no(4214, 'BACKUP LOG cannot be performed because there is no current database backup.');
  if (kind === 'differential' && baseGuid === null)
    no(
      3035,
      `Cannot perform a differential backup for database "${name}", because a current database backup does not exist.`,
    );
  if (database.damaged && kind !== 'log')
    no(3043, `BACKUP '${name}' detected an error on page (1:153) in file '/data/${name}.mdf'.`);
}

function restore(statement: string, connection: Connection, outcome: Outcome): void {
  const verify = /^RESTORE VERIFYONLY FROM DISK = (N'(?:[^']|'')*')( WITH CHECKSUM)?$/.exec(statement);
  const header = /^RESTORE HEADERONLY FROM DISK = (N'(?:[^']|'')*')$/.exec(statement);
  const list = /^RESTORE FILELISTONLY FROM DISK = (N'(?:[^']|'')*') WITH FILE = 1$/.exec(statement);
  const of = verify ? 'VERIFY DATABASE' : list ? 'RESTORE FILELIST' : 'RESTORE HEADERONLY';
  const device = verify?.[1] ?? header?.[1] ?? list?.[1];
  if (device === undefined) throw new ServerError(102, 15, `Incorrect syntax near '${statement.slice(0, 60)}'.`);
  const named = textIn(device);
  const set = connection.turn((state) => openBackup(diskOf(state, named), named, of));
  if (list) connection.turn((state) => needCertificate(state, set, of));
  if (list) return void outcome.results.push(fileRows(set));
  if (header) return void outcome.results.push(headerRow(set));
  if (verify?.[2] && !set.checksums)
    throw new ServerError(
      3187,
      16,
      'RESTORE WITH CHECKSUM cannot be specified because the backup set does not contain checksum information.',
      of,
    );
  outcome.messages.push('The backup set on file 1 is valid.');
}

/** For tests that look at the server from outside. */
export function setsOf(state: ServerState, database: string): readonly BackupSet[] {
  return state.history.filter((set) => set.database === databaseOf(state, database).name);
}
