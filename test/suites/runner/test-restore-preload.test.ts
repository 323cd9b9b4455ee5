import { chmodSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { decodeManifest } from '../../../lib/runner/manifest';
import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import { postgresExtension } from '../../servers/programs';
import { databaseTask } from './database-task';
import { runHere } from './program-run';
import { openFolder, take, testHost, testRestore, verdicts } from './test-restore-host';
import type { TestHost } from './test-restore-host';

/**
 * Extensions whose library a server has to load at its start: pgaudit can't be made without it, and what asks the functions
 * of pg_stat_statements, such as the refresh of a view, fails. The server of a test restore loads what the source did.
 */

jest.setTimeout(180_000);

let source: PostgresServer;
let folder: string;

const LIBRARIES = ['pg_cron', 'auto_explain', 'pgaudit', 'pg_stat_statements'];

const SETUP = `
  CREATE EXTENSION pgaudit; CREATE EXTENSION pg_stat_statements; CREATE EXTENSION hstore; CREATE EXTENSION pg_cron;
  CREATE TABLE t AS SELECT generate_series(1, 10) AS n;
  CREATE MATERIALIZED VIEW slow AS SELECT queryid, query FROM pg_stat_statements;
  INSERT INTO cron.job (schedule, command, active) VALUES ('* * * * *', 'DELETE FROM t', true)`;

beforeAll(async () => {
  folder = openFolder('test-preload');
  const shared = LIBRARIES.map(postgresExtension).join(', ');
  source = await startPostgres({ settings: { shared_preload_libraries: shared, 'cron.database_name': 'bank' } });
  await source.sql('CREATE DATABASE bank');
  await source.sql(SETUP, 'bank');
}, 180_000);

afterAll(async () => {
  await source.stop();
  rmSync(folder, { recursive: true, force: true });
});

const queries = [
  'SELECT count(*) > 0 FROM pg_stat_statements',
  // What was loaded starts nothing by itself.
  "SELECT bool_and(backend_type IN ('client backend', 'checkpointer', 'background writer', 'walwriter')) FROM pg_stat_activity",
  "SELECT count(*) = 0 FROM pg_extension WHERE extname = 'pg_cron'",
];

function hostOf(name: string, environment: Readonly<Record<string, string>> = {}): TestHost {
  const local = { id: 'local', from: [], path: path.join(folder, name, 'local') };
  const validation = { id: 'v', from: [], checksum: true, cadence: { kind: 'weekly' }, queries } as const;
  const changes: Partial<TaskManifest> = { local, validation };
  return testHost(folder, name, databaseTask('postgresql', 'bank', changes), { ...source.environment, ...environment });
}

function manifestOf({ host }: TestHost): string {
  const local = path.join(host.folder, 'local');
  return path.join(local, readdirSync(local).find((name) => name.endsWith('.manifest.json')) ?? '');
}

/** A manifest that somebody verified, and that says something else. */
async function change(one: TestHost, before: string, after: string): Promise<void> {
  const file = manifestOf(one);
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(before);
  chmodSync(file, 0o600);
  writeFileSync(file, text.replace(before, after));
  rmSync(path.join(one.host.folder, 'local/_verified'), { recursive: true });
  expect((await runHere(one.host, ['verify', '--quick', '--task', one.file])).exit).toBe(EXIT.success);
}

test('the manifest names those of extensions in use, and the server of a test restore loads them', async () => {
  const one = hostOf('green');
  await take(one);
  const manifest = decodeManifest(readFileSync(manifestOf(one)));
  expect('why' in manifest ? manifest.why : manifest.manifest.source.position.preload).toBe(
    'pgaudit,pg_stat_statements',
  );
  const { exit, record } = await testRestore(one);
  expect([exit, record.why]).toEqual([EXIT.success, undefined]);
  expect(verdicts(record)).toEqual(
    expect.arrayContaining(['passed count bank: public.t: 10 rows', ...queries.map((one) => `passed query ${one}`)]),
  );
});

test('one that is not installed where the test runs is named, with the way to it', async () => {
  const one = hostOf('lacking');
  await take(one);
  await change(one, 'pgaudit,pg_stat_statements', 'pgaudit,timescaledb');
  const { exit, record } = await testRestore(one);
  expect([exit, record.why]).toEqual([
    EXIT.permanent,
    expect.stringMatching(
      /^the server here has no library timescaledb; .*: pgaudit, timescaledb; install it .*deployment\.image\.packages$/,
    ),
  ]);
});

test('a name that leads out of the folder of libraries is loaded by nobody', async () => {
  const one = hostOf('forged');
  await take(one);
  await change(one, 'pgaudit,pg_stat_statements', '../pgaudit,/tmp/pgaudit,pgaudit,pg_stat_statements');
  expect((await testRestore(one)).exit).toBe(EXIT.success);
});

test('a role that may not see the setting takes backups whose test says what it lacks', async () => {
  await source.sql(
    `CREATE ROLE reader LOGIN BYPASSRLS PASSWORD 'reader'; GRANT pg_read_all_data TO reader;
     GRANT USAGE ON SCHEMA cron TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA cron TO reader; GRANT SELECT ON ALL SEQUENCES IN SCHEMA cron TO reader`,
    'bank',
  );
  const own = { PGUSER: 'reader', PGPASSWORD: 'reader' };
  const blind = hostOf('blind', own);
  await take(blind);
  const { exit, record, stderr } = await testRestore(blind);
  expect([exit, record.result]).toEqual([EXIT.permanent, 'failed']);
  expect(stderr).toMatch(/pgaudit must be loaded via .*pg_read_all_settings took/s);

  await source.sql('GRANT pg_read_all_settings TO reader');
  const seeing = hostOf('seeing', own);
  await take(seeing);
  expect((await testRestore(seeing)).record.result).toBe('passed');
});
