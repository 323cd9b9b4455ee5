import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { slotOf } from '../../../lib/runner/slot';
import { makeKeys } from '../../runner/record/keys';
import type { KeyFolder } from '../../runner/record/keys';
import { startMariadb } from '../../servers/mariadb';
import type { MariadbServer } from '../../servers/mariadb';
import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import { databaseOf } from '../../servers/sqlserver/model';
import { makeMachine } from './canary-machine';
import type { CanaryMachine, Watched } from './canary-machine';
import { SECRETS, startServers } from './canary-servers';
import type { CanaryServers } from './canary-servers';
import { startCanaryTarget } from './canary-sqlserver';
import type { CanaryTarget } from './canary-sqlserver';
import { databaseTask, everywhere } from './canary-tasks';
import { filesBelow, leaksInProcess, leaksInText, namesOf } from './canary-watch';
import type { Canary } from './canary-watch';
import { fileTask, makeSource } from './file-task';

/**
 * Whole restores with every secret planted at once, of the source, of the target, of stores and of keys, while all that
 * they start is watched: no secret in what they say or plan, in an argument, in the environment of a program that has no
 * use for it, in a record, nor in what is left. What belongs to the source reaches nobody at all.
 */

jest.setTimeout(180_000);

let servers: CanaryServers;
let machine: CanaryMachine;
let postgres: PostgresServer;
let mariadb: MariadbServer;
let sqlserver: CanaryTarget;
let keys: KeyFolder;
/** Secrets of the source, for which no program of a restore has any use. */
let ofSource: readonly Canary[];

const WRONG = `canary-wrong-target-${randomBytes(9).toString('hex')}`;
/** What tells the key from its public half, which stands in envelopes. */
const secretOf = (pem: string) => pem.replace(/-----[A-Z ]+-----|\s/g, '').slice(-30);

beforeAll(async () => {
  keys = makeKeys();
  [servers, postgres, mariadb, sqlserver] = await Promise.all([
    startServers(),
    startPostgres(),
    startMariadb({ settings: { 'server-id': '2' } }),
    startCanaryTarget(),
  ]);
  const canaries = [
    { name: "the target's PostgreSQL password", value: postgres.password, seenBy: ['psql', 'pg_restore'] },
    { name: "the target's MariaDB password", value: mariadb.password },
    { name: "the target's SQL Server password", value: sqlserver.password, seenBy: ['sqlcmd'] },
    { name: "the target's wrong password", value: WRONG, seenBy: ['psql', 'pg_restore', 'sqlcmd'] },
    { name: 'the record key', value: secretOf(readFileSync(keys.ed25519.privatePath, 'utf8')) },
  ];
  machine = await makeMachine(servers, { canaries });
  const passwords = [servers.postgres.password, servers.mariadb.password, servers.sqlserver.server.password];
  ofSource = passwords.map((value) => ({ name: 'of the source', value }));
}, 180_000);

afterAll(async () => {
  machine.remove();
  keys.stop();
  sqlserver.server.stop();
  await Promise.all([servers, postgres, mariadb].map((one) => one.stop()));
});

const placesOf = (name: string) => ({ ...everywhere(name, servers, machine), hooks: {} });
const STORES = ['s3', 'blob', 'gcs', 'local'];
const started = ({ processes }: Watched, name: string) => processes.filter(({ argv }) => namesOf(argv).includes(name));

/** A run that ended as it should and told nothing. */
async function clean(
  exit: number,
  task: TaskManifest,
  command: readonly string[],
  changes: Readonly<Record<string, string | undefined>> = {},
): Promise<Watched> {
  const ran = await machine.watch(task, command, changes);
  const why = ran.exit === exit ? '' : ran.stdout + ran.stderr;
  expect({ command, exit: ran.exit, leaks: ran.leaks, why }).toEqual({ command, exit, leaks: [], why: '' });
  return ran;
}

async function take(task: TaskManifest, type = 'full'): Promise<void> {
  await clean(EXIT.success, task, ['backup', '--type', type, '--slot', slotOf(new Date())]);
  await clean(EXIT.success, task, ['verify', '--quick']);
}

/** A restore of which also nothing is left: no plain bytes, no login, and nothing of the source reached a program. */
async function restored(
  exit: number,
  task: TaskManifest,
  argv: readonly string[],
  changes: Readonly<Record<string, string | undefined>> = {},
): Promise<Watched> {
  const ran = await clean(exit, task, ['restore', ...argv], changes);
  expect(ran.processes.flatMap((one) => leaksInProcess(one, ofSource))).toEqual([]);
  const state = path.join(machine.folder, 'state');
  const left = [...filesBelow(path.join(state, 'restore')), ...filesBelow(path.join(state, 'logins'))];
  expect(left.map(({ file }) => file).filter((file) => !file.endsWith('.lock'))).toEqual([]);
  return ran;
}

const pgUrl = () => `postgresql://${postgres.user}@127.0.0.1:${postgres.port}/`;
const myUrl = () => `mariadb://${mariadb.user}@127.0.0.1:${mariadb.port}/`;
const postgresTask = () => databaseTask(placesOf('pg'), 'pg', {});
const mariadbTask = () => databaseTask(placesOf('my'), 'my', {}, { engine: 'mariadb', tool: 'mariadb-dump' });

const msUrl = () => 'sqlserver://backup@localhost/';
const sqlserverTask = (): TaskManifest => ({ ...servers.sqlserver.task, ...placesOf('ms') });

const known = () => ({ HYPDR_RESTORE_PASSWORD: postgres.password });

describe('restores', () => {
  test('of PostgreSQL out of every store, and what is said before', async () => {
    const task = postgresTask();
    await take(task);
    const to = ['--target', pgUrl(), '--globals', '--replace', 'shop'];
    for (const format of ['text', 'json']) {
      const planned = await restored(EXIT.success, task, [...to, '--dry-run', '--format', format], known());
      expect(planned.stdout).toContain('shop');
      await clean(EXIT.success, task, ['restorable', '--format', format]);
    }
    for (const store of STORES) {
      const ran = await restored(EXIT.success, task, [...to, '--store', store], known());
      for (const name of ['psql', 'pg_restore']) {
        // A watch that saw nothing would find nothing.
        const seen = started(ran, name);
        expect([store, name, seen.some((one) => one.environment.includes(postgres.password))]).toEqual([
          ...[store, name, true],
        ]);
      }
    }
    expect(await postgres.sql('SELECT count(*) FROM t', 'shop')).toContain('1000');
  });

  test('of MariaDB with its logs, by a URL and by an option file', async () => {
    const task = mariadbTask();
    await take(task);
    await servers.mariadb.sql('INSERT INTO shop.t VALUES (3)');
    await take(task, 'log');
    const password = { HYPDR_RESTORE_PASSWORD: mariadb.password };
    const how = ['--globals', '--replace', 'shop'];
    await restored(EXIT.success, task, ['--target', myUrl(), ...how, '--dry-run', '--format', 'json'], password);
    const byUrl = await restored(EXIT.success, task, ['--target', myUrl(), ...how], password);
    for (const name of ['mariadb', 'mariadb-binlog'])
      expect([name, started(byUrl, name).length > 0]).toEqual([name, true]);
    await restored(EXIT.success, task, ['--target', mariadb.optionFile, ...how, '--store', 'local']);
    expect(await mariadb.sql('SELECT COUNT(*) FROM shop.t')).toContain('3');
  });

  test('of SQL Server with its logs, out of a cloud and a folder, and of its test', async () => {
    const task = sqlserverTask();
    await take(task);
    servers.sqlserver.write('orders', 'a log later');
    await take(task, 'log');
    sqlserver.take();
    const environment = sqlserver.environment(machine.folder);
    const to = ['--target', msUrl(), '--replace', 'orders', '--replace', 'stock'];
    await restored(EXIT.success, task, [...to, '--dry-run', '--format', 'json'], environment);
    for (const store of ['blob', 'local']) await restored(EXIT.success, task, [...to, '--store', store], environment);
    const held = sqlserver.server.state((state) => databaseOf(state, 'orders').changes.map(({ text }) => text));
    expect(held).toContain('a log later');
    const tested = { ...environment, HYPDR_TEST_SQLSERVER: msUrl() };
    const key = ['--record-key', keys.ed25519.privatePath];
    await clean(EXIT.success, task, ['test-restore', ...key], tested);
    const seen = sqlserver.take();
    expect(seen.filter((one) => one.environment.includes(sqlserver.password)).length).toBeGreaterThan(20);
    expect(seen.flatMap((one) => leaksInProcess(one, [...machine.canaries, ...ofSource]))).toEqual([]);
  });

  test('of files, a full and an increment; of a test, whose record holds nothing', async () => {
    const source = makeSource(path.join(machine.folder, 'docs'), 1_000_000);
    const files = fileTask('docs', source, placesOf('docs'));
    const runs = files.runs.map((one) => ({ ...one, compression: 'zstd' as const, encryption: true }));
    const task = { ...files, runs };
    await take(task);
    writeFileSync(path.join(source, 'new'), 'new');
    await take(task, 'incremental');
    const targets = path.join(machine.folder, 'targets');
    mkdirSync(targets);
    for (const store of STORES) {
      const ran = await restored(EXIT.success, task, ['--store', store, '--target', path.join(targets, store)]);
      for (const name of ['tar', 'sync']) expect([name, started(ran, name).length > 0]).toEqual([name, true]);
      expect(readFileSync(path.join(targets, store, source, 'new'), 'utf8')).toBe('new');
    }
    expect(readdirSync(targets).sort()).toEqual([...STORES].sort());
    const key = ['--record-key', keys.ed25519.privatePath];
    const tested = await clean(EXIT.success, task, ['test-restore', '--store', 'local', ...key]);
    expect(tested.processes.flatMap((one) => leaksInProcess(one, ofSource))).toEqual([]);
    const local = [...filesBelow(path.join(machine.folder, 'local/docs'))];
    const records = local.filter(({ file }) => file.includes('_records/'));
    expect(records.length).toBeGreaterThan(0);
    const inside = records.map(({ file, text }) => ({ file, text: text + payloadOf(text) }));
    expect(inside.some(({ text }) => text.includes('"passed"'))).toBe(true);
    expect(inside.flatMap(({ file, text }) => leaksInText(text, file, machine.canaries))).toEqual([]);
    await clean(EXIT.success, task, ['list', '--record-key', keys.ed25519.privatePath, '--format', 'json']);
  });
});

/** A record lies in its envelope as base64. */
const payloadOf = (text: string) =>
  Buffer.from((JSON.parse(text) as { readonly payload: string }).payload, 'base64').toString();

describe('a restore that fails', () => {
  type Case = [string, number, () => TaskManifest, () => readonly string[], () => Record<string, string | undefined>];
  test.each<Case>([
    [
      'by a wrong password of PostgreSQL',
      EXIT.permanent,
      postgresTask,
      () => ['--target', pgUrl()],
      () => ({ HYPDR_RESTORE_PASSWORD: WRONG }),
    ],
    [
      'by a wrong password of MariaDB',
      EXIT.permanent,
      mariadbTask,
      () => ['--target', myUrl()],
      () => ({ HYPDR_RESTORE_PASSWORD: WRONG }),
    ],
    [
      'by a wrong password of SQL Server',
      EXIT.permanent,
      sqlserverTask,
      () => ['--target', msUrl(), '--replace', 'orders', '--replace', 'stock'],
      () => ({ ...sqlserver.environment(machine.folder), HYPDR_RESTORE_PASSWORD: WRONG }),
    ],
    [
      'by a password of SQL Server in the address',
      EXIT.permanent,
      sqlserverTask,
      () => ['--target', msUrl().replace('@', `:${WRONG}@`)],
      () => ({ ...sqlserver.environment(machine.folder), HYPDR_RESTORE_PASSWORD: undefined }),
    ],
    [
      'by an option file with a wrong password',
      EXIT.permanent,
      mariadbTask,
      () => ['--target', optionFileWith(`password=${WRONG}`)],
      () => ({}),
    ],
    [
      'by an option file that is none',
      EXIT.permanent,
      mariadbTask,
      () => ['--target', optionFileWith(`[client\n${WRONG}`)],
      () => ({}),
    ],
    [
      'by an option file whose password has a wrong name',
      EXIT.permanent,
      mariadbTask,
      () => ['--target', optionFileWith(`passwrd=${WRONG}`)],
      () => ({}),
    ],
    [
      'by a password in the address',
      EXIT.permanent,
      postgresTask,
      () => ['--target', pgUrl().replace('@', `:${WRONG}@`)],
      () => ({}),
    ],
    [
      'by a password in an address that is none',
      EXIT.permanent,
      postgresTask,
      () => ['--target', `postgresql://u:${WRONG}@host:port/`],
      () => ({}),
    ],
    [
      'by a password among the words of an address',
      EXIT.permanent,
      mariadbTask,
      () => ['--target', `${myUrl()}?password=${WRONG}`],
      () => ({}),
    ],
    [
      'by a wrong key of S3',
      EXIT.permanent,
      postgresTask,
      () => ['--target', pgUrl(), '--store', 's3'],
      () => ({ AWS_SECRET_ACCESS_KEY: SECRETS.wrong, HYPDR_RESTORE_PASSWORD: postgres.password }),
    ],
  ])('%s', async (_, exit, task, argv, changes) => {
    await restored(exit, task(), argv(), changes());
    await restored(exit, task(), [...argv(), '--dry-run', '--format', 'json'], changes());
  });

  test('by an identity that is none', async () => {
    const to = ['--target', pgUrl(), '--store', 'local', '--replace', 'shop', '--format', 'json'];
    const identity = { HYPDR_AGE_IDENTITY_FILE: fileWith('broken-identity', SECRETS.broken) };
    await restored(EXIT.permanent, postgresTask(), to, { ...known(), ...identity });
  });

  test('never by a record key that is none, which tells only how long it may take', async () => {
    const to = ['--target', pgUrl(), '--replace', 'shop', '--record-key', brokenKey()];
    await restored(EXIT.success, postgresTask(), [...to, '--dry-run'], known());
    await restored(EXIT.success, postgresTask(), to, known());
    await clean(EXIT.permanent, postgresTask(), ['test-restore', '--record-key', brokenKey()]);
  });
});

function fileWith(name: string, text: string): string {
  const file = path.join(machine.folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

const optionFileWith = (line: string) =>
  fileWith('target.cnf', `[client]\nhost=127.0.0.1\nport=${mariadb.port}\nuser=root\nprotocol=tcp\n${line}\n`);

/** What OpenSSL could quote. */
const brokenKey = () =>
  fileWith('broken.pem', `-----BEGIN PRIVATE KEY-----\n${SECRETS.broken}\n-----END PRIVATE KEY-----\n`);
