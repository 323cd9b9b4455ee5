import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { compile } from '../../../lib/compile';
import type { BackupManifest, BackupType, TaskManifest } from '../../../lib/contract';
import { backup } from '../../../lib/runner/backup';
import { decodeManifest } from '../../../lib/runner/manifest';
import type { BackupOutcome } from '../../../lib/runner/outcome';
import { startFakeSqlServer } from '../../servers/fake-sqlserver';
import type { FakeSqlServer } from '../../servers/fake-sqlserver';
import { decode, restore } from '../../servers/sqlserver/backup-file';
import { createDatabase, databaseOf, newState, write } from '../../servers/sqlserver/model';
import type { ModelDatabase, ServerState } from '../../servers/sqlserver/model';
import { testMachine } from './engine-machine';
import type { TestMachine } from './engine-machine';

const HOUR = 3_600_000;
/** A Sunday after every file of these tests was written. */
const START = Date.UTC(2027, 0, 3, 2, 15);

export interface Run extends BackupOutcome {
  readonly machine: TestMachine;
}

/** A server with databases, a host with its state, and a folder for local copies. */
export interface SqlServerHost {
  readonly server: FakeSqlServer;
  readonly folder: string;
  readonly local: string;
  readonly task: TaskManifest;
  machine(hours: number, environment?: Readonly<Record<string, string>>): TestMachine;
  /** One run, an hour after the one before. */
  run(type: BackupType, changes?: RunChanges): Promise<Run>;
  /** Does something to the server. */
  change(work: (state: ServerState) => void): void;
  write(database: string, text: string): void;
  /** What a database holds. */
  held(database: string): readonly string[];
  /** What a restore of a database from the local copies brings back, up to the newest manifest. */
  restored(database: string): readonly string[];
  manifests(): readonly BackupManifest[];
  /** The text of a stream of a run. */
  stream(manifest: BackupManifest, name: string): Buffer;
  /** What lies in the folder that server and runner share. */
  scratch(): readonly string[];
  close(): void;
}

export interface RunChanges {
  readonly task?: Partial<TaskManifest>;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface HostOptions {
  /** Databases that are there at the start. */
  readonly databases?: Readonly<Record<string, Partial<ModelDatabase>>>;
  readonly state?: Partial<ServerState>;
  readonly settings?: string;
  readonly connection?: string;
  readonly s3?: { readonly environment: Readonly<Record<string, string>>; readonly bucket: string };
}

export async function startHost(options: HostOptions = {}): Promise<SqlServerHost> {
  const server = startFakeSqlServer();
  const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-sqlserver-host-'));
  const [local, stateFolder] = [path.join(folder, 'local'), path.join(folder, 'state')];
  for (const made of [local, stateFolder]) mkdirSync(made);
  server.state((state) => {
    Object.assign(state, newState(server.password), options.state);
    for (const [name, changes] of Object.entries(options.databases ?? { orders: {}, stock: {} }))
      write(createDatabase(state, name, changes), `first of ${name}`);
  });
  const task = sqlServerTask(local, options);
  const machine = (hours: number, environment: Readonly<Record<string, string>> = {}): TestMachine => ({
    ...testMachine(
      { ...server.environment, ...options.s3?.environment, ...environment },
      () => new Date(START + hours * HOUR),
    ),
    stateFolder,
  });
  let hour = 0;
  const manifests = (): readonly BackupManifest[] =>
    readdirSync(local)
      .filter((name) => name.endsWith('.manifest.json'))
      .map((name) => decodeManifest(readFileSync(path.join(local, name))))
      .flatMap((one) => ('why' in one ? [] : [one.manifest]))
      .sort((a, b) => (a.slot < b.slot ? -1 : 1));
  const stream = ({ slot, type, attempt, streams }: BackupManifest, name: string): Buffer => {
    const found = streams.find((one) => one.name === name);
    if (!found) throw new Error(`no stream ${name}`);
    const segments = found.encodings.find(({ stores }) => stores.includes('local'))?.segments ?? [];
    const parts = segments.map((one) => readFileSync(path.join(local, `${slot}-${type}-${attempt}`, one.name)));
    const bytes = Buffer.concat(parts);
    return found.compression === 'gzip' ? gunzipSync(bytes) : bytes;
  };
  return {
    server,
    folder,
    local,
    task,
    machine,
    run: async (type, changes = {}) => {
      const own = machine((hour += 1), changes.environment);
      return { ...(await backup({ ...task, ...changes.task }, { type }, own)), machine: own };
    },
    change: (work) => server.state(work),
    write: (database, text) => server.state((state) => write(databaseOf(state, database), text, state.clock ?? 0)),
    held: (database) => server.state((state) => databaseOf(state, database).changes.map(({ text }) => text)),
    restored: (database) => restoredFrom(manifests(), stream, database),
    manifests,
    stream,
    scratch: () => filesUnder(path.join(local, '_scratch')),
    close: () => {
      server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function filesUnder(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

/** A manifest names its parent: the files of one database in the order of its chain, from its last full on. */
function restoredFrom(
  manifests: readonly BackupManifest[],
  stream: SqlServerHost['stream'],
  database: string,
): readonly string[] {
  const chain: BackupManifest[] = [];
  for (let at = manifests.at(-1); at;) {
    chain.unshift(at);
    const { parent }: BackupManifest = at;
    at = parent ? manifests.find(({ slot, type }) => slot === parent.slot && type === parent.type) : undefined;
  }
  const sets = chain.flatMap((manifest) =>
    manifest.streams
      .filter((one) => one.format === 'sqlserver' && one.database === database)
      .map((one) => {
        const set = decode(stream(manifest, one.name));
        if (set === 'damaged') throw new Error(`${one.name} is damaged`);
        return set;
      }),
  );
  return restore(sets.slice(sets.map(({ kind }) => kind).lastIndexOf('full')));
}

/** The databases of a server, into a folder and a bucket where there is one. */
export function sqlServerTask(local: string, { settings, connection, s3 }: HostOptions = {}): TaskManifest {
  const text = `
backup {
  general: {
    backup_window: { start: "01:00" end: "05:00" timezone: "UTC" }
    types: {
      full: { frequency: "weekly" day: "sunday" retention: 10 }
      differential: { frequency: "daily" retention: 5 }
      log: { frequency: "hourly" retention: 3 }
    }
  }
  database: {
    shop: {
      type: "sqlcmd"
      settings: { ${settings ?? ''} }
      storage: {
        local: { path: "${local}" }
        s3: { bucket: "${s3?.bucket ?? 'acme-shop'}" region: "us-east-1" path: "shop/{year}/" }
      }
    }
  }
}
database { shop: { primary: { host: "db.example.com" port: 14330 username: "backup" ${connection ?? ''} } } }
`;
  const options = { environment: {}, unset: 'warning', today: '2026-11-24' } as const;
  const { plan, diagnostics } = compile([{ name: 'spec.hyp', text }], options);
  const task = plan?.tasks.find((one) => one.name === 'shop');
  if (!task) throw new Error(diagnostics.map((one) => one.message).join('\n'));
  return s3 ? task : { ...task, stores: [] };
}
