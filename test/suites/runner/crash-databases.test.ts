import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXIT } from '../../../lib/runner/exit-code';
import { startS3Store } from '../../servers/cloud-store';
import type { CloudStore } from '../../servers/cloud-store';
import { startMariadb } from '../../servers/mariadb';
import { startPostgres } from '../../servers/postgres';
import { until } from '../../servers/until';
import { Random } from '../long/year/random';
import { expectHonest } from './crash-checks';
import { databaseTask } from './database-task';
import { slotAt } from './file-task';
import { restoreMariadb, restorePostgres } from './plain-restore';
import { bundleRunner, runHere, startRunner, writeTask } from './program-run';
import type { Host, Ran } from './program-run';
import { chainOn, cloudShelf, folderShelf } from './shelf';
import type { Shelf } from './shelf';

/**
 * SIGKILL at random moments, as in `crash.test.ts`, while databases are read: as fulls of PostgreSQL, and as the binary
 * logs of MariaDB. The seed is printed.
 */
const RUNS = Number(process.env.HYPDR_DATABASE_CRASHES ?? 20);
const SEED = Number(process.env.HYPDR_SEED ?? Date.now() % 1_000_000);
const BUCKET = 'crash-databases';

interface Source {
  readonly environment: Readonly<Record<string, string>>;
  readonly type: 'full' | 'log';
  change(n: number): Promise<unknown>;
  /** Restores what a store holds by plain tools, and compares it with the source. */
  expectRestored(shelf: Shelf): Promise<void>;
  stop(): Promise<unknown>;
}

const [CREATE, ROWS] = ['CREATE TABLE items (id int PRIMARY KEY, note text)', 'SELECT id, note FROM items ORDER BY id'];
const insert = (n: number) => `INSERT INTO items VALUES (${n}, '${'x'.repeat((n * 997) % 5000)}')`;

async function postgresql(): Promise<Source> {
  const server = await startPostgres();
  await server.sql('CREATE DATABASE shop');
  await server.sql(CREATE, 'shop');
  return {
    environment: server.environment,
    type: 'full',
    change: (n) => server.sql(insert(n), 'shop'),
    expectRestored: async (shelf) => {
      const [backup] = await chainOn(shelf);
      if (!backup) throw new Error('nothing is published');
      await restorePostgres(shelf, backup, 'shop', { server, database: 'back' });
      expect(await server.sql(ROWS, 'back')).toBe(await server.sql(ROWS, 'shop'));
    },
    stop: () => server.stop(),
  };
}

async function mariadb(): Promise<Source> {
  const [server, target] = await Promise.all([startMariadb(), startMariadb({ settings: { 'server-id': '2' } })]);
  await server.sql('CREATE DATABASE shop');
  await server.sql(CREATE, 'shop');
  return {
    environment: server.environment,
    type: 'log',
    change: (n) => server.sql(insert(n), 'shop'),
    expectRestored: async (shelf) => {
      await target.sql('DROP DATABASE IF EXISTS shop');
      await restoreMariadb(shelf, await chainOn(shelf), target);
      expect(await target.sql(ROWS, 'shop')).toBe(await server.sql(ROWS, 'shop'));
    },
    stop: () => Promise.all([server.stop(), target.stop()]),
  };
}

let s3: CloudStore;
let folder: string;
let program: string;

beforeAll(async () => {
  s3 = await startS3Store();
  await s3.makeBucket(BUCKET);
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-crash-'));
  program = bundleRunner(folder);
}, 120_000);

afterAll(async () => {
  await s3.stop();
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  ['postgresql', postgresql],
  ['mariadb', mariadb],
] as const)(
  `%s, killed at random moments: the next run and a restore equal the source (HYPDR_SEED=${SEED}, ${RUNS} runs)`,
  async (engine, start) => {
    const random = new Random(SEED);
    const source = await start();
    try {
      const [local, prefix] = [path.join(folder, engine), `${engine}/`];
      const shelves = [cloudShelf(s3, BUCKET, prefix), folderShelf(local)];
      const environment = { ...s3.environment, ...source.environment };
      const host: Host = { folder, state: path.join(folder, `state-${engine}`), environment };
      const places = { stores: [s3.target(BUCKET, prefix)], local: { id: 'local', from: [], path: local } };
      const task = writeTask(host, { ...databaseTask(engine, 'shop', places), name: `shop-${engine}` });
      const argv = (type: string, n: number) => ['backup', '--task', task, '--type', type, '--slot', slotAt(n)];
      const killed = async (n: number, after: number): Promise<Ran> => {
        const { child, ended } = startRunner(program, host, argv(source.type, n));
        const timer = setTimeout(() => child.kill('SIGKILL'), after);
        const ran = await ended;
        clearTimeout(timer);
        return ran;
      };
      /** What a killed run held of the source ends with its connections, in a moment. */
      const whole = async (type: string, n: number): Promise<void> => {
        let ran: Ran | undefined;
        await until(async () => {
          ran = await runHere(host, argv(type, n));
          if (ran.exit === EXIT.overlap) throw new Error('the lock of the killed run is still held');
        }, 20_000);
        expect([ran?.exit, ran?.stderr]).toEqual([EXIT.success, '']);
      };

      await source.change(0);
      await whole('full', 0);
      const began = performance.now();
      await killed(1, 60_000);
      const usual = performance.now() - began;
      const seen = new Set<string>();
      let kills = 0;
      for (let n = 2; n <= RUNS + 1; n += 1) {
        await source.change(n);
        const { exit, stderr } = await killed(n, usual * (0.2 + random.next() * 0.9));
        if (exit === null) kills += 1;
        else expect([[EXIT.success, EXIT.overlap].some((one) => one === exit), stderr]).toEqual([true, stderr]);
        if (n % 10 === 0) await expectHonest(host, task, shelves, seen);
      }
      expect(kills).toBeGreaterThan(RUNS / 10);

      await source.change(RUNS + 2);
      await whole(source.type, RUNS + 2);
      const complete = await expectHonest(host, task, shelves, seen);
      expect(complete.length).toBeGreaterThan(0);
      for (const shelf of complete) await source.expectRestored(shelf);
      await whole('full', RUNS + 3);
      expect(await expectHonest(host, task, shelves, seen)).toHaveLength(shelves.length);
      for (const shelf of shelves) await source.expectRestored(shelf);
    } finally {
      await source.stop();
    }
  },
  300_000,
);
