import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BackupManifest, TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import type { RestoreReport } from '../../../lib/runner/restore/report';
import { IDENTITY_FILE, corpusSets } from '../../corpus/expected';
import type { Answer, CorpusSet, Point } from '../../corpus/expected';
import { fileEntries } from '../../corpus/file-entries';
import { startMariadb } from '../../servers/mariadb';
import { startPostgres } from '../../servers/postgres';
import { databaseTask } from './database-task';
import { fileTask } from './file-task';
import { runHere, writeTask } from './program-run';
import type { Host } from './program-run';

/** What every released version stored is restored by the `restore` of today, and verified by its `verify --full`. */

jest.setTimeout(180_000);

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'hypdr-restore-corpus-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const points = corpusSets().flatMap((set) =>
  set.expected.points.map((point) => [`${set.name} ${point.type} ${point.slot}`, set, point] as const),
);
const of = (kind: Point['kind']) => points.filter(([, , point]) => point.kind === kind);

/** A day on which the newest of them was new. */
const now = () => new Date('2026-11-25T04:00:00Z');

/** A copy of the store, since the released one is written by nobody. */
function hostOf({ store, expected }: CorpusSet, environment: Readonly<Record<string, string>>) {
  const local = { id: 'local', from: [], path: path.join(folder, 'store') };
  cpSync(store, local.path, { recursive: true });
  const host: Host = {
    folder,
    state: path.join(folder, 'state'),
    environment: { ...environment, HYPDR_AGE_IDENTITY_FILE: IDENTITY_FILE },
  };
  mkdirSync(host.state);
  const first = readdirSync(local.path).find((name) => name.endsWith('.manifest.json')) ?? '';
  const { engine } = JSON.parse(readFileSync(path.join(local.path, first), 'utf8')) as BackupManifest;
  const changes: Partial<TaskManifest> = { name: expected.task, local, stores: [] };
  const all = { kind: 'database', secret: 'test', environment: [] } as const;
  const task =
    engine === 'files'
      ? fileTask(expected.task, '/srv', changes)
      : databaseTask(engine === 'postgresql' ? engine : 'mariadb', expected.task, { ...changes, source: all });
  return { host, task: writeTask(host, task) };
}

async function restore(
  set: CorpusSet,
  { slot, type }: Point,
  target: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<RestoreReport> {
  const { host, task } = hostOf(set, environment);
  const verified = await runHere(host, ['verify', '--full', '--task', task], { now });
  // Its age is another matter.
  const findings = verified.stdout
    .split('\n')
    .filter((line) => line.startsWith('local') && !line.includes('is the age of'));
  expect(findings).toEqual([]);
  const argv = [
    'restore',
    '--task',
    task,
    '--from',
    `${slot}-${type}`,
    '--target',
    target,
    '--globals',
    '--format',
    'json',
  ];
  const ran = await runHere(host, argv, { now });
  return JSON.parse(ran.stdout) as RestoreReport;
}

test('there are backups of every kind', () => {
  for (const kind of ['files', 'postgresql', 'mariadb'] as const) expect(of(kind).length).toBeGreaterThan(1);
});

test.each(of('files'))('%s', async (_, set, point) => {
  const target = path.join(folder, 'target');
  const report = await restore(set, point, target);
  expect([report.exit, report.why]).toEqual([EXIT.success, undefined]);
  if (point.kind === 'files') expect(fileEntries(path.join(target, point.root))).toEqual(point.entries);
});

test.each(of('postgresql'))('%s', async (_, set, point) => {
  const server = await startPostgres();
  try {
    const report = await restore(set, point, `postgresql://${server.user}@127.0.0.1:${server.port}/`, {
      HYPDR_RESTORE_PASSWORD: server.password,
    });
    expect([report.exit, report.why]).toEqual([EXIT.success, undefined]);
    await expectAnswers(point, (sql, database) => server.sql(sql, database));
  } finally {
    await server.stop();
  }
});

test.each(of('mariadb'))('%s', async (_, set, point) => {
  const server = await startMariadb();
  try {
    const report = await restore(set, point, `mariadb://${server.user}@127.0.0.1:${server.port}/`, {
      HYPDR_RESTORE_PASSWORD: server.password,
    });
    expect([report.exit, report.why]).toEqual([EXIT.success, undefined]);
    await expectAnswers(point, (sql) => server.sql(sql));
  } finally {
    await server.stop();
  }
});

async function expectAnswers(point: Point, ask: (sql: string, database: string) => Promise<string>): Promise<void> {
  if (point.kind === 'files') throw new Error('no database');
  const found: Answer[] = [];
  for (const { database, sql } of point.answers) found.push({ database, sql, answer: await ask(sql, database) });
  expect(found).toEqual(point.answers);
}
