import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import { describeSteps } from './crash-steps';
import type { CrashSource } from './crash-steps';
import { databaseTask } from './database-task';
import { restorePostgres } from './plain-restore';
import { chainOn } from './shelf';

let postgres: PostgresServer;

beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);

afterAll(() => postgres.stop());

const ROWS = 'SELECT id, note FROM items ORDER BY id';

/** A database of the test's own, each time as a full: pg_dump knows nothing else. */
async function database(name: string): Promise<CrashSource> {
  await postgres.sql(`CREATE DATABASE ${name}`);
  await postgres.sql('CREATE TABLE items (id int PRIMARY KEY, note text)', name);
  return {
    environment: postgres.environment,
    task: (changes) => databaseTask('postgresql', name, changes),
    types: () => ({ killed: 'full', next: 'full' }),
    change: async (step) => void (await postgres.sql(`INSERT INTO items VALUES (${step}, 'step ${step}')`, name)),
    expectRestored: async (shelf) => {
      const [backup] = await chainOn(shelf);
      if (!backup) throw new Error('nothing is published');
      await restorePostgres(shelf, backup, name, { server: postgres, database: `${name}_back` });
      expect(await postgres.sql(ROWS, `${name}_back`)).toBe(await postgres.sql(ROWS, name));
    },
  };
}

describeSteps((id) => database(`shop_${id}`));
