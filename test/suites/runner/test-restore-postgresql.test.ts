import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import { databaseTask } from './database-task';
import { openFolder, take, testHost, testRestore, verdicts } from './test-restore-host';

/** The newest backup of PostgreSQL in a server that the runner starts, looks into and removes. */

jest.setTimeout(180_000);

let source: PostgresServer;
let folder: string;

const AWKWARD = readFileSync(path.join(__dirname, 'awkward.sql'), 'utf8');

beforeAll(async () => {
  folder = openFolder('test-pg');
  source = await startPostgres({ settings: { wal_level: 'logical' } });
  await source.sql('CREATE DATABASE bank');
  await source.sql(AWKWARD, 'bank');
}, 180_000);

afterAll(async () => {
  await source.stop();
  rmSync(folder, { recursive: true, force: true });
});

function hostOf(name: string, changes: Partial<TaskManifest> = {}) {
  const local = { id: 'local', from: [], path: path.join(folder, name, 'local') };
  return testHost(folder, name, databaseTask('postgresql', 'bank', { local, ...changes }), source.environment);
}

test('passes: every table has its rows, the server is gone, and a signed record says so', async () => {
  const one = hostOf('green');
  await take(one);
  const { exit, stderr, record, kept } = await testRestore(one);
  expect([exit, stderr, record.why]).toEqual([EXIT.success, '', undefined]);
  expect(verdicts(record)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^passed freshness newest full in local/),
      'passed count bank: public.accounts: 100 rows',
      'passed count bank: large objects: 2 entries',
      'told newest bank: 2026-01-30T00:00:00Z',
      'passed integrity pg_amcheck',
    ]),
  );
  expect(record).toMatchObject({ result: 'passed', store: 'local', backup: { type: 'full' } });
  expect(record.rtoAchievedSeconds).toBeGreaterThan(0);
  expect(kept?.name).toMatch(/^_records\/bank\/\d{8}T\d{6}Z-test-restore-[0-9a-f]+\.json$/);
  expect(existsSync(path.join(one.host.folder, 'local', kept?.name ?? ''))).toBe(true);
});
