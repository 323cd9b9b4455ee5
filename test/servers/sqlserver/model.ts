import { createHash } from 'node:crypto';

/** A model of SQL Server as far as backups go: recovery models, log chains, differential bases, forks, history. */

export type Model = 'FULL' | 'BULK_LOGGED' | 'SIMPLE';
export type SetKind = 'full' | 'differential' | 'log';

export interface Change {
  readonly lsn: number;
  readonly text: string;
  /** When it was committed: milliseconds, in UTC. */
  readonly at: number;
}

/** How far a database that is being restored has come. */
export interface RollForward {
  readonly fullGuid: string;
  readonly at: number;
  readonly fork: string;
  /** The clock of the source at the end of what was restored, as if it were UTC. */
  readonly local: number;
  readonly logs: number;
  readonly stopped: boolean;
}

export interface ModelFile {
  readonly name: string;
  readonly type: 'D' | 'L';
  readonly path: string;
}

export interface ModelDatabase {
  name: string;
  model: Model;
  state: string;
  standby: boolean;
  encrypted: boolean;
  /** Of an availability group: 1 on its primary replica, 0 on others. */
  primary: number | null;
  databaseGuid: string;
  familyGuid: string;
  fork: string;
  lsn: number;
  changes: Change[];
  baseGuid: string | null;
  baseLsn: number | null;
  /** Of the newest full that is no copy. */
  databaseBackupLsn: number;
  /** Where the next log backup begins. */
  logLsn: number | null;
  /** Tables and what sys.partitions says of their rows. */
  tables: Record<string, number>;
  pages: number;
  /** The login has no user in it. */
  denied: boolean;
  /** A page whose checksum is wrong. */
  damaged: boolean;
  /** Of a restored database. */
  files?: ModelFile[];
  rolling?: RollForward;
  singleUser?: boolean;
}

export interface BackupSet {
  readonly kind: SetKind;
  readonly copyOnly: boolean;
  readonly compressed: boolean;
  readonly checksums: boolean;
  readonly database: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly user: string;
  readonly device: string;
  readonly guid: string;
  readonly firstLsn: number;
  readonly lastLsn: number;
  readonly checkpointLsn: number;
  readonly databaseBackupLsn: number;
  readonly baseGuid: string | null;
  readonly baseLsn: number | null;
  readonly fork: string;
  readonly databaseGuid: string;
  readonly familyGuid: string;
  readonly changes: readonly Change[];
  /** Milliseconds, in UTC, and how far the server's clock is ahead of it, in minutes. */
  readonly startedAt: number;
  readonly zone: number;
  readonly tables: Readonly<Record<string, number>>;
  readonly files: readonly ModelFile[];
  /** Of the certificate that encrypts the database. */
  readonly thumbprint: string | null;
}

/** What another product does in the moment between the runner's look and its backup. */
export interface Race {
  readonly database: string;
  readonly what: 'full' | 'log' | 'restore';
}

export interface ServerState {
  variant: 'odbc' | 'go';
  version: string;
  edition: string;
  engine: number;
  name: string;
  rds: boolean;
  backupFolder: string | null;
  certificate: 'trusted' | 'self-signed';
  login: { user: string; password: string; sysadmin: boolean };
  databases: ModelDatabase[];
  history: BackupSet[];
  locks: { resource: string; pid: number }[];
  races: Race[];
  /** A backup of this database waits until the file is there. */
  gate: { database: string; file: string } | null;
  /** Backups that have come to the gate. */
  gated: number;
  /** Numbers of errors that statements end with, by what they begin with. */
  failures: { statement: string; number: number; text: string }[];
  /** Each of them once. */
  failuresOnce: boolean;
  /** The disk of the server is not the runner's: files go elsewhere. */
  otherDisk: string | null;
  logins: Record<string, unknown>[];
  members: Record<string, unknown>[];
  permissions: Record<string, unknown>[];
  jobs: Record<string, unknown>[];
  certificates: { name: string; thumbprint: string; protection: string; databases: string[] }[];
  counter: number;
  /** The server's clock, in milliseconds; that of the machine where it is null. */
  clock: number | null;
  /** Minutes by which its local time is ahead of UTC. */
  zone: number;
  dataFolder: string;
  logFolder: string;
  /** RESTORE, ALTER DATABASE and DROP DATABASE that were executed. */
  executed: string[];
  /** What somebody's queries answer: lines of values, by their text. */
  answers: Record<string, readonly string[]>;
  /** The newest time of tables, in UTC, by `schema.table`. */
  times: Record<string, string>;
  /** A table that the catalogue does not tell of. */
  forgets: string | null;
  /** Errors of DBCC CHECKDB, by the start of a database's name. */
  checkdb: { database: string; number: number; text: string }[];
}

export function newState(password: string): ServerState {
  return {
    variant: 'odbc',
    version: '16.0.4135.4',
    edition: 'Developer Edition (64-bit)',
    engine: 3,
    name: 'DB1',
    rds: false,
    backupFolder: null,
    certificate: 'trusted',
    login: { user: 'backup', password, sysadmin: true },
    databases: [],
    history: [],
    locks: [],
    races: [],
    gate: null,
    gated: 0,
    failures: [],
    failuresOnce: false,
    otherDisk: null,
    logins: [],
    members: [],
    permissions: [],
    jobs: [],
    certificates: [],
    counter: 0,
    clock: null,
    zone: 60,
    dataFolder: '/var/opt/mssql/data',
    logFolder: '/var/opt/mssql/log',
    executed: [],
    answers: {},
    times: {},
    forgets: null,
    checkdb: [],
  };
}

export function newGuid(state: ServerState): string {
  state.counter += 1;
  const hex = createHash('sha256').update(`guid ${state.counter}`).digest('hex').toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

export function createDatabase(state: ServerState, name: string, changes: Partial<ModelDatabase> = {}): ModelDatabase {
  const guid = newGuid(state);
  const database: ModelDatabase = {
    name,
    model: 'FULL',
    state: 'ONLINE',
    standby: false,
    encrypted: false,
    primary: null,
    databaseGuid: guid,
    familyGuid: guid,
    fork: newGuid(state),
    lsn: 1000 * (state.databases.length + 1),
    changes: [],
    baseGuid: null,
    baseLsn: null,
    databaseBackupLsn: 0,
    logLsn: null,
    tables: { 'dbo.orders': 120, 'dbo.lines': 480 },
    pages: 1024 * (state.databases.length + 1),
    denied: false,
    damaged: false,
    ...changes,
  };
  state.databases.push(database);
  return database;
}

export function databaseOf(state: ServerState, name: string): ModelDatabase {
  const found = state.databases.find((one) => one.name === name);
  if (!found) throw new Error(`no database ${name}`);
  return found;
}

export function write(database: ModelDatabase, text: string, at = 0): void {
  database.lsn += 10;
  database.changes.push({ lsn: database.lsn, text, at });
}

/** A restore of a database over itself: it lives on in another fork, and without a chain of logs. */
export function restoreOver(state: ServerState, database: ModelDatabase): void {
  database.fork = newGuid(state);
  database.logLsn = null;
}

export function changeModel(database: ModelDatabase, model: Model): void {
  database.model = model;
  if (model === 'SIMPLE') database.logLsn = null;
}

export interface Take {
  readonly kind: SetKind;
  readonly copyOnly: boolean;
  readonly compressed: boolean;
  readonly checksums: boolean;
  readonly name: string;
  readonly description?: string | undefined;
  readonly user: string;
  readonly device: string;
}

/** Takes a backup, with all that it does to the database; the caller has asked whether it may be taken. */
export function takeBackup(state: ServerState, database: ModelDatabase, take: Take): BackupSet {
  const { kind, copyOnly } = take;
  const firstLsn = kind === 'log' ? (database.logLsn ?? 0) : database.lsn;
  database.lsn += 5;
  const lastLsn = database.lsn + 1;
  const from = kind === 'full' ? 0 : kind === 'log' ? firstLsn : (database.baseLsn ?? 0);
  const set: BackupSet = {
    ...take,
    database: database.name,
    guid: newGuid(state),
    firstLsn,
    lastLsn,
    checkpointLsn: kind === 'log' ? database.databaseBackupLsn : firstLsn + 2,
    databaseBackupLsn: database.databaseBackupLsn,
    baseGuid: kind === 'differential' ? database.baseGuid : null,
    // The header says the first LSN of the base, the catalogue that of its checkpoint.
    baseLsn: kind === 'differential' ? firstLsnOf(state, database.baseGuid) : null,
    fork: database.fork,
    databaseGuid: database.databaseGuid,
    familyGuid: database.familyGuid,
    changes: database.changes.filter(({ lsn }) => lsn >= from && lsn < lastLsn),
    startedAt: state.clock ?? Date.now(),
    zone: state.zone,
    tables: database.tables,
    files: filesOf(database),
    thumbprint: database.encrypted
      ? (state.certificates.find(({ databases }) => databases.includes(database.name))?.thumbprint ?? null)
      : null,
  };
  database.lsn += 1;
  if (kind === 'full' && !copyOnly) {
    database.baseGuid = set.guid;
    database.baseLsn = set.checkpointLsn;
    database.databaseBackupLsn = set.checkpointLsn;
    if (database.logLsn === null && database.model !== 'SIMPLE') database.logLsn = firstLsn;
  }
  if (kind === 'log' && !copyOnly) database.logLsn = lastLsn;
  state.history.push(set);
  return set;
}

function filesOf({ name, files }: ModelDatabase): readonly ModelFile[] {
  return (
    files ?? [
      { name, type: 'D', path: `/data/${name}.mdf` },
      { name: `${name}_log`, type: 'L', path: `/data/${name}.ldf` },
    ]
  );
}

function firstLsnOf({ history }: ServerState, guid: string | null): number | null {
  return history.find((set) => set.guid === guid)?.firstLsn ?? null;
}

/** Of 25 digits at most, as the server writes them: no number of JavaScript holds them. */
export function lsnText(lsn: number): string {
  return (34_000_000_000_000_000_000_000n + BigInt(lsn)).toString();
}

/** What another product takes, of which this one knows by the history alone. */
export function foreignBackup(state: ServerState, database: ModelDatabase, kind: SetKind): BackupSet {
  return takeBackup(state, database, {
    kind,
    copyOnly: false,
    compressed: false,
    checksums: false,
    name: 'nightly snapshot',
    user: 'ACME\\svc-other',
    device: '{B1C5A6D0-0000-4000-8000-000000000001}1',
  });
}
