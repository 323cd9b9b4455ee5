import type { TaskManifest } from '../../../lib/contract';
import type { EngineRun } from '../../../lib/runner/engine/engine';
import { EngineError } from '../../../lib/runner/engine/engine';
import { openEngine } from '../../../lib/runner/engine/open';
import { startMariadb } from '../../servers/mariadb';
import type { MariadbServer } from '../../servers/mariadb';
import { startMoto } from '../../servers/moto';
import type { MotoServer } from '../../servers/moto';
import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import { testMachine, testTask } from './engine-machine';

/** Connections from a secret store: AWS's as moto speaks it, with real databases behind. */

let moto: MotoServer;
let postgres: PostgresServer;
let mariadb: MariadbServer;

beforeAll(async () => {
  [moto, postgres, mariadb] = await Promise.all([startMoto(), startPostgres(), startMariadb()]);
  for (const name of ['one', 'two']) {
    await postgres.sql(`CREATE DATABASE ${name}`);
    await postgres.sql('CREATE TABLE t AS SELECT generate_series(1, 10) n', name);
  }
  await postgres.sql("CREATE ROLE keeper LOGIN SUPERUSER PASSWORD 'first'");
  await mariadb.sql(`CREATE DATABASE shop; CREATE TABLE shop.t (n int); INSERT INTO shop.t VALUES (1);
    CREATE USER keeper@'127.0.0.1' IDENTIFIED BY 'first'; GRANT ALL ON *.* TO keeper@'127.0.0.1'`);
}, 120_000);

afterAll(() => Promise.all([moto.stop(), postgres.stop(), mariadb.stop()]));

const source = (secret: string, more: object = {}) => ({ kind: 'database' as const, secret, environment: [], ...more });
const postgresTask = (secret: string, more?: object) => testTask({ name: 'pg', source: source(secret, more) });
const mariadbTask = (secret: string, more?: object) =>
  testTask({ name: 'my', engine: 'mariadb', tool: 'mariadb-dump', source: source(secret, more) });

const valueFor = (server: { readonly port: number }, password: string) =>
  JSON.stringify({ username: 'keeper', password, host: '127.0.0.1', port: server.port });

async function streamsOf(task: TaskManifest, after: (name: string) => Promise<void>, skip = { seconds: 0 }) {
  const machine = { ...testMachine(moto.environment), seconds: () => skip.seconds };
  const prepared = await (await openEngine(task)).prepare(task, machine);
  let run: EngineRun | undefined;
  try {
    await prepared.lock('data');
    run = await prepared.begin('full', undefined);
    await after('begin');
    const names: string[] = [];
    for await (const { name, output, ended } of run.streams()) {
      for await (const _ of output);
      await ended;
      names.push(name);
      await after(name);
    }
    const { contents } = await run.finish();
    return { names, contents };
  } catch (error) {
    await run?.abort();
    throw error;
  } finally {
    await prepared.close();
  }
}

const nothing = () => Promise.resolve();

test('a task that says nothing of its server is backed up by what its secret says', async () => {
  await moto.put('shop/pg', valueFor(postgres, 'first'));
  const { contents } = await streamsOf(postgresTask('shop/pg'), nothing);
  expect(contents.filter((one) => one.rows === 10).map((one) => one.database)).toEqual(['one', 'two']);
  await moto.put('shop/my', valueFor(mariadb, 'first'));
  const { names } = await streamsOf(mariadbTask('shop/my'), nothing);
  expect(names).toEqual(['accounts', 'dump']);
}, 60_000);

test('a bare password is enough where the task says the rest', async () => {
  await moto.put('shop/bare', 'first\n');
  const rest = { host: '127.0.0.1', port: postgres.port, user: 'keeper', database: 'two' };
  const { contents } = await streamsOf(postgresTask('shop/bare', rest), nothing);
  expect(contents.some((one) => one.database === 'two' && one.rows === 10)).toBe(true);
  const there = { host: '127.0.0.1', port: mariadb.port, user: 'keeper' };
  expect((await streamsOf(mariadbTask('shop/bare', there), nothing)).names).toContain('dump');
}, 60_000);

test('a password that is rotated in the middle of a run ends nothing', async () => {
  const skip = { seconds: 0 };
  await moto.put('shop/pg', valueFor(postgres, 'first'));
  const dumped = await streamsOf(
    postgresTask('shop/pg'),
    async (name) => {
      if (name !== 'begin') return;
      await postgres.sql("ALTER ROLE keeper PASSWORD 'second'");
      await moto.put('shop/pg', valueFor(postgres, 'second'));
      skip.seconds += 3600;
    },
    skip,
  );
  expect(dumped.names).toHaveLength(4);
  await moto.put('shop/my', valueFor(mariadb, 'first'));
  const { names } = await streamsOf(
    mariadbTask('shop/my'),
    async (name) => {
      if (name !== 'begin') return;
      await mariadb.sql("ALTER USER keeper@'127.0.0.1' IDENTIFIED BY 'second'");
      await moto.put('shop/my', valueFor(mariadb, 'second'));
      skip.seconds += 3600;
    },
    skip,
  );
  expect(names).toEqual(['accounts', 'dump']);
}, 60_000);

test.each([
  [
    'is not there',
    'shop/nowhere',
    undefined,
    /^secret shop\/nowhere in Secrets Manager of us-east-1: it is not there$/,
  ],
  ['is cut off', 'shop/cut', '{"password": "canary', /^secret shop\/cut in .+ begins like JSON and is none$/],
  ['is wrong', 'shop/wrong', 'canary', /authentication failed/],
])(
  'a secret that %s is a matter of configuration, and is not told',
  async (_, name, value, message) => {
    if (value !== undefined) await moto.put(name, value);
    const rest = { host: '127.0.0.1', port: postgres.port, user: 'keeper' };
    const error = await streamsOf(postgresTask(name, rest), nothing).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({ kind: 'config', message: expect.stringMatching(message) });
    expect(`${(error as EngineError).stack}${(error as EngineError).fix}`).not.toContain('canary');
  },
  60_000,
);
