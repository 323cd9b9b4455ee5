import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import type { TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { slotOf } from '../../../lib/runner/slot';
import { startMariadb } from '../../servers/mariadb';
import { startMinio } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import pins from '../../servers/pins.json';
import { postgresExtension, systemProgram } from '../../servers/programs';
import { createBucket } from '../../servers/s3';
import { databaseTask } from './database-task';
import { fileTask } from './file-task';
import { expectSameFiles } from './plain-restore';
import { bundleRunner, startRunner, writeTask } from './program-run';
import type { Host } from './program-run';

/** A machine that has nothing of ours: what lies in the store, its recipe as it is written, and plain tools. */

let minio: MinioServer;
let postgres: PostgresServer;
let folder: string;
let program: string;
beforeAll(async () => {
  [minio, postgres] = await Promise.all([startMinio(), startPostgres()]);
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-recovery-'));
  program = bundleRunner(folder);
}, 180_000);
afterAll(async () => {
  await Promise.all([minio.stop(), postgres.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const HOUR = 3_600_000;

const TOOLS = [
  ...[
    'bash',
    'jq',
    'sha256sum',
    'date',
    'gzip',
    'zstd',
    'tar',
    'cat',
    'cp',
    'cut',
    'find',
    'grep',
    'head',
    'mkdir',
    'mv',
    'rm',
    'sed',
  ],
  ...['sort', 'tail', 'awk', 'mawk', 'pg_restore', 'psql', 'createdb', 'mariadb', 'mariadb-binlog', 'age'],
];

/** The AWS command line, which is Python and needs its own surroundings: the user's, or that of `servers:install`. */
const INSTALLED = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'hypnoscript-dr/servers');
const AWS = `#!/bin/sh
export PATH='${process.env.PATH}:${INSTALLED}/awscli-${pins.awscli.version}/bin' HOME='${homedir()}'
exec aws "$@"
`;

/** An empty folder, a PATH with nothing but the tools of the recipe, and who may read the store. */
function blankMachine(name: string) {
  const home = path.join(folder, name);
  const bin = path.join(home, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const tool of TOOLS) symlinkSync(systemProgram(tool), path.join(bin, tool));
  writeFileSync(path.join(bin, 'aws'), AWS);
  chmodSync(path.join(bin, 'aws'), 0o755);
  const environment = { PATH: bin, HOME: home, ...minio.environment, ...postgres.environment };
  const bash = (script: string, more: Readonly<Record<string, string>> = {}) =>
    spawnSync(path.join(bin, 'bash'), ['--norc', '-euo', 'pipefail', '-c', script], {
      cwd: home,
      env: { ...environment, ...more },
      encoding: 'utf8',
    });
  return { home, bin, environment, bash };
}

type Blank = ReturnType<typeof blankMachine>;

/** All of `_recovery/`, and the one folder in it that has a recipe. */
function download({ home, bash }: Blank, bucket: string): string {
  const { status, stderr } = bash(`aws s3 cp --recursive --quiet s3://${bucket}/_recovery/ .`);
  expect([status, stderr]).toEqual([0, '']);
  const folders = readdirSync(home).filter((name) => /^[0-9a-f]{64}$/.test(name));
  const own = folders.filter((name) => readdirSync(path.join(home, name)).includes('recipe.md'));
  expect([folders.length, own.length]).toEqual([2, 1]);
  const [found = ''] = own;
  const sums = readFileSync(path.join(home, found, 'SHA256SUMS'));
  expect(createHash('sha256').update(sums).digest('hex')).toBe(found);
  return found;
}

/** The blocks of a recipe, as they are written. */
function blocksOf(recipe: string, kind: string): readonly string[] {
  return [...recipe.matchAll(/^```sh ?(.*)\n([^]*?)^```$/gm)].flatMap(([, of, text = '']) =>
    of === kind ? [text] : [],
  );
}

function runBlocks(
  { home, bash }: Blank,
  own: string,
  kind: string,
  more: Readonly<Record<string, string>> = {},
): void {
  const blocks = blocksOf(readFileSync(path.join(home, own, 'recipe.md'), 'utf8'), kind);
  expect(blocks.length).toBeGreaterThan(0);
  const { status, stdout, stderr } = bash(`cd ${own}\n${blocks.join('\n')}`, more);
  expect([status, status === 0 ? '' : stdout + stderr]).toEqual([0, '']);
}

async function call(host: Host, ...argv: string[]) {
  const ran = await startRunner(program, host, argv).ended;
  expect([argv[0], ran.exit, ran.exit === EXIT.success ? '' : ran.stderr]).toEqual([argv[0], EXIT.success, '']);
  return ran;
}

function hostAt(name: string, environment: Readonly<Record<string, string>>): Host {
  const own = path.join(folder, name);
  mkdirSync(own, { recursive: true });
  return { folder: own, state: path.join(own, 'state'), environment };
}

const storeOf = (bucket: string): TaskManifest['stores'][number] => ({
  ...{ id: 's3', from: [], store: 's3', cloud: 'aws', region: 'us-east-1' },
  bucket,
  path: `data/${bucket}/{year}/`,
});

test('a file chain comes back by the recipe with plain tools, and by the runner that lies there', async () => {
  await createBucket(minio, 'papers', 'versioned');
  const host = hostAt('papers', minio.environment);
  const source = path.join(host.folder, "it's a source");
  mkdirSync(path.join(source, 'sub'), { recursive: true });
  for (const name of ['a', 'b', 'sub/ü']) writeFileSync(path.join(source, name), name.repeat(1000));
  const task = writeTask(host, fileTask('papers', source, { stores: [storeOf('papers')] }));
  for (const [day, [type, change]] of (
    [
      ['full', () => undefined],
      ['incremental', () => rmSync(path.join(source, 'a'))],
      ['incremental', () => writeFileSync(path.join(source, 'c'), 'new')],
    ] as const
  ).entries()) {
    change();
    await call(
      host,
      'backup',
      '--task',
      task,
      '--type',
      type,
      '--slot',
      slotOf(new Date(Date.now() - (3 - day) * HOUR)),
    );
    const { events } = await call(host, 'verify', '--quick', '--task', task);
    const written = events.filter(({ event }) => event === 'recovery_written').length;
    // Twice when there was nothing: the runner, and what is the task's own.
    expect([type, written]).toEqual([type, type === 'full' ? 2 : 0]);
  }

  const blank = blankMachine('blank-papers');
  const own = download(blank, 'papers');
  runBlocks(blank, own, '');
  runBlocks(blank, own, 'plain');
  expectSameFiles(source, path.join(blank.home, own, 'restored', source));
  // Once more, as after a stop half way: nothing is listed twice.
  const streams = () => {
    const parts = path.join(blank.home, own, 'work/parts');
    return readdirSync(parts).map((part) => readFileSync(path.join(parts, part, 'streams.tsv'), 'utf8'));
  };
  const before = streams();
  expect(before).toHaveLength(3);
  mkdirSync(path.join(blank.home, own, 'work/parts/000001-of-another'));
  expect(
    blank.bash(`cd ${own}\n${blocksOf(readFileSync(path.join(blank.home, own, 'recipe.md'), 'utf8'), 'plain')[0]}`),
  ).toMatchObject({
    status: 0,
  });
  expect(streams()).toEqual(before);

  symlinkSync(process.execPath, path.join(blank.bin, 'node'));
  for (const tool of ['flock', 'sync']) symlinkSync(systemProgram(tool), path.join(blank.bin, tool));
  const target = path.join(blank.home, 'by-runner');
  runBlocks(blank, own, 'runner', { TARGET: target, HYPDR_STATE: path.join(blank.home, 'state') });
  expectSameFiles(source, path.join(target, source));

  // A changed byte of a part stops the recipe before anything is restored.
  const damaged = blankMachine('blank-damaged');
  cpSync(path.join(blank.home, own), path.join(damaged.home, own), { recursive: true });
  const ledger = path.join(damaged.home, own, 'work/ledger');
  const entry = path.join(ledger, readdirSync(ledger)[1] ?? '');
  writeFileSync(entry, readFileSync(entry, 'utf8').replace('pointInTime', 'pointInTimes'));
  const [plain = ''] = blocksOf(readFileSync(path.join(damaged.home, own, 'recipe.md'), 'utf8'), 'plain');
  const { status, stderr } = damaged.bash(`cd ${own}\n${plain}`);
  expect([status, stderr]).toEqual([1, expect.stringMatching(/is not what its hash says/)]);
});

/** What the blocks of a recipe said, and how they ended. */
function tryBlocks({ home, bash }: Blank, own: string, more: Readonly<Record<string, string>>) {
  const blocks = blocksOf(readFileSync(path.join(home, own, 'recipe.md'), 'utf8'), 'plain');
  return bash(`cd ${own}\n${blocks.join('\n')}`, more);
}

test('a MariaDB dump and its logs come back by the recipe, narrowed and without accounts as by the runner', async () => {
  const [source, target] = await Promise.all([startMariadb(), startMariadb({ settings: { 'server-id': '2' } })]);
  try {
    await createBucket(minio, 'till', 'versioned');
    const host = hostAt('till', { ...minio.environment, ...source.environment });
    await source.sql(`
      CREATE DATABASE till; CREATE DATABASE other; CREATE TABLE other.elsewhere (id int PRIMARY KEY);
      CREATE USER clerk@localhost; CREATE TABLE till.sales (id int PRIMARY KEY, what varbinary(100));
      INSERT INTO till.sales SELECT seq, concat('no ', seq) FROM till.seq_1_to_500;`);
    const task = writeTask(host, databaseTask('mariadb', 'till', { stores: [storeOf('till')] }));
    const take = async (type: string, hours: number) => {
      const slot = slotOf(new Date(Date.now() - hours * HOUR));
      await call(host, 'backup', '--task', task, '--type', type, '--slot', slot);
      await call(host, 'verify', '--quick', '--task', task);
    };
    await take('full', 3);
    await source.sql("INSERT INTO till.sales VALUES (501, x'000a0d5c27')");
    await source.sql('INSERT INTO other.elsewhere VALUES (1); UPDATE other.elsewhere SET id = 2');
    await source.sql(
      'GRANT SELECT ON till.* TO clerk@localhost;\nSET PASSWORD FOR clerk@localhost = PASSWORD("x")',
      'till',
    );
    await take('log', 2);
    // What only looks like a statement about accounts is a row, or a routine.
    await source.sql(
      `SET SESSION binlog_format = STATEMENT; INSERT INTO sales VALUES (502, '\nGRANT me a wish\n/*!*/\n');
       DELETE FROM sales WHERE id = 7; UPDATE sales SET what = 'last' WHERE id = 8; CREATE VIEW late AS SELECT id FROM sales;`,
      'till',
    );
    await take('log', 1);

    const blank = blankMachine('blank-till');
    // Debian's own awk, which knows less than GNU's.
    rmSync(path.join(blank.bin, 'awk'));
    symlinkSync(systemProgram('mawk'), path.join(blank.bin, 'awk'));
    const own = download(blank, 'till');
    runBlocks(blank, own, '');
    runBlocks(blank, own, 'plain', target.environment);
    const rows = 'SELECT id, hex(what) FROM till.sales ORDER BY id; SELECT count(*) FROM till.late';
    expect(await target.sql(rows)).toBe(await source.sql(rows));
    expect((await source.sql(rows)).split('\n')).toHaveLength(503);
    expect(await target.sql("SHOW DATABASES LIKE 'other'")).toBe('');
    expect(await target.sql("SELECT user FROM mysql.user WHERE user = 'clerk'")).toBe('');
    expect(readFileSync(path.join(blank.home, own, 'work/accounts-in-logs.sql'), 'latin1')).toMatch(
      /^GRANT SELECT ON till[^]*^SET PASSWORD/im,
    );

    // A log that cannot be loaded ends the block in failure: the table is there already.
    const again = tryBlocks(blank, own, { ...target.environment, MYSQL_TCP_PORT: '1', MYSQL_HOME: blank.home });
    expect([again.status === 0, again.stdout]).toEqual([false, expect.not.stringContaining('are loaded')]);
  } finally {
    await Promise.all([source.stop(), target.stop()]);
  }
}, 120_000);

test('a PostgreSQL dump comes back by the recipe with plain tools', async () => {
  await createBucket(minio, 'shop', 'versioned');
  const host = hostAt('shop', { ...minio.environment, ...postgres.environment });
  await postgres.sql('CREATE ROLE seller');
  await postgres.sql('CREATE DATABASE shop');
  const inShop = (statement: string) =>
    execFileSync(systemProgram('psql'), ['-XAtq', '-d', 'shop', '-c', statement], {
      env: { PATH: process.env.PATH, ...postgres.environment },
      encoding: 'utf8',
    });
  inShop(
    "CREATE TABLE orders (id serial PRIMARY KEY, what text); INSERT INTO orders (what) SELECT 'no ' || g FROM generate_series(1, 1000) g; GRANT SELECT ON orders TO seller",
  );
  const digest = () =>
    inShop(
      "SELECT count(*), md5(string_agg(orders::text, ',' ORDER BY id)), nextval('orders_id_seq') > 1000, has_table_privilege('seller', 'orders', 'SELECT') FROM orders",
    );
  const before = digest();
  const task = writeTask(
    host,
    databaseTask('postgresql', 'shop', {
      stores: [storeOf('shop')],
      source: { kind: 'database', database: 'shop', secret: 'shop', environment: [] },
    } as Partial<TaskManifest>),
  );
  await call(host, 'backup', '--task', task, '--type', 'full');
  await call(host, 'verify', '--quick', '--task', task);
  await postgres.sql('DROP DATABASE shop');

  const blank = blankMachine('blank-shop');
  const own = download(blank, 'shop');
  runBlocks(blank, own, '');
  runBlocks(blank, own, 'plain');
  expect(digest()).toBe(before);
});

describe('a PostgreSQL server', () => {
  /** Rows of sessions are excluded, and logins point at them: also by names that have to be quoted. */
  const TABLES = `
    CREATE TABLE temp_sessions (id int PRIMARY KEY); INSERT INTO temp_sessions SELECT generate_series(1, 9);
    CREATE TABLE logins (id int PRIMARY KEY, session int CONSTRAINT by_session REFERENCES temp_sessions);
    CREATE TABLE "Log.ins: ""all""" (id int PRIMARY KEY, session int CONSTRAINT "by ""it's""" REFERENCES temp_sessions, login int CONSTRAINT kept REFERENCES logins);
    INSERT INTO logins SELECT g, g FROM generate_series(1, 9) g;
    INSERT INTO "Log.ins: ""all""" SELECT g, g, g FROM generate_series(1, 9) g;
    CREATE INDEX by_id ON logins (session); GRANT SELECT ON logins TO auditor`;
  const CONSTRAINTS = "SELECT conname, convalidated FROM pg_constraint WHERE contype = 'f' ORDER BY 1";
  const ROWS = 'SELECT * FROM logins UNION ALL SELECT id, login FROM "Log.ins: ""all""" ORDER BY 1, 2';
  /** What the server without pg_cron can't have, and that a copy must not do. */
  const JOBS = `CREATE EXTENSION pg_cron; GRANT USAGE ON SCHEMA cron TO auditor;
    INSERT INTO cron.job (schedule, command, nodeport) VALUES ('* * * * *', 'DELETE FROM logins', 1)`;
  let source: PostgresServer;
  let target: PostgresServer;
  beforeAll(async () => {
    const settings = { shared_preload_libraries: postgresExtension('pg_cron'), 'cron.database_name': 'zoo' };
    source = await startPostgres({ settings });
    await source.sql(`CREATE ROLE auditor; CREATE ROLE reader LOGIN PASSWORD 'reader'; CREATE DATABASE "a = 'b'";`);
    await source.sql(
      "CREATE DATABASE zoo TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'; ALTER DATABASE zoo SET work_mem = '5MB'",
    );
    for (const database of ["a = 'b'", 'zoo'])
      await source.sql(`${TABLES}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader`, database);
    await source.sql(JOBS, 'zoo');
    await source.sql(
      'ALTER ROLE reader BYPASSRLS; GRANT USAGE ON SCHEMA cron TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA cron TO reader; GRANT SELECT ON ALL SEQUENCES IN SCHEMA cron TO reader',
      'zoo',
    );
  }, 60_000);
  beforeEach(async () => void (target = await startPostgres()), 60_000);
  afterEach(() => target.stop());
  afterAll(() => source.stop());

  const takenBy = (environment: Readonly<Record<string, string>>) => ({
    ...minio.environment,
    ...source.environment,
    ...environment,
  });
  function taskOf(host: Host, bucket: string, options: TaskManifest['options']): string {
    const all = { kind: 'database', secret: 'test', environment: [] } as const;
    return writeTask(host, databaseTask('postgresql', bucket, { stores: [storeOf(bucket)], source: all, options }));
  }

  test.each(['custom', 'plain', 'directory'])(
    'of a %s backup comes back whole on another one, excluded rows and all',
    async (format) => {
      const bucket = `zoo-${format}`;
      await createBucket(minio, bucket, 'versioned');
      const host = hostAt(bucket, takenBy({}));
      const task = taskOf(host, bucket, { format, exclude_tables: ['temp_*'] });
      await call(host, 'backup', '--task', task, '--type', 'full');
      await call(host, 'verify', '--quick', '--task', task);

      const blank = blankMachine(`blank-${bucket}`);
      const own = download(blank, bucket);
      const { status, stdout, stderr } = tryBlocks(blank, own, target.environment);
      expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^everything came back: 3 databases$/m);
      expect(stderr).toContain('public.logins: by_session');
      const cron = /^pg_cron of zoo stays out, with its jobs: .* psql -d dbname=\\'zoo\\' -f (\S+)$/m.exec(stderr)?.[1];
      const put = readFileSync(cron ?? '', 'utf8').split('\n');
      for (const line of [
        expect.stringMatching(/^CREATE EXTENSION IF NOT EXISTS pg_cron /),
        expect.stringMatching(/^1\t.*\tDELETE FROM logins\t/),
        'GRANT USAGE ON SCHEMA cron TO auditor;',
      ])
        expect(put).toContainEqual(line);
      expect(stderr.match(/pg_cron of/g)).toHaveLength(1);
      for (const database of ["a = 'b'", 'zoo']) {
        expect([database, await target.sql(ROWS, database)]).toEqual([database, await source.sql(ROWS, database)]);
        expect(await target.sql(CONSTRAINTS, database)).toBe('by "it\'s"|f\nby_session|f\nkept|t\n');
        const analyzed =
          "SELECT count(*) > 0, has_table_privilege('auditor', 'logins', 'SELECT') FROM pg_stats WHERE tablename = 'logins'";
        expect(await target.sql(analyzed, database)).toBe('t|t\n');
      }
      if (format === 'plain') return;
      const settings = 'SHOW work_mem; SHOW server_encoding';
      expect(await target.sql(settings, 'zoo')).toBe('5MB\nLATIN1\n');
    },
  );

  test('that lacks something has all the rest, the next database too, and the end says NOT EVERYTHING', async () => {
    await createBucket(minio, 'lacking', 'versioned');
    const host = hostAt('lacking', takenBy({}));
    const task = taskOf(host, 'lacking', { exclude_tables: ['temp_*'] });
    await call(host, 'backup', '--task', task, '--type', 'full');
    await call(host, 'verify', '--quick', '--task', task);
    // Somebody lost the roles: a right can be given to nobody.
    const blank = blankMachine('blank-lacking');
    const own = download(blank, 'lacking');
    const recipe = path.join(blank.home, own, 'recipe.md');
    const text = readFileSync(recipe, 'utf8');
    // Whoever has fetched nothing is not told that all is well.
    const [, steps = ''] = blocksOf(text, 'plain');
    expect(blank.bash(`cd ${own}\n${steps}`, target.environment)).toMatchObject({
      ...{ status: 1, stdout: '', stderr: expect.stringContaining('NOTHING CAME BACK') as string },
    });
    writeFileSync(
      recipe,
      text.replace('  while IFS', '  for file in work/parts/000001-*/globals; do : > "$file"; done\n  while IFS'),
    );
    const { status, stdout, stderr } = tryBlocks(blank, own, target.environment);
    expect([status, stdout]).toEqual([1, expect.not.stringContaining('everything came back')]);
    expect(stderr).toContain("NOT EVERYTHING CAME BACK: a = 'b'\nNOT EVERYTHING CAME BACK: zoo\n");
    expect(stderr).toMatch(/role "auditor" does not exist/);
    for (const database of ["a = 'b'", 'zoo']) {
      expect(await target.sql(ROWS, database)).toBe(await source.sql(ROWS, database));
      expect(await target.sql("SELECT count(*) > 0 FROM pg_stats WHERE tablename = 'logins'", database)).toBe('t\n');
    }
  });

  test('whose newest backup is degraded, or from the future, comes back from the one before it, unless that one is named', async () => {
    await createBucket(minio, 'degraded', 'versioned');
    const names: string[] = [];
    // A role that reads no passwords of roles takes a degraded backup.
    for (const [hours, environment] of [
      [3, {}],
      [2, { PGUSER: 'reader', PGPASSWORD: 'reader' }],
    ] as const) {
      const host = hostAt('degraded', takenBy(environment));
      const task = taskOf(host, 'degraded', {});
      const slot = slotOf(new Date(Date.now() - hours * HOUR));
      names.push(`${slot}-full`);
      const { exit, stderr } = await startRunner(program, host, [
        'backup',
        '--task',
        task,
        '--type',
        'full',
        '--slot',
        slot,
      ]).ended;
      expect([exit, stderr]).toEqual([hours === 3 ? EXIT.success : EXIT.degraded, expect.anything()]);
      await call(host, 'verify', '--quick', '--task', task);
    }
    const [whole = '', newest = ''] = names;
    const blank = blankMachine('blank-degraded');
    const own = download(blank, 'degraded');
    const [plain = ''] = blocksOf(readFileSync(path.join(blank.home, own, 'recipe.md'), 'utf8'), 'plain');
    const fetched = () => readdirSync(path.join(blank.home, own, 'work/parts'));
    const byDefault = blank.bash(`cd ${own}\n${plain}`);
    expect([byDefault.status, fetched()]).toEqual([0, [`000001-${whole}`]]);
    expect(byDefault.stderr).toContain(
      `WARNING: ${newest} is passed over: ${newest} is degraded: globals: roles without their passwords`,
    );
    expect(byDefault.stderr).toMatch(
      new RegExp(`WARNING: this is NOT the newest backup: ${newest} is newer: it was passed over`),
    );
    const byName = blank.bash(`cd ${own}\n${plain.replace('fetch.sh work', `fetch.sh work ${newest}`)}`);
    expect([byName.status, fetched()]).toEqual([0, [`000001-${newest}`]]);
    expect(byName.stderr).toMatch(
      new RegExp(`WARNING: not all of it is as it was: ${newest} is degraded: globals: .*\n$`),
    );
    // Nor is one chosen that is from the future, as this machine or that of the backup would have it.
    const list = readFileSync(path.join(blank.home, own, 'work/backups.tsv'), 'utf8').split('\n');
    const taken = Date.parse(/^\S+/.exec(list.find((line) => line.includes(whole)) ?? '')?.[0] ?? '');
    const at = (seconds: number) => {
      const now = `${new Date(taken + seconds * 1000).toISOString().slice(0, 19)}Z`;
      return blank.bash(`cd ${own}\ndate() { echo ${now}; }\nexport -f date\n${plain}`);
    };
    const early = at(1);
    expect([early.status, fetched()]).toEqual([0, [`000001-${whole}`]]);
    expect(early.stderr).toContain(
      `${newest} is passed over: it is from the future by its own words, a clock was wrong`,
    );
    expect(at(-1)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`degraded or from the future; the newest is ${newest}`) as string,
    });
    // Nothing is chosen where there is nothing but degraded ones.
    const only = blank.bash(
      `cd ${own}\nrm -r work\nsed -i 's/| LC_ALL=C sort > "$into\\/ledger.txt"/| grep ${newest} | LC_ALL=C sort > "$into\\/ledger.txt"/' fetch.sh\n${plain}`,
    );
    expect([only.status, only.stderr]).toEqual([
      1,
      expect.stringContaining(`all backups here are degraded or from the future; the newest is ${newest}: name it`),
    ]);
  });
});
