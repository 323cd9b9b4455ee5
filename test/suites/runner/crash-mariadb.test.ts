import { startMariadb } from '../../servers/mariadb';
import type { MariadbServer } from '../../servers/mariadb';
import { describeSteps } from './crash-steps';
import type { CrashSource } from './crash-steps';
import { databaseTask } from './database-task';
import { restoreMariadb } from './plain-restore';
import { chainOn } from './shelf';

let server: MariadbServer;
let target: MariadbServer;

beforeAll(async () => {
  [server, target] = await Promise.all([startMariadb(), startMariadb({ settings: { 'server-id': '2' } })]);
}, 120_000);

afterAll(async () => {
  await Promise.all([server.stop(), target.stop()]);
});

/** A database of the test's own, as fulls and the binary logs after them. */
async function database(name: string, types: CrashSource['types']): Promise<CrashSource> {
  const rows = `SELECT id, note FROM ${name}.items ORDER BY id`;
  await server.sql(`CREATE DATABASE ${name}; CREATE TABLE ${name}.items (id int PRIMARY KEY, note text)`);
  return {
    environment: server.environment,
    task: (changes) => databaseTask('mariadb', name, changes),
    types,
    change: async (step) => void (await server.sql(`INSERT INTO ${name}.items VALUES (${step}, 'step ${step}')`)),
    expectRestored: async (shelf) => {
      await target.sql(`DROP DATABASE IF EXISTS ${name}`);
      await restoreMariadb(shelf, await chainOn(shelf), target);
      expect(await target.sql(rows)).toBe(await server.sql(rows));
    },
  };
}

// A log is killed in the folder, a full elsewhere; a log comes next, and a full now and then, so that chains stay short.
describeSteps((id) =>
  database(`shop_${id}`, (step) => ({
    killed: id === 'local' ? 'log' : 'full',
    next: step % 4 === 0 ? 'full' : 'log',
  })),
);

describe('logs in clouds', () => {
  describeSteps((id) => database(`logs_${id}`, (step) => ({ killed: 'log', next: step % 4 === 0 ? 'full' : 'log' })), {
    places: ['s3', 'azure', 'gcs'],
  });
});
