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

/** Each of another kind, and things that are built on these. */
const BUILT = `
  CREATE VIEW jobs AS SELECT jobid, command FROM cron.job;
  CREATE VIEW "of jobs" AS SELECT count(*) AS n FROM jobs;
  COMMENT ON VIEW "of jobs" IS $$it's
--
-- PostgreSQL database dump complete
--
-- Name: kept; Type: TABLE; Schema: public; Owner: nobody
--
$$;
  GRANT SELECT ON "of jobs" TO scheduler;
  CREATE VIEW mine AS SELECT n FROM "of jobs";
  ALTER VIEW mine OWNER TO scheduler;
  CREATE FUNCTION first_job() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT min(jobid) FROM cron.job; END;
  SET check_function_bodies = off;
  CREATE FUNCTION named(one cron.job) RETURNS text LANGUAGE sql AS 'SELECT jobname FROM not_there_yet';
  CREATE FUNCTION cron.own() RETURNS int LANGUAGE sql AS 'SELECT 1';
  GRANT EXECUTE ON FUNCTION cron.own() TO scheduler;
  ALTER DEFAULT PRIVILEGES IN SCHEMA cron GRANT SELECT ON TABLES TO scheduler;
  CREATE MATERIALIZED VIEW counted AS SELECT jobid, first_job() AS first FROM jobs;
  CREATE UNIQUE INDEX counted_once ON counted (jobid);
  CREATE TABLE owners (job bigint REFERENCES cron.job, who text);
  INSERT INTO owners VALUES (3, 'ann');
  CREATE RULE noted AS ON DELETE TO owners DO ALSO DELETE FROM cron.job WHERE jobid = OLD.job;
  INSERT INTO cron.job (schedule, command, active) VALUES ('2 3 * * *', 'SELECT first_job()', true);
  REFRESH MATERIALIZED VIEW counted`;

const LIKE_IT = `
  SELECT viewname, viewowner, definition FROM pg_views WHERE schemaname = 'public' ORDER BY 1;
  SELECT matviewname, definition, ispopulated FROM pg_matviews; SELECT * FROM counted ORDER BY 1; SELECT * FROM "of jobs";
  SELECT obj_description('"of jobs"'::regclass), has_table_privilege('scheduler', '"of jobs"', 'SELECT');
  SELECT proname, prosrc, pg_get_function_arguments(oid), proacl FROM pg_proc WHERE proname IN ('first_job', 'named', 'own') ORDER BY 1;
  SELECT first_job(), cron.own(); SELECT defaclacl FROM pg_default_acl; SELECT indexdef FROM pg_indexes WHERE indexname = 'counted_once';
  SELECT conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint WHERE conname = 'owners_job_fkey';
  SELECT rulename, definition FROM pg_rules WHERE tablename = 'owners'; SELECT * FROM owners`;

describe('what is built on its tables', () => {
  beforeAll(async () => {
    await source.sql(BUILT, 'shop');
  });

  // As it was before: the next tests have their own.
  afterAll(async () => {
    await source.sql(
      `DROP TABLE owners; DROP MATERIALIZED VIEW counted; DROP VIEW mine, "of jobs", jobs; DROP FUNCTION first_job, named, cron.own;
       ALTER DEFAULT PRIVILEGES IN SCHEMA cron REVOKE SELECT ON TABLES FROM scheduler; DELETE FROM cron.job WHERE jobid = 4;
       SELECT setval('cron.jobid_seq', 3)`,
      'shop',
    );
  });

  test.each(['custom', 'directory', 'tar'])(
    'stays out with it and comes back after it, in format %s',
    async (format) => {
      const report = await restored(format, target, 'again');
      expect([report.why, report.exit]).toEqual([undefined, EXIT.success]);
      expect(await target.sql(OWN, 'again')).toBe(await source.sql(OWN, 'shop'));
      expect(await target.sql('SELECT * FROM owners', 'again')).toBe('3|ann\n');
      expect(await target.sql("SELECT to_regclass('jobs'), to_regclass('counted')", 'again')).toBe('|\n');
      const kinds = report.held.map(({ kind }) => kind);
      expect(kinds).toEqual(['extension', ...Array<string>(kinds.length - 4).fill('dependant'), 'job', 'job', 'job']);
      for (const { release } of report.held.slice(0, -3)) await target.sql(release, 'again');
      expect(await target.sql(LIKE_IT, 'again')).toBe(await source.sql(LIKE_IT, 'shop'));
      expect(await target.sql('SELECT count(*) FROM cron.job WHERE active', 'again')).toBe('0\n');
      await target.sql('DROP DATABASE again WITH (FORCE)');
    },
  );

  test('has no owners and rights where these are left out', async () => {
    const report = await restored('custom', plain, 'copy', ['--no-owners']);
    expect([report.why, report.exit]).toEqual([undefined, EXIT.success]);
    const releases = report.held.map(({ release }) => release);
    expect(releases.join('\n')).toContain('CREATE VIEW public.jobs');
    expect(releases.join('\n')).not.toMatch(/^(GRANT|REVOKE|ALTER .* OWNER TO|ALTER DEFAULT)/m);
    expect(releases).not.toContain('');
    await plain.sql('DROP DATABASE copy');
  });

  test('ends the restore of a plain dump, which does not say what it is', async () => {
    const report = await restored('plain', plain, 'built');
    expect([report.exit, report.why]).toEqual([EXIT.permanent, expect.stringMatching(/with format: "custom"/)]);
    expect(await built()).toBe('');
  });

  test('ends the restore where rows would stay out with it', async () => {
    await source.sql("CREATE TABLE numbered (id bigint DEFAULT nextval('cron.jobid_seq'))", 'shop');
    const report = await restored('custom', plain, 'built');
    expect([report.exit, report.why]).toEqual([
      EXIT.permanent,
      expect.stringMatching(
        /and this can't: TABLE public numbered postgres, TABLE DATA public numbered postgres; the recipe/,
      ),
    ]);
    expect(await built()).toBe('');
    await source.sql('DROP TABLE numbered', 'shop');
  });

  const built = () => plain.sql("SELECT datname FROM pg_database WHERE datname = 'built' OR datname LIKE 'hypdr%'");
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
