import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import type { RestoreReport } from '../../../lib/runner/restore/report';
import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import { postgresExtension } from '../../servers/programs';
import { databaseTask } from './database-task';
import { runHere, writeTask } from './program-run';
import type { Host } from './program-run';

/** A database with the real pg_cron, whose extension can be made under one name only and whose jobs run by themselves. */

jest.setTimeout(120_000);

let source: PostgresServer;
let target: PostgresServer;
let plain: PostgresServer;
let folder: string;

const COMMAND = `SELECT E'a\\tb\\\\n', 'it''s; "quoted"', $$ü
second line$$`;

const SETUP = `
  CREATE EXTENSION pg_cron;
  CREATE ROLE scheduler;
  CREATE TABLE kept (id int PRIMARY KEY, note text);
  INSERT INTO kept VALUES (1, 'COPY cron.job (jobid) FROM stdin;'), (2, E'\\\\.\\nGRANT USAGE ON SCHEMA cron TO public;');
  CREATE FUNCTION allow() RETURNS void LANGUAGE plpgsql AS $body$ BEGIN
GRANT USAGE ON SCHEMA cron TO scheduler;
  END $body$;
  GRANT USAGE ON SCHEMA cron TO scheduler;
  GRANT EXECUTE ON FUNCTION cron.schedule(text, text) TO scheduler;
  INSERT INTO cron.job (schedule, command, nodeport, active, jobname) VALUES
    ('* * * * *', 'DELETE FROM kept', 1, true, 'every minute'), ('0 3 * * *', 'VACUUM', 1, false, 'off before'),
    ('1 3 * * *', $command$${COMMAND}$command$, 1, true, NULL);
  UPDATE cron.job SET database = 'elsewhere' WHERE jobid = 3;`;

const JOBS = `SELECT jsonb_agg(to_jsonb(j) - 'nodeport' - 'active' ORDER BY jobid) FROM cron.job j`;
const ACTIVE = `SELECT string_agg(jobid || ' ' || active || ' ' || (nodeport = current_setting('port')::int), ', ' ORDER BY jobid) FROM cron.job`;
const RIGHTS = `SELECT has_schema_privilege('scheduler', 'cron', 'USAGE'), has_function_privilege('scheduler', 'cron.schedule(text, text)', 'EXECUTE')`;
const OWN = "SELECT k::text FROM kept k ORDER BY id; SELECT prosrc FROM pg_proc WHERE proname = 'allow'";

const cronOf = (database: string) => ({
  settings: { shared_preload_libraries: postgresExtension('pg_cron'), 'cron.database_name': database },
});

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-cron-'));
  [source, target, plain] = await Promise.all([
    startPostgres(cronOf('shop')),
    startPostgres(cronOf('again')),
    startPostgres(),
  ]);
  await source.sql('CREATE DATABASE shop');
  await source.sql(SETUP, 'shop');
}, 120_000);

afterAll(async () => {
  await Promise.all([source.stop(), target.stop(), plain.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

async function restored(format: string, server: PostgresServer, name: string, options: readonly string[] = []) {
  const own = mkdtempSync(path.join(folder, `${format}-`));
  mkdirSync(path.join(own, 'state'));
  const host: Host = { folder: own, state: path.join(own, 'state'), environment: { ...source.environment } };
  const task: TaskManifest = databaseTask('postgresql', 'shop', {
    local: { id: 'local', from: [], path: path.join(own, 'local') },
    options: { format, parallel_jobs: 2 },
  });
  const file = writeTask(host, task);
  for (const argv of [
    ['backup', '--type', 'full'],
    ['verify', '--quick'],
  ])
    expect(await runHere(host, [...argv, '--task', file])).toMatchObject({ exit: EXIT.success, stderr: '' });
  const environment = { PATH: process.env.PATH, HYPDR_RESTORE_PASSWORD: server.password };
  const to = `postgresql://${server.user}@127.0.0.1:${server.port}/${name}`;
  const words = ['restore', '--task', file, '--format', 'json', '--target', to, '--globals', ...options];
  const ran = await runHere(host, words, { environment });
  return JSON.parse(ran.stdout) as RestoreReport;
}

test('a role that does not see all of its jobs is told so before anything starts', async () => {
  await source.sql("CREATE ROLE reader LOGIN PASSWORD 'reader'; GRANT pg_read_all_data TO reader");
  const own = path.join(folder, 'reader');
  mkdirSync(own);
  const environment = { ...source.environment, PGUSER: 'reader', PGPASSWORD: 'reader' };
  const host: Host = { folder: own, state: path.join(own, 'state'), environment };
  const local = { id: 'local', from: [], path: path.join(own, 'local') };
  const file = writeTask(host, databaseTask('postgresql', 'shop', { local }));
  const ran = await runHere(host, ['backup', '--type', 'full', '--task', file]);
  expect(ran.exit).toBe(EXIT.permanent);
  expect(ran.stderr).toContain(
    'database "shop": the role cannot read table cron.job, whose row security hides rows from this role',
  );
  await source.sql('DROP ROLE reader');
});

test('what is built on its tables ends the restore, with the way to all the rest', async () => {
  await source.sql('CREATE VIEW jobs AS SELECT jobid FROM cron.job', 'shop');
  const report = await restored('custom', plain, 'built');
  expect([report.exit, report.why]).toEqual([EXIT.permanent, expect.stringMatching(/recipe in _recovery\/ goes on/)]);
  expect(await plain.sql("SELECT datname FROM pg_database WHERE datname IN ('built') OR datname LIKE 'hypdr%'")).toBe(
    '',
  );
  await source.sql('DROP VIEW jobs', 'shop');
});

describe.each(['custom', 'directory', 'tar', 'plain'])('of a dump in format %s', (format) => {
  test('everything comes back but pg_cron, which its statements bring back as it was, each job by itself', async () => {
    const report = await restored(format, target, 'again');
    expect([report.why, report.exit]).toEqual([undefined, EXIT.success]);
    expect(await target.sql(OWN, 'again')).toBe(await source.sql(OWN, 'shop'));
    expect(await target.sql("SELECT to_regnamespace('cron') IS NULL", 'again')).toBe('t\n');
    expect(report.held.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'extension again: pg_cron',
      'job again: job 1 of pg_cron',
      'job again: job 3 of pg_cron',
    ]);

    const [extension, ...jobs] = report.held.map(({ release }) => release);
    await target.sql(`${extension}`, 'again');
    expect(await target.sql(ACTIVE, 'again')).toBe('1 false true, 2 false true, 3 false true\n');
    // Jobs of the database itself are those of the restored one now.
    const before = (await source.sql(JOBS, 'shop')).replaceAll('"database": "shop"', '"database": "again"');
    expect(await target.sql(JOBS, 'again')).toBe(before);
    expect(before).toContain('"database": "elsewhere"');
    expect(await target.sql(`${RIGHTS}; SELECT nextval('cron.jobid_seq')`, 'again')).toBe('t|t\n4\n');
    for (const job of jobs.slice(1)) await target.sql(job, 'again');
    expect(await target.sql(ACTIVE, 'again')).toBe('1 false true, 2 false true, 3 true true\n');
    await target.sql('DROP DATABASE again WITH (FORCE)');
  });

  test('it comes back on a server that has no pg_cron, without owners and rights too', async () => {
    const report = await restored(format, plain, 'copy', ['--no-owners']);
    expect([report.why, report.exit]).toEqual([undefined, EXIT.success]);
    expect(await plain.sql(OWN, 'copy')).toBe(await source.sql(OWN, 'shop'));
    expect(report.held[0]?.release).not.toMatch(/GRANT/);
    await plain.sql('DROP DATABASE copy');
  });
});
