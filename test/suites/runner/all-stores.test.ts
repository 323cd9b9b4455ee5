import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { TaskManifest } from '../../../lib/contract';
import { backup } from '../../../lib/runner/backup';
import { EXIT } from '../../../lib/runner/exit-code';
import { verifyQuick } from '../../../lib/runner/verify';
import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import { databaseTask } from './database-task';
import { testMachine } from './engine-machine';
import { FOUR_IDS, startFourStores } from './four-stores';
import type { FourStores } from './four-stores';
import { restorePostgres } from './plain-restore';
import { everythingIn } from './postgres-source';
import { chainOn } from './shelf';

/** PostgreSQL with awkward data into three clouds' stores and a folder in one run, while money moves between accounts. */

const AWKWARD = readFileSync(path.join(__dirname, 'awkward.sql'), 'utf8');
const [ACCOUNTS, BALANCE] = [100, 1000];
/** What moves, and what is made of it. */
const MOVING = ['public.accounts', 'public.transfers'];

let postgres: PostgresServer;
let stores: FourStores;

beforeAll(async () => {
  [postgres, stores] = await Promise.all([startPostgres(), startFourStores()]);
  await postgres.sql('CREATE DATABASE bank');
  await postgres.sql(AWKWARD, 'bank');
  await postgres.sql('CREATE TABLE transfers (n int PRIMARY KEY, source int, target int)', 'bank');
}, 180_000);

afterAll(async () => {
  await Promise.all([postgres.stop(), stores.stop()]);
});

function bankTask(): TaskManifest {
  const plain = databaseTask('postgresql', 'bank', stores.places('bank'));
  return { ...plain, runs: plain.runs.map((one) => ({ ...one, compression: 'zstd' as const })) };
}

const machineOn = (day: number) =>
  testMachine({ ...postgres.environment, ...stores.environment }, () => new Date(Date.UTC(2027, 0, day, 2, 15)));

/** Transfers until told to stop: each keeps the sum. */
async function transfers(until: { stopped: boolean }): Promise<number> {
  let made = 0;
  while (!until.stopped) {
    const [from, to] = [1 + (made % ACCOUNTS), 1 + ((made * 7 + 3) % ACCOUNTS)];
    await postgres.sql(
      `BEGIN; UPDATE accounts SET balance = balance - 1 WHERE id = ${from};
       UPDATE accounts SET balance = balance + 1 WHERE id = ${to};
       INSERT INTO transfers VALUES (${made}, ${from}, ${to}); COMMIT`,
      'bank',
    );
    made += 1;
  }
  return made;
}

test('is stored in all of them, and restored from each by plain tools row by row, with the sum unchanged', async () => {
  const task = bankTask();
  const machine = machineOn(3);
  const moving = { stopped: false };
  const moved = transfers(moving);
  const outcome = await backup(task, {}, machine);
  moving.stopped = true;
  expect(await moved).toBeGreaterThan(0);
  expect([outcome.exit, outcome.why]).toEqual([EXIT.success, undefined]);
  expect([...outcome.stored].sort()).toEqual(FOUR_IDS);
  const { findings, verified } = await verifyQuick(task, machine);
  expect([findings, verified.map((one) => one.store).sort()]).toEqual([[], FOUR_IDS]);

  const still = await everythingIn(postgres, 'bank', MOVING);
  const copies: string[] = [];
  for (const shelf of stores.shelves('bank')) {
    const back = `back_${shelf.id}`;
    const [full] = await chainOn(shelf);
    if (!full) throw new Error('no backup');
    await restorePostgres(shelf, full, 'bank', { server: postgres, database: back });
    expect([shelf.id, await everythingIn(postgres, back, MOVING)]).toEqual([shelf.id, still]);
    const sum = 'SELECT sum(balance), count(*) FROM accounts';
    expect((await postgres.sql(sum, back)).trim()).toBe(`${ACCOUNTS * BALANCE}|${ACCOUNTS}`);
    // Both tables are of one moment: each balance is what the transfers beside it come to.
    const off = `SELECT count(*) FROM accounts a WHERE balance <> ${BALANCE}
      + (SELECT count(*) FROM transfers WHERE target = a.id) - (SELECT count(*) FROM transfers WHERE source = a.id)`;
    expect((await postgres.sql(off, back)).trim()).toBe('0');
    copies.push(await everythingIn(postgres, back));
  }
  expect(new Set(copies).size).toBe(1);
}, 300_000);

test('one store that is down is left out and named, and the others hold the backup', async () => {
  await stores.azure.kill();
  const outcome = await backup(bankTask(), {}, machineOn(4));
  expect(outcome.exit).toBe(EXIT.degraded);
  expect([...outcome.stored].sort()).toEqual(['gcs', 'local', 's3']);
  expect(outcome.why).toContain('azure');
}, 300_000);
