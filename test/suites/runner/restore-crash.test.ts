import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXIT } from '../../../lib/runner/exit-code';
import { fileEntries } from '../../corpus/file-entries';
import { startMariadb } from '../../servers/mariadb';
import type { MariadbServer } from '../../servers/mariadb';
import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import { until } from '../../servers/until';
import { databaseTask } from './database-task';
import { fileTask, makeSource } from './file-task';
import { everything, value } from './mariadb-source';
import { bundleRunner, runHere, startRunner, writeTask } from './program-run';
import type { Host, Ran } from './program-run';

/**
 * SIGKILL at random moments of `restore` as a process of its own: the target is never half and looking whole, and the
 * next restore works. The seed is printed.
 */
const RUNS = Number(process.env.HYPDR_CRASHES ?? 10);
const SEED = Number(process.env.HYPDR_SEED ?? Date.now() % 1_000_000);
jest.setTimeout(120_000 + RUNS * 30_000);

let folder: string;
let program: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-restore-crash-'));
  program = bundleRunner(folder);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A small generator with a printed seed: the same moments again with HYPDR_SEED. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Restored {
  /** Nothing is there, or all of it, or what says of itself that it is not whole. */
  expectHonest(): Promise<'whole' | 'not'>;
  expectWhole(): Promise<void>;
  clear(): Promise<void>;
}

/** A signal is heard: what was begun goes, and nothing is in place. */
async function endBySignal(host: Host, argv: readonly string[], isBegun: () => Promise<boolean>): Promise<void> {
  const { child, ended } = startRunner(program, host, argv);
  await until(async () => {
    if (!(await isBegun())) throw new Error('it has not begun');
  }, 30_000);
  child.kill('SIGTERM');
  const { exit, stderr } = await ended;
  expect([exit, stderr]).toEqual([EXIT.interrupted, expect.stringContaining('ended by SIGTERM')]);
}

/** @returns how many of the restores were killed before they were whole */
async function killAtRandom(host: Host, argv: readonly string[], target: Restored): Promise<number> {
  const next = random(SEED);
  const begun = performance.now();
  expectDone(await startRunner(program, host, argv).ended);
  const duration = performance.now() - begun;
  await target.expectWhole();
  let killed = 0;
  for (let run = 0; run < RUNS; run += 1) {
    await target.clear();
    const kills = 1 + Math.floor(next() * 2);
    for (let kill = 0; kill < kills; kill += 1) {
      const { child, ended } = startRunner(program, host, argv);
      const timer = setTimeout(() => child.kill('SIGKILL'), next() * duration * 1.1);
      await ended;
      clearTimeout(timer);
      if ((await target.expectHonest()) === 'whole') await target.clear();
      else killed += 1;
    }
    // What the killed one held ends with its connections, in a moment.
    let ran: Ran | undefined;
    await until(async () => {
      ran = await startRunner(program, host, argv).ended;
      if (ran.exit === EXIT.overlap) throw new Error('the lock of the killed restore is still held');
    }, 20_000);
    expectDone(ran);
    await target.expectWhole();
    const left = readdirSync(path.join(host.state, 'restore')).filter((name) => !name.endsWith('.lock'));
    expect([run, left]).toEqual([run, []]);
  }
  return killed;
}

function expectDone(ran: Ran | undefined): void {
  const said = ran?.stderr.split('\n').filter((line) => line !== '' && !line.includes('"level":"info"'));
  expect([ran?.exit, said]).toEqual([EXIT.success, []]);
}

async function backedUp(host: Host, task: string, types: readonly string[]): Promise<void> {
  for (const type of types)
    expect((await runHere(host, ['backup', '--task', task, '--type', type])).exit).toBe(EXIT.success);
  expect((await runHere(host, ['verify', '--quick', '--task', task])).exit).toBe(EXIT.success);
}

function hostOf(name: string, environment: Readonly<Record<string, string>>): Host {
  const own = path.join(folder, name);
  mkdirSync(own);
  return { folder: own, state: path.join(own, 'state'), environment };
}

const localOf = (host: Host) => ({
  local: { id: 'local', from: [], path: path.join(host.folder, 'local') },
  stores: [],
});
const title = (what: string) => `${what} (HYPDR_SEED=${SEED}, ${RUNS} runs)`;

test(title('files'), async () => {
  const host = hostOf('files', {});
  const source = makeSource(path.join(host.folder, 'source'), 30 * 1024 * 1024);
  for (let n = 0; n < 500; n += 1) writeFileSync(path.join(source, `file${n}`), `${n}`);
  const task = writeTask(host, fileTask('docs', source, localOf(host)));
  await backedUp(host, task, ['full']);
  rmSync(path.join(source, 'file7'));
  writeFileSync(path.join(source, 'late'), 'late');
  await backedUp(host, task, ['incremental']);
  const target = path.join(host.folder, 'target');
  const expected = fileEntries(source);
  const whole = () => expect(fileEntries(path.join(target, source))).toEqual(expected);
  const killed = await killAtRandom(host, ['restore', '--task', task, '--target', target], {
    expectHonest: async () => {
      if (!existsSync(target)) return 'not';
      whole();
      return 'whole';
    },
    expectWhole: async () => {
      whole();
      expect(readdirSync(host.folder).filter((name) => name.startsWith('target'))).toEqual(['target']);
    },
    clear: async () => rmSync(target, { recursive: true, force: true }),
  });
  expect(killed).toBeGreaterThan(RUNS / 3);
});

describe('PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => (server = await startPostgres()));
  afterAll(() => server.stop());

  test(title('PostgreSQL'), async () => {
    await server.sql('CREATE DATABASE bank');
    await server.sql(readFileSync(path.join(__dirname, 'awkward.sql'), 'utf8'), 'bank');
    await server.sql(
      'CREATE TABLE big AS SELECT i, md5(i::text) AS m FROM generate_series(1, 200000) i; CREATE INDEX ON big (m)',
      'bank',
    );
    const host = hostOf('postgresql', { ...server.environment, HYPDR_RESTORE_PASSWORD: server.password });
    const task = writeTask(
      host,
      databaseTask('postgresql', 'bank', { ...localOf(host), options: { parallel_jobs: 2 } }),
    );
    await backedUp(host, task, ['full']);
    const url = `postgresql://${server.user}@127.0.0.1:${server.port}/copy`;
    const there = async () =>
      (await server.sql("SELECT count(*) FROM pg_database WHERE datname = 'copy'")).trim() === '1';
    const facts = `SELECT (SELECT sum(balance) FROM accounts), (SELECT count(*) FROM big), (SELECT count(*) FROM pg_index),
      (SELECT count(*) FROM pg_constraint), (SELECT count(*) FROM pg_largeobject_metadata)`;
    const whole = async () => expect(await server.sql(facts, 'copy')).toBe(await server.sql(facts, 'bank'));
    const names = () => server.sql("SELECT datname FROM pg_database WHERE datname LIKE 'hypdr%' OR datname = 'copy'");
    await endBySignal(host, ['restore', '--task', task, '--target', url], async () =>
      (await names()).includes('hypdr'),
    );
    expect(await names()).toBe('');
    const killed = await killAtRandom(host, ['restore', '--task', task, '--target', url], {
      expectHonest: async () => {
        if (!(await there())) return 'not';
        await whole();
        return 'whole';
      },
      expectWhole: async () => {
        await whole();
        expect(await server.sql("SELECT datname FROM pg_database WHERE datname LIKE 'hypdr%'")).toBe('');
      },
      clear: async () => void (await server.sql('DROP DATABASE IF EXISTS copy WITH (FORCE)')),
    });
    expect(killed).toBeGreaterThan(RUNS / 3);
  });
});

describe('MariaDB', () => {
  let source: MariadbServer;
  let target: MariadbServer;
  beforeAll(async () => {
    [source, target] = await Promise.all([
      startMariadb(),
      startMariadb({ settings: { 'server-id': '2', 'event-scheduler': 'ON' } }),
    ]);
  });
  afterAll(() => Promise.all([source.stop(), target.stop()]));

  test(title('MariaDB'), async () => {
    await source.sql(readFileSync(path.join(__dirname, 'awkward-mariadb.sql'), 'utf8'));
    await source.sql(
      'USE shop; CREATE TABLE big (seq int PRIMARY KEY, m text) AS SELECT seq, md5(seq) AS m FROM seq_1_to_50000',
    );
    const host = hostOf('mariadb', { ...source.environment, HYPDR_RESTORE_PASSWORD: target.password });
    const all = { kind: 'database', secret: 'test', environment: [] } as const;
    const task = writeTask(host, databaseTask('mariadb', 'all', { ...localOf(host), source: all }));
    await backedUp(host, task, ['full']);
    await source.sql('UPDATE shop.accounts SET balance = balance + 1; DELETE FROM shop.big WHERE seq > 40000');
    await backedUp(host, task, ['log']);
    const databases =
      "SELECT GROUP_CONCAT(schema_name ORDER BY 1) FROM information_schema.schemata WHERE schema_name IN ('shop', 'it''s = odd', 'hypdr_restoring')";
    const expected = await everything(source);
    const argv = ['restore', '--task', task, '--target', `mariadb://${target.user}@127.0.0.1:${target.port}/`];
    await endBySignal(host, argv, async () => (await value(target, "SHOW DATABASES LIKE 'shop'")) === 'shop');
    expect([await value(target, databases), await value(target, 'SELECT @@event_scheduler')]).toEqual(['NULL', 'ON']);
    const whole = async () => expect(await everything(target)).toBe(expected);
    const killed = await killAtRandom(host, argv, {
      expectHonest: async () => {
        const there = await value(target, databases);
        if (there === 'NULL' || there.includes('hypdr_restoring')) return 'not';
        await whole();
        return 'whole';
      },
      expectWhole: async () => {
        await whole();
        expect(await value(target, databases)).toBe("it's = odd,shop");
        expect(await value(target, 'SELECT @@event_scheduler')).toBe('ON');
      },
      clear: async () => void (await target.sql("DROP DATABASE IF EXISTS shop; DROP DATABASE IF EXISTS `it's = odd`")),
    });
    expect(killed).toBeGreaterThan(RUNS / 3);
  });
});
