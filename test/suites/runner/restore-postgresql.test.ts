import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import type { RestoreReport } from '../../../lib/runner/restore/report';
import { startAzureStore, startGcsStore, startS3Store } from '../../servers/cloud-store';
import type { CloudStore } from '../../servers/cloud-store';
import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import { systemProgram } from '../../servers/programs';
import { databaseTask } from './database-task';
import { runHere, writeTask } from './program-run';
import type { Host } from './program-run';

/** PostgreSQL from each kind of store onto another server by `restore`, compared with the source object by object. */

jest.setTimeout(180_000);

let source: PostgresServer;
let target: PostgresServer;
let stores: readonly CloudStore[];
let folder: string;

const AWKWARD = readFileSync(path.join(__dirname, 'awkward.sql'), 'utf8');
const MORE = `
  CREATE ROLE reader; CREATE ROLE owner_of_all; GRANT reader TO app_owner;
  ALTER DATABASE bank SET work_mem = '5MB';
  ALTER ROLE reader IN DATABASE bank SET work_mem = '6MB';
  REVOKE CONNECT ON DATABASE bank FROM PUBLIC; GRANT CONNECT ON DATABASE bank TO reader;
  COMMENT ON DATABASE bank IS 'it''s; a
comment';
  ALTER DATABASE bank OWNER TO owner_of_all;
  GRANT SELECT ON accounts TO reader; ALTER TABLE texts OWNER TO app_owner;
  CREATE PUBLICATION everything FOR ALL TABLES;
  CREATE SUBSCRIPTION elsewhere CONNECTION 'host=127.0.0.1 port=1 dbname=none' PUBLICATION p WITH (connect = false, slot_name = 'elsewhere');
  ALTER SUBSCRIPTION elsewhere ENABLE;
  CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; END $$;
  CREATE EVENT TRIGGER watched ON ddl_command_start EXECUTE FUNCTION refuse();`;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-restore-pg-'));
  [source, target, ...stores] = await Promise.all([
    startPostgres({ settings: { wal_level: 'logical' } }),
    startPostgres({ settings: { wal_level: 'logical' } }),
    ...[startS3Store(), startAzureStore(), startGcsStore()],
  ]);
  for (const store of stores) await store.makeBucket('bank');
  await source.sql('CREATE DATABASE bank');
  await source.sql(AWKWARD, 'bank');
  await source.sql(MORE, 'bank');
}, 180_000);

afterAll(async () => {
  await Promise.all([source.stop(), target.stop(), ...stores.map((one) => one.stop())]);
  rmSync(folder, { recursive: true, force: true });
});

/** They are the server's, each of one database. */
const SUBSCRIPTIONS =
  'SELECT subname FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())';

/** Nothing of the restore before. */
beforeEach(async () => {
  const names = await target.sql(
    "SELECT datname FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1')",
  );
  for (const name of names.split('\n').filter((one) => one !== '')) {
    for (const sub of (await target.sql(SUBSCRIPTIONS, name)).split('\n').filter((one) => one !== ''))
      await target.sql(
        `ALTER SUBSCRIPTION ${sub} DISABLE; ALTER SUBSCRIPTION ${sub} SET (slot_name = NONE); DROP SUBSCRIPTION ${sub}`,
        name,
      );
    await target.sql(`DROP DATABASE "${name}"`);
  }
  await target.sql('DROP ROLE IF EXISTS app_owner, reader, owner_of_all');
});

/** A task with a backup of its own everywhere it may lie, verified. */
async function backedUp(name: string, changes: Partial<TaskManifest> = {}, clouds: readonly CloudStore[] = []) {
  const own = path.join(folder, name);
  mkdirSync(own);
  const environment = Object.assign({}, source.environment, ...clouds.map((one) => one.environment)) as Record<
    string,
    string
  >;
  const host: Host = { folder: own, state: path.join(own, 'state'), environment };
  const local = { id: 'local', from: [], path: path.join(own, 'local') };
  const task = databaseTask('postgresql', 'bank', {
    stores: clouds.map((one) => one.target('bank', `${name}/`)),
    local,
    ...changes,
  });
  const file = writeTask(host, task);
  for (const argv of [
    ['backup', '--type', 'full'],
    ['verify', '--quick'],
  ]) {
    const ran = await runHere(host, [...argv, '--task', file]);
    expect([argv[0], ran.exit, ran.stderr]).toEqual([argv[0], EXIT.success, '']);
  }
  return { host, file };
}

type Backed = Awaited<ReturnType<typeof backedUp>>;

const url = (database = '') => `postgresql://${target.user}@127.0.0.1:${target.port}/${database}`;

async function restore({ host, file }: Backed, argv: readonly string[], to = url()) {
  // The source's own variables are there, and lead nowhere.
  const environment = { PATH: process.env.PATH, ...host.environment, HYPDR_RESTORE_PASSWORD: target.password };
  const ran = await runHere(host, ['restore', '--task', file, '--format', 'json', '--target', to, ...argv], {
    environment,
  });
  const report = JSON.parse(ran.stdout) as RestoreReport;
  expect(ran.stdout + ran.stderr).not.toContain(target.password);
  expect(await target.sql("SELECT datname FROM pg_database WHERE datname LIKE 'hypdr%'")).toBe('');
  return report;
}

/** All that pg_dump knows of a database, without what is another one in each dump. */
function dumpOf(server: PostgresServer, database: string): string {
  const text = execFileSync(systemProgram('pg_dump'), ['--create', `--dbname=${database}`], {
    env: { PATH: process.env.PATH, ...server.environment },
    maxBuffer: 1024 ** 3,
  }).toString();
  return text
    .replace(/^\\(un)?restrict .*$/gm, '')
    .replaceAll(`DATABASE ${database} `, 'DATABASE bank ')
    .replaceAll(`DATABASE ${database};`, 'DATABASE bank;')
    .replaceAll(`dbname='${database}'`, 'dbname=bank')
    .replaceAll(`\\connect ${database}`, '\\connect bank')
    .replaceAll(`Name: ${database};`, 'Name: bank;')
    .replaceAll(`Name: DATABASE ${database}`, 'Name: DATABASE bank');
}

test('comes back from each of four kinds of stores as it was, roles too, and does nothing by itself', async () => {
  const backed = await backedUp('everywhere', {}, stores);
  const before = dumpOf(source, 'bank');
  for (const [index, store] of ['s3', 'azure', 'gcs', 'local'].entries()) {
    const report = await restore(
      backed,
      ['--store', store, ...(index === 0 ? ['--globals'] : []), '--database', 'bank'],
      url(`back${index}`),
    );
    expect([report.exit, report.why, report.warnings, report.store]).toEqual([EXIT.success, undefined, [], store]);
    expect(dumpOf(target, `back${index}`)).toBe(before);
    expect(report.held).toEqual([
      { kind: 'subscription', name: `back${index}.elsewhere`, release: 'ALTER SUBSCRIPTION "elsewhere" ENABLE' },
    ]);
    expect(await target.sql('SELECT subenabled FROM pg_subscription', `back${index}`)).not.toContain('t');
  }
  const members =
    "SELECT r.rolname, m.rolname FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member WHERE r.rolname = 'reader'";
  expect(await target.sql(members)).toBe(await source.sql(members));
  const password = "SELECT rolname, rolpassword FROM pg_authid WHERE rolname = 'app_owner'";
  expect(await target.sql(password)).toBe(await source.sql(password));
  // The target's own role keeps its password: this session has it.
  const analyzed = "SELECT count(*) FROM pg_class WHERE relname IN ('accounts', 'texts') AND reltuples >= 0";
  expect((await target.sql(analyzed, 'back3')).trim()).toBe('2');
});

test.each([
  ['custom', { format: 'custom', parallel_jobs: 4 }],
  ['custom, not compressed', { format: 'custom', compression: false }],
  ['directory', { format: 'directory', parallel_jobs: 4 }],
  ['tar', { format: 'tar' }],
])('the format %s', async (name, options) => {
  const backed = await backedUp(name.replace(/\W/g, ''), { options });
  const report = await restore(backed, ['--globals']);
  expect([report.exit, report.why]).toEqual([EXIT.success, undefined]);
  expect(dumpOf(target, 'bank')).toBe(dumpOf(source, 'bank'));
});

test('the format plain, which says nothing of the database itself', async () => {
  const backed = await backedUp('plain', { options: { format: 'plain' } });
  const report = await restore(backed, ['--globals']);
  expect([report.exit, report.why]).toEqual([EXIT.success, undefined]);
  expect(report.notes).toContainEqual(expect.stringContaining('a plain dump says nothing of'));
  const rows = (server: PostgresServer) =>
    dumpOf(server, 'bank')
      .replace(/^[^]*?-- Name: odd schema;/, '')
      .replace(/-- Name: DATABASE bank; Type: ACL[^]*?(?=-- Name: TABLE)/, '');
  expect(rows(target)).toBe(rows(source));
});

test.each(['custom', 'plain', 'directory'])(
  'keys whose rows are not in a %s backup come back as NOT VALID',
  async (format) => {
    const backed = await backedUp(`excluded-${format}`, { options: { format, exclude_tables: ['temp_*'] } });
    const report = await restore(backed, ['--globals']);
    expect([report.exit, report.why]).toEqual([EXIT.degraded, undefined]);
    expect(report.warnings).toEqual([expect.stringContaining('NOT VALID: public.logins: logins_session_fk')]);
    expect(
      (await target.sql("SELECT convalidated FROM pg_constraint WHERE conname = 'logins_session_fk'", 'bank')).trim(),
    ).toBe('f');
    expect((await target.sql('SELECT count(*) FROM logins', 'bank')).trim()).toBe('30');
  },
);

describe('what is there', () => {
  let backed: Backed;
  beforeAll(async () => (backed = await backedUp('there')));

  test('is not touched without its name, and renamed with it, whoever is connected', async () => {
    await target.sql('CREATE DATABASE bank');
    await target.sql('CREATE TABLE mine (id int); INSERT INTO mine VALUES (7)', 'bank');
    const refused = await restore(backed, ['--globals', '--replace', 'other']);
    expect([refused.exit, refused.why]).toEqual([
      EXIT.permanent,
      expect.stringContaining('the target has "bank", and not empty'),
    ]);
    expect((await target.sql('SELECT id FROM mine', 'bank')).trim()).toBe('7');
    const sleeping = target.sql('SELECT pg_sleep(600)', 'bank').catch(() => 'ended');
    const report = await restore(backed, ['--globals', '--replace', 'bank']);
    expect([report.exit, report.why]).toEqual([EXIT.success, undefined]);
    expect(await sleeping).toBe('ended');
    expect(dumpOf(target, 'bank')).toBe(dumpOf(source, 'bank'));
    const [, old = ''] = /"(bank_before_[^"]*)"/.exec(report.notes.join()) ?? [];
    expect((await target.sql('SELECT id FROM mine', old)).trim()).toBe('7');
  });

  test('is no matter where it is empty', async () => {
    await target.sql('CREATE DATABASE bank');
    expect((await restore(backed, ['--globals'])).exit).toBe(EXIT.success);
    expect(await target.sql("SELECT datname FROM pg_database WHERE datname LIKE 'bank%'")).toBe('bank\n');
  });

  test('under a staging name is what a killed restore left, subscriptions and all', async () => {
    await restore(backed, ['--globals']);
    const { stagingName } = await import('../../../lib/runner/restore/postgresql-place.js');
    await target.sql(`ALTER DATABASE bank RENAME TO ${stagingName('bank')}`);
    expect((await restore(backed, [])).exit).toBe(EXIT.success);
    expect(dumpOf(target, 'bank')).toBe(dumpOf(source, 'bank'));
  });
});

/** The table as the extension makes it, row security and all: https://github.com/citusdata/pg_cron/blob/main/pg_cron.sql */
const CRON = `
  CREATE SCHEMA cron; CREATE SEQUENCE cron.jobid_seq;
  CREATE TABLE cron.job (
    jobid bigint PRIMARY KEY DEFAULT nextval('cron.jobid_seq'), schedule text NOT NULL, command text NOT NULL,
    nodename text NOT NULL DEFAULT 'localhost', nodeport int NOT NULL DEFAULT inet_server_port(),
    database text NOT NULL DEFAULT current_database(), username text NOT NULL DEFAULT current_user,
    active boolean NOT NULL DEFAULT true, jobname text);
  GRANT USAGE ON SCHEMA cron TO public; GRANT SELECT ON cron.job TO public;
  ALTER TABLE cron.job ENABLE ROW LEVEL SECURITY;
  CREATE POLICY cron_job_policy ON cron.job USING (username = CURRENT_USER);
  INSERT INTO cron.job (schedule, command, active, jobname, username) VALUES
    ('0 3 * * *', 'DELETE FROM kept', true, 'nightly', 'app_owner'), ('1 3 * * *', 'VACUUM', false, 'off before', 'postgres'),
    ('5 seconds', 'CALL send_mails()', true, NULL, 'postgres');`;

test('jobs of pg_cron come back switched off, each with what lets it go', async () => {
  await source.sql('CREATE DATABASE timed');
  await source.sql(`CREATE TABLE kept (id int); INSERT INTO kept VALUES (1); ${CRON}`, 'timed');
  const active = 'SELECT jobid, active FROM cron.job ORDER BY 1';
  const before = await source.sql(active, 'timed');
  const backed = await backedUp('timed', {
    source: { kind: 'database', database: 'timed', secret: 'test', environment: [] },
  });
  const report = await restore(backed, ['--globals'], url('again'));
  expect([report.exit, report.why]).toEqual([EXIT.success, undefined]);
  expect(report.held).toEqual(
    [1, 3].map((id) => ({
      kind: 'job',
      name: `again: job ${id} of pg_cron`,
      release: `UPDATE cron.job SET active = true WHERE jobid = ${id}`,
    })),
  );
  expect(await target.sql(active, 'again')).toBe('1|f\n2|f\n3|f\n');
  for (const { release } of report.held) await target.sql(release, 'again');
  expect(await target.sql(active, 'again')).toBe(before);
  await source.sql('DROP DATABASE timed');
});

test('what the server refuses leaves nothing in place, and the way to all the rest is said', async () => {
  await source.sql('CREATE DATABASE odd');
  // It finds its table by a search path that no restore has.
  const view = `CREATE TABLE counted (id int); INSERT INTO counted VALUES (1);
    CREATE FUNCTION number() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM counted';
    CREATE MATERIALIZED VIEW numbers AS SELECT number()`;
  await source.sql(view, 'odd');
  for (const format of ['custom', 'plain']) {
    const of = { kind: 'database', database: 'odd', secret: 'test', environment: [] } as const;
    const backed = await backedUp(`odd-${format}`, { source: of, options: { format } });
    const { exit, why } = await restore(backed, ['--globals'], url('odd'));
    expect([exit, why]).toEqual([
      EXIT.retry,
      expect.stringMatching(/"counted" does not exist[^]*recipe in _recovery\//),
    ]);
    expect(await target.sql("SELECT datname FROM pg_database WHERE datname = 'odd'")).toBe('');
  }
  await source.sql('DROP DATABASE odd');
});

describe('what cannot work is said before a byte is read', () => {
  let backed: Backed;
  beforeAll(async () => (backed = await backedUp('wrong')));

  test('a password in the URL, another scheme, no URL', async () => {
    const why = async (to: string) => {
      const { exit, why: said, steps } = await restore(backed, [], to);
      expect([exit, steps]).toEqual([EXIT.permanent, []]);
      return said;
    };
    expect(await why(url().replace('@', ':hunter22@'))).toMatch(
      /^--target has a password in it; .*HYPDR_RESTORE_PASSWORD$/,
    );
    expect(await why('mysql://root@127.0.0.1/')).toContain('is of mysql://');
    expect(await why('bank')).toContain('is no URL');
    expect(await why(url().replace(`${target.user}@`, 'nobody@'))).toContain('check user, password');
    expect(await why(`${url()}?sslmode=verify-full`)).toContain('SSL');
  });

  test('databases that the backup does not have', async () => {
    const report = await restore(backed, ['--database', 'other']);
    expect([report.exit, report.why]).toEqual([EXIT.permanent, 'the backup has no database other; it has bank']);
  });
});

test('roles that are not there are told of, with both ways out', async () => {
  const backed = await backedUp('roles');
  const refused = await restore(backed, []);
  expect([refused.exit, refused.why]).toEqual([
    EXIT.permanent,
    expect.stringMatching(/does not exist[^]*--globals.*--no-owners/),
  ]);
  const report = await restore(backed, ['--no-owners']);
  expect([report.exit, report.why]).toEqual([EXIT.success, undefined]);
  expect(await target.sql("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'", 'bank')).toBe(
    'postgres\n',
  );
});

test('all databases of a server come back together, the one called postgres too, or those that are chosen', async () => {
  await source.sql('CREATE DATABASE "Odd name"');
  await source.sql('CREATE TABLE t (id int); INSERT INTO t VALUES (3)', 'Odd name');
  await source.sql('CREATE TABLE kept (id int); INSERT INTO kept VALUES (5)', 'postgres');
  const backed = await backedUp('server', { source: { kind: 'database', secret: 'test', environment: [] } });
  const refused = await restore(backed, ['--globals'], url('one'));
  expect([refused.exit, refused.why]).toEqual([
    EXIT.permanent,
    'the backup has 3 databases, and --target names one; choose one by --database: Odd name, bank, postgres',
  ]);
  const report = await restore(backed, ['--globals']);
  expect([report.exit, report.why]).toEqual([EXIT.success, undefined]);
  expect(await target.sql('SELECT id FROM t', 'Odd name')).toBe('3\n');
  expect(await target.sql('SELECT id FROM kept', 'postgres')).toBe('5\n');
  expect(dumpOf(target, 'bank')).toBe(dumpOf(source, 'bank'));
  const one = await restore(backed, ['--database', 'Odd name'], url('chosen'));
  expect([one.exit, one.why]).toEqual([EXIT.success, undefined]);
  expect(await target.sql('SELECT id FROM t', 'chosen')).toBe('3\n');
  await source.sql('DROP TABLE kept', 'postgres');
  await source.sql('DROP DATABASE "Odd name"');
});

test('a dry run names every step and touches nothing', async () => {
  const backed = await backedUp('dry');
  const report = await restore(backed, ['--dry-run', '--globals'], url('elsewhere'));
  expect(report.exit).toBe(EXIT.success);
  expect(report.plan.join('\n')).toMatch(
    /read 1 backups, .* from local[^]*make the roles[^]*restore "bank" as hypdr_restoring_[^]*rename it to "elsewhere"/,
  );
  expect(await target.sql("SELECT count(*) FROM pg_database WHERE datname = 'elsewhere'")).toBe('0\n');
});
