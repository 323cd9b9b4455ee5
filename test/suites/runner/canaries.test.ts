import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { BlobServiceClient } from '@azure/storage-blob';
import { Storage } from '@google-cloud/storage';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { s3Client } from '../../servers/s3';
import { makeMachine } from './canary-machine';
import type { CanaryMachine, Watched } from './canary-machine';
import { SECRETS, startServers } from './canary-servers';
import type { CanaryServers } from './canary-servers';
import { databaseTask, everywhere, hooksOf, intoFolder, only } from './canary-tasks';
import { filesBelow, leaksInText, namesOf } from './canary-watch';
import { fileTask, makeSource } from './file-task';

/**
 * Whole runs of the program with every secret planted at once, good ones and every way to fail, while all that it starts
 * is watched: no secret in what it says, in an argument, in the environment of a program that has no use for it, in its
 * state, nor in what it stores beside the data. (Its own environment holds what it was given: the system's doing.)
 */

let servers: CanaryServers;
let machine: CanaryMachine;

beforeAll(async () => {
  servers = await startServers();
  machine = await makeMachine(servers);
}, 180_000);

afterAll(async () => {
  machine.remove();
  await servers.stop();
});

const placesOf = (name: string) => everywhere(name, servers, machine);
const postgresTask = (name: string, source: object = {}) => databaseTask(placesOf(name), name, source);
const mariadbTask = (name: string, source: object = {}) =>
  databaseTask(placesOf(name), name, source, { engine: 'mariadb', tool: 'mariadb-dump' });

/** A run that ended as it should and told nothing. */
async function clean(
  exit: number,
  task: TaskManifest,
  command: readonly string[] = ['backup', '--type', 'full'],
  changes: Readonly<Record<string, string | undefined>> = {},
): Promise<Watched> {
  const ran = await machine.watch(task, command, changes);
  expect({ exit: ran.exit, leaks: ran.leaks, why: ran.exit === exit ? '' : ran.stderr }).toEqual({
    exit,
    leaks: [],
    why: '',
  });
  return ran;
}

const started = ({ processes }: Watched, name: string) => processes.filter(({ argv }) => namesOf(argv).includes(name));

describe('whole runs', () => {
  test('of PostgreSQL into everything, with hooks, encryption and compression; then every other command', async () => {
    const task = postgresTask('pg');
    const metrics = path.join(machine.folder, 'metrics.prom');
    const ran = await clean(EXIT.success, task, ['backup', '--type', 'full', '--metrics', `prometheus:${metrics}`]);
    // A watch that saw nothing would find nothing.
    for (const name of ['psql', 'pg_dump', 'pg_dumpall', 'zstd', 'hook.sh'])
      expect([name, started(ran, name).length > 0]).toEqual([name, true]);
    expect(started(ran, 'pg_dump').some((one) => one.environment.includes(servers.postgres.password))).toBe(true);
    expect(leaksInText(readFileSync(metrics, 'utf8'), 'metrics', machine.canaries)).toEqual([]);
    const all = [['verify', '--quick'], ['list'], ['list', '--format', 'json'], ['prune', '--dry-run'], ['prune']];
    for (const command of [...all, ['copy'], ['backup', '--dry-run']]) await clean(EXIT.success, task, command);
  }, 120_000);

  test('of MariaDB, a full and its logs: the password is in a private file while they run, and then gone', async () => {
    const task = mariadbTask('my', { host: '127.0.0.1', port: servers.mariadb.port, user: servers.mariadb.user });
    const full = await clean(EXIT.success, task);
    await servers.mariadb.sql('INSERT INTO shop.t VALUES (3)');
    const log = await clean(EXIT.success, task, ['backup', '--type', 'log']);
    for (const name of ['mariadb', 'mariadb-dump', 'zstd'])
      expect([name, started(full, name).length > 0]).toEqual([name, true]);
    for (const name of ['mariadb-binlog', 'my_print_defaults'])
      expect([name, started(log, name).length > 0]).toEqual([name, true]);
    const variables = await clean(
      EXIT.success,
      mariadbTask('my-variables', { environment: ['DB_USER', 'DB_PASSWORD'] }),
      ['backup'],
      {
        MYSQL_PWD: undefined,
        MYSQL_HOME: undefined,
        DB_USER: servers.mariadb.user,
        DB_PASSWORD: servers.mariadb.password,
      },
    );
    expect(started(variables, 'mariadb-dump').length).toBeGreaterThan(0);
    // Nothing but the usual option files.
    await clean(EXIT.success, mariadbTask('my-file'), ['backup'], { MYSQL_PWD: undefined });
  }, 120_000);

  test('of SQL Server', async () => {
    const ran = await clean(EXIT.success, { ...servers.sqlserver.task, hooks: hooksOf(machine) });
    expect(started(ran, 'sqlcmd').some((one) => one.environment.includes('SQLCMDPASSWORD='))).toBe(true);
  }, 120_000);

  test('of files, a full and an increment: no program needs anything', async () => {
    const source = makeSource(path.join(machine.folder, 'docs'), 1_000_000);
    const task = fileTask('docs', source, placesOf('docs'));
    const zstd = {
      ...task,
      runs: task.runs.map((one) => ({ ...one, compression: 'zstd' as const, encryption: true })),
    };
    const full = await clean(EXIT.success, zstd);
    writeFileSync(path.join(source, 'new'), 'new');
    await clean(EXIT.success, zstd, ['backup', '--type', 'incremental']);
    for (const name of ['tar', 'flock', 'cat', 'zstd'])
      expect([name, started(full, name).length > 0]).toEqual([name, true]);
  }, 120_000);
});

describe('a password from a secret store', () => {
  const reached = () => ({ host: '127.0.0.1', port: servers.postgres.port });
  const without = { PGPASSWORD: undefined, PGUSER: undefined };

  test('of AWS', async () => {
    const value = JSON.stringify({ username: 'postgres', password: servers.postgres.password });
    await servers.moto.put('shop/pg', value);
    const endpoint = { AWS_ENDPOINT_URL_SECRETS_MANAGER: servers.moto.endpoint };
    await clean(EXIT.success, postgresTask('from-aws', reached()), ['backup'], {
      ...{ ...without, HYPDR_SECRETS: 'aws', ...endpoint },
    });
    const my = JSON.stringify({
      username: servers.mariadb.user,
      password: servers.mariadb.password,
      host: '127.0.0.1',
      port: servers.mariadb.port,
    });
    await servers.moto.put('shop/my', my);
    await clean(EXIT.success, mariadbTask('my-from-aws', { secret: 'shop/my' }), ['backup'], {
      ...{ MYSQL_PWD: undefined, MYSQL_HOME: undefined, MYSQL_HOST: undefined, MYSQL_TCP_PORT: undefined },
      ...{ HYPDR_SECRETS: 'aws', ...endpoint },
    });
  }, 120_000);

  test('of Azure', async () => {
    await clean(EXIT.success, postgresTask('from-azure', reached()), ['backup'], {
      ...{ ...without, HYPDR_SECRETS: 'azure', HYPDR_KEY_VAULT_URL: servers.giver.origin },
      ...{ IDENTITY_ENDPOINT: `${servers.giver.origin}/identity`, IDENTITY_HEADER: 'header' },
    });
  }, 120_000);

  test('of Google', async () => {
    await clean(EXIT.success, postgresTask('from-google', reached()), ['backup'], {
      ...{
        ...without,
        HYPDR_SECRETS: 'google',
        GOOGLE_CLOUD_PROJECT: 'acme',
        GOOGLE_APPLICATION_CREDENTIALS: undefined,
      },
      ...{ GCE_METADATA_HOST: servers.giver.host, CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER: servers.giver.origin },
    });
  }, 120_000);

  test.each([
    ['that is cut off', (value: string) => `{"username": "postgres", "password": "${value}`],
    ['without a usable port', (value: string) => JSON.stringify({ password: value, port: value })],
    ['of several lines', (value: string) => `${value}\n${value}`],
    ['that is wrong', (value: string) => value],
  ])(
    '%s',
    async (name, secretOf) => {
      const secretName = `shop/${name.replaceAll(' ', '-')}`;
      await servers.moto.put(secretName, secretOf(name === 'that is wrong' ? SECRETS.wrong : SECRETS.broken));
      const task = intoFolder(postgresTask('bad-secret', { ...reached(), user: 'postgres', secret: secretName }));
      await clean(EXIT.permanent, task, ['backup'], {
        ...{ ...without, HYPDR_SECRETS: 'aws', AWS_ENDPOINT_URL_SECRETS_MANAGER: servers.moto.endpoint },
      });
    },
    60_000,
  );

  test('that is nowhere, in each of the stores', async () => {
    const task = intoFolder(postgresTask('no-secret', { ...reached(), secret: 'shop/nowhere' }));
    const stores = [
      { HYPDR_SECRETS: 'aws', AWS_ENDPOINT_URL_SECRETS_MANAGER: servers.moto.endpoint },
      {
        ...{ HYPDR_SECRETS: 'azure', HYPDR_KEY_VAULT_URL: servers.giver.origin },
        ...{ IDENTITY_ENDPOINT: `${servers.giver.origin}/identity`, IDENTITY_HEADER: 'header' },
      },
      {
        ...{ HYPDR_SECRETS: 'google', GOOGLE_CLOUD_PROJECT: 'acme', GOOGLE_APPLICATION_CREDENTIALS: undefined },
        ...{
          GCE_METADATA_HOST: servers.giver.host,
          CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER: servers.giver.origin,
        },
      },
      // A key that is none, and Azure without an identity, which then looks for tools that have one.
      { HYPDR_SECRETS: 'google' },
      { HYPDR_SECRETS: 'azure', HYPDR_KEY_VAULT_URL: servers.giver.origin, AZURE_TOKEN_CREDENTIALS: 'dev' },
    ];
    for (const store of stores) await clean(EXIT.permanent, task, ['backup'], { ...without, ...store });
  }, 120_000);
});

describe('a run that fails', () => {
  test.each<[string, number, () => TaskManifest, () => Record<string, string | undefined>]>([
    [
      'by a wrong password of PostgreSQL',
      EXIT.permanent,
      () => intoFolder(postgresTask('pg-wrong')),
      () => ({ PGPASSWORD: SECRETS.wrong }),
    ],
    [
      'by rights that are missing',
      EXIT.permanent,
      () => intoFolder(postgresTask('pg-weak')),
      () => ({ PGUSER: 'weak', PGPASSWORD: SECRETS.weak }),
    ],
    [
      'by a PostgreSQL that is not there',
      EXIT.retry,
      () => intoFolder(postgresTask('pg-away')),
      () => ({ PGPORT: '1' }),
    ],
    [
      'by a wrong password of MariaDB',
      EXIT.permanent,
      () => intoFolder(mariadbTask('my-wrong', { user: 'root' })),
      () => ({ MYSQL_PWD: SECRETS.wrong }),
    ],
    [
      'by a MariaDB that is not there',
      EXIT.retry,
      () => intoFolder(mariadbTask('my-away')),
      () => ({ MYSQL_TCP_PORT: '1' }),
    ],
    [
      'by a wrong password of SQL Server',
      EXIT.permanent,
      () => ({ ...servers.sqlserver.task, hooks: hooksOf(machine) }),
      () => ({ SQLCMDPASSWORD: SECRETS.wrong }),
    ],
    [
      'by a wrong key of S3',
      EXIT.permanent,
      () => only(postgresTask('s3-wrong'), 's3'),
      () => ({ AWS_SECRET_ACCESS_KEY: SECRETS.wrong }),
    ],
    [
      'by a connection string that is none',
      EXIT.permanent,
      () => only(postgresTask('azure-broken'), 'blob'),
      () => ({ AZURE_STORAGE_CONNECTION_STRING: `AccountKey=${SECRETS.broken}` }),
    ],
    [
      'by a wrong key of Azure',
      EXIT.permanent,
      () => only(postgresTask('azure-wrong'), 'blob'),
      () => ({
        AZURE_STORAGE_CONNECTION_STRING: servers.azurite
          .connectionString()
          .replace(/AccountKey=[^;]+/, `AccountKey=${Buffer.from(SECRETS.wrong).toString('base64')}`),
      }),
    ],
    [
      'by a private key of Google that is none',
      EXIT.permanent,
      () => only(postgresTask('gcs-broken'), 'gcs'),
      () => ({ STORAGE_EMULATOR_HOST: undefined }),
    ],
    [
      'by a hook that says all it knows',
      EXIT.permanent,
      () => intoFolder(postgresTask('hook-before')),
      () => ({ HYPDR_HOOK_FAIL: 'before' }),
    ],
    [
      'never by a hook after it',
      EXIT.success,
      () => intoFolder(postgresTask('hook-after')),
      () => ({ HYPDR_HOOK_FAIL: 'after' }),
    ],
  ])(
    '%s',
    async (_, exit, task, changes) => {
      await clean(exit, task(), ['backup'], changes());
    },
    60_000,
  );

  test('by a file of Google’s that is no JSON', async () => {
    const file = path.join(machine.folder, 'broken.json');
    writeFileSync(file, SECRETS.broken);
    const changes = { STORAGE_EMULATOR_HOST: undefined, GOOGLE_APPLICATION_CREDENTIALS: file };
    await clean(EXIT.permanent, only(postgresTask('gcs-json'), 'gcs'), ['backup'], changes);
  }, 60_000);

  test('by an identity instead of a recipient', async () => {
    const identity = /AGE-SECRET-KEY-\S+/.exec(readFileSync(machine.identityFile, 'utf8'))?.[0] ?? '';
    const task = intoFolder(postgresTask('identity'));
    await clean(EXIT.permanent, { ...task, local: { ...task.local!, recipient: identity } });
  }, 60_000);
});

test('what the libraries start by themselves gets no password of a database', async () => {
  const task = only(postgresTask('helper'), 's3');
  const changes = { AWS_PROFILE: 'helper', AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
  const helped = await machine.watch(task, ['backup'], changes);
  expect([helped.exit, helped.leaks]).toEqual([EXIT.success, []]);
  expect(started(helped, 'helper.sh').length).toBeGreaterThan(0);
  // Azure's own tools inherit what belongs to clouds, and nothing else.
  const azure = await machine.watch(only(postgresTask('tools'), 'blob'), ['backup'], {
    ...{ AZURE_STORAGE_CONNECTION_STRING: undefined, AZURE_TOKEN_CREDENTIALS: 'dev' },
  });
  expect([azure.exit, azure.leaks]).toEqual([EXIT.permanent, []]);
  expect(started(azure, 'az').length).toBeGreaterThan(0);
}, 120_000);

test('a hook finds the files of a run for nobody else’s eyes', async () => {
  const task = intoFolder(
    mariadbTask('modes', { host: '127.0.0.1', port: servers.mariadb.port, user: servers.mariadb.user }),
  );
  const { modes } = await clean(EXIT.success, task);
  const logins = modes.filter((line) => line.includes('logins/modes/'));
  expect(logins.map((line) => line.slice(0, 4))).toEqual(['600 ', '600 ']);
}, 60_000);

test('no store holds a secret beside its data, nor in the name of an object', async () => {
  const s3 = s3Client(servers.minio);
  const azure = BlobServiceClient.fromConnectionString(servers.azurite.connectionString()).getContainerClient(
    'canaries',
  );
  const google = new Storage({ apiEndpoint: servers.gcs.endpoint, projectId: 'test' }).bucket('canaries');
  const texts: { where: string; text: string }[] = [];
  const add = async (where: string, read: () => Promise<Buffer>) =>
    texts.push({ where, text: where.endsWith('.json') ? (await read()).toString() : where });
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'canaries' }));
  for (const { Key = '' } of Contents) {
    await add(`s3 ${Key}`, async () => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'canaries', Key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    });
  }
  for await (const { name } of azure.listBlobsFlat())
    await add(`azure ${name}`, () => azure.getBlobClient(name).downloadToBuffer());
  for (const file of (await google.getFiles())[0])
    await add(`gcs ${file.name}`, async () => (await file.download())[0]);
  for (const { file, text } of filesBelow(path.join(machine.folder, 'local')))
    texts.push({ where: `local ${file}`, text: file.endsWith('.json') ? text : file });
  const manifests = texts.filter(({ where }) => where.endsWith('.manifest.json'));
  for (const store of ['s3 ', 'azure ', 'gcs ', 'local '])
    expect(manifests.filter(({ where }) => where.startsWith(store)).length).toBeGreaterThan(4);
  expect(manifests.some(({ where }) => where.includes('_verified/'))).toBe(true);
  expect(texts.flatMap(({ where, text }) => leaksInText(text, where, machine.canaries))).toEqual([]);
  s3.destroy();
}, 60_000);
