import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { BackupType } from '../../../lib/contract';
import { startFakeSqlServer } from '../../servers/fake-sqlserver';
import type { FakeSqlServer } from '../../servers/fake-sqlserver';
import { decode, restore } from '../../servers/sqlserver/backup-file';
import type { BackupSet } from '../../servers/sqlserver/model';
import { createDatabase, databaseOf, newState, write } from '../../servers/sqlserver/model';
import { describeSteps } from './crash-steps';
import type { CrashRig, CrashSource, PlaceId } from './crash-steps';
import type { Ran } from './program-run';
import { chainOn, streamOn } from './shelf';
import type { Shelf } from './shelf';
import { sqlServerTask } from './sqlserver-host';

/**
 * A model of SQL Server: what a backup does to it (a full moves the base of differentials, a log lets go of what it holds)
 * is done when the server has written it, and stays so although the runner dies before anything is published.
 */

const NAMES = ['orders', 'stock'];
const servers: FakeSqlServer[] = [];

afterAll(() => servers.forEach((one) => one.stop()));

const databases =
  (types: CrashSource['types'], expectFollowed: (next: BackupType, ran: Ran) => void) =>
  async (id: PlaceId, { folder }: CrashRig): Promise<CrashSource> => {
    const server = startFakeSqlServer();
    servers.push(server);
    server.state((state) => {
      Object.assign(state, newState(server.password));
      for (const name of NAMES) createDatabase(state, name);
    });
    const shared = path.join(folder, id, 'local/_scratch');
    return {
      environment: server.environment,
      // Each database is written by one and read again by another: the last of them, and its proof.
      program: { name: 'sqlcmd', from: 2 * NAMES.length - 1 },
      task: (changes) => {
        const task = sqlServerTask(changes.local?.path ?? '');
        return { ...task, runs: task.runs.map((run) => ({ ...run, lockDays: 0 })), ...changes };
      },
      types,
      change: async (step) =>
        server.state((state) => NAMES.forEach((name) => write(databaseOf(state, name), `step ${step}`))),
      expectFollowed: (next, ran) => {
        const kept = path.join(shared, next === 'log' ? 'shop.log' : 'shop.data');
        expect(existsSync(kept) && readdirSync(kept)).toEqual([]);
        expectFollowed(next, ran);
      },
      expectRestored: async (shelf) => {
        for (const name of NAMES) {
          const held = server.state((state) => databaseOf(state, name).changes.map(({ text }) => text));
          expect(await restored(shelf, name)).toEqual(held);
        }
      },
    };
  };

/** Its newest full and what follows it, as the model restores them: it refuses what does not follow. */
async function restored(shelf: Shelf, database: string): Promise<readonly string[]> {
  const sets: BackupSet[] = [];
  for (const backup of await chainOn(shelf)) {
    for (const stream of backup.manifest.streams.filter((one) => one.database === database)) {
      const set = decode(await streamOn(shelf, backup, stream));
      if (set === 'damaged') throw new Error(`${backup.key}: ${stream.name} is damaged`);
      sets.push(set);
    }
  }
  return restore(sets.slice(sets.map(({ kind }) => kind).lastIndexOf('full')));
}

const fulls = ({ events }: Ran) => events.filter((one) => one.event === 'full_instead').map(({ message }) => message);
/** A full would hide that the chain was lost. */
const expectNoFull = (_: BackupType, ran: Ran) => expect(fulls(ran)).toEqual([]);

describe('logs of which the server has let go', () => {
  const types = (step: number) => ({ killed: 'log', next: step % 4 === 0 ? 'differential' : 'log' }) as const;
  describeSteps(databases(types, expectNoFull), { places: ['s3', 'local'], leastSteps: 6 });
});

describe('fulls that have moved the base', () => {
  const types = (step: number) => ({ killed: 'full', next: step % 2 === 0 ? 'log' : 'differential' }) as const;
  const expectSaid = (next: BackupType, ran: Ran) => {
    // Logs go on as if nothing had been; a differential would follow a full that nobody has.
    if (next === 'log') expectNoFull(next, ran);
    for (const message of fulls(ran)) expect(message).toMatch(/another full backup moved .* as "hypdr shop /);
  };
  describeSteps(databases(types, expectSaid), { places: ['azure'], leastSteps: 6 });
});

describe('differentials', () => {
  const types = (step: number) => ({ killed: 'differential', next: step % 2 === 0 ? 'log' : 'differential' }) as const;
  describeSteps(databases(types, expectNoFull), { places: ['gcs'], leastSteps: 6 });
});
