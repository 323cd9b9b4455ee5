import { readFileSync } from 'node:fs';
import path from 'node:path';
import { backup } from '../../../lib/runner/backup';
import { EXIT } from '../../../lib/runner/exit-code';
import { verifyQuick } from '../../../lib/runner/verify';
import { startMariadb } from '../../servers/mariadb';
import type { MariadbServer } from '../../servers/mariadb';
import { databaseTask } from './database-task';
import { testMachine } from './engine-machine';
import { FOUR_IDS, startFourStores } from './four-stores';
import type { FourStores } from './four-stores';
import { everything, transfers, value } from './mariadb-source';
import { restoreMariadb } from './plain-restore';
import { chainOn } from './shelf';

/** MariaDB with awkward data into three clouds' stores and a folder in one run, while money moves between accounts. */

const AWKWARD = readFileSync(path.join(__dirname, 'awkward-mariadb.sql'), 'utf8');
const [ACCOUNTS, BALANCE] = [100, 1000];
/** What a transfer moves, as `transfers` writes them. */
const MOVED = 7;

let server: MariadbServer;
let target: MariadbServer;
let stores: FourStores;

beforeAll(async () => {
  [server, target, stores] = await Promise.all([
    startMariadb(),
    startMariadb({ settings: { 'server-id': '2' } }),
    startFourStores(),
  ]);
  await server.sql(AWKWARD);
}, 180_000);

afterAll(async () => {
  await Promise.all([server.stop(), target.stop(), stores.stop()]);
});

test('is stored in all of them, and restored from each by plain tools row by row, with the sum unchanged', async () => {
  const plain = databaseTask('mariadb', 'shop', stores.places('shop'));
  const { database: _, ...source } = plain.source as Extract<typeof plain.source, { kind: 'database' }>;
  const runs = plain.runs.map((one) => ({ ...one, compression: 'gzip' as const }));
  // No database is named: all of the server, at one moment.
  const task = { ...plain, source, runs };
  const machine = testMachine({ ...server.environment, ...stores.environment }, () => new Date('2027-01-03T02:15:00Z'));
  const stop = transfers(server);
  const moved = async (of: MariadbServer) => Number(await value(of, 'SELECT count(*) FROM shop.transfers'));
  while ((await moved(server)) === 0);
  const outcome = await backup(task, {}, machine);
  const before = await moved(server);
  while ((await moved(server)) === before);
  await stop();
  expect([outcome.exit, outcome.why]).toEqual([EXIT.success, undefined]);
  expect([...outcome.stored].sort()).toEqual(FOUR_IDS);
  const { findings, verified } = await verifyQuick(task, machine);
  expect([findings, verified.map((one) => one.store).sort()]).toEqual([[], FOUR_IDS]);

  const still = await everything(server, ['accounts', 'transfers']);
  const copies: string[] = [];
  for (const shelf of stores.shelves('shop')) {
    await target.sql("DROP DATABASE IF EXISTS shop; DROP DATABASE IF EXISTS `it's = odd`");
    await restoreMariadb(shelf, await chainOn(shelf), target);
    expect([shelf.id, await everything(target, ['accounts', 'transfers'])]).toEqual([shelf.id, still]);
    expect(await value(target, 'SELECT sum(balance), count(*) FROM shop.accounts')).toBe(
      `${ACCOUNTS * BALANCE}\t${ACCOUNTS}`,
    );
    // Both tables are of one moment: each balance is what the transfers beside it come to.
    const off = `SELECT count(*) FROM shop.accounts WHERE balance <> ${BALANCE}
      + ${MOVED} * (SELECT count(*) FROM shop.transfers WHERE target = id)
      - ${MOVED} * (SELECT count(*) FROM shop.transfers WHERE source = id)`;
    expect([await value(target, off), (await moved(target)) > 0]).toEqual(['0', true]);
    copies.push(await everything(target));
  }
  expect(new Set(copies).size).toBe(1);
  expect(await moved(server)).toBeGreaterThan(await moved(target));
}, 180_000);
