import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXIT } from '../../../lib/runner/exit-code';
import { startS3Store } from '../../servers/cloud-store';
import type { CloudStore } from '../../servers/cloud-store';
import { expectHonest } from './crash-checks';
import { fileTask, makeSource, slotAt } from './file-task';
import { expectSameFiles, restoreFiles } from './plain-restore';
import { bundleRunner, runHere, startRunner, writeTask } from './program-run';
import type { Host, Ran } from './program-run';
import { chainOn, cloudShelf, folderShelf } from './shelf';

/**
 * SIGKILL at random moments of the program as a process of its own: whatever is left, nothing looks complete that is
 * not, the next run works, and what plain tools restore is the source. The seed is printed.
 */
const RUNS = Number(process.env.HYPDR_CRASHES ?? 200);
const SEED = Number(process.env.HYPDR_SEED ?? Date.now() % 1_000_000);
const BUCKET = 'crash';
/** Runs after which all that is published is looked at. */
const LOOK_EVERY = 20;

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

/** A small generator with a printed seed: the same moments again with HYPDR_SEED. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Backup {
  readonly type?: 'full' | 'incremental';
  /** Milliseconds. */
  readonly killAfter?: number;
}

test(`killed at random moments, the next increment and a restore equal the source (HYPDR_SEED=${SEED}, ${RUNS} runs)`, async () => {
  const next = random(SEED);
  const source = makeSource(path.join(folder, 'source'));
  const local = path.join(folder, 'local');
  const restored = path.join(folder, 'restored');
  const s3Shelf = cloudShelf(s3, BUCKET, 'files/');
  const shelves = [s3Shelf, folderShelf(local)];
  const host: Host = { folder, state: path.join(folder, 'state'), environment: s3.environment };
  const places = { stores: [s3.target(BUCKET, 'files/')], local: { id: 'local', from: [], path: local } };
  const task = writeTask(host, fileTask('crash', source, places));
  const backup = async (n: number, { type = 'incremental', killAfter }: Backup = {}): Promise<Ran> => {
    const argv = ['backup', '--task', task, '--type', type, '--slot', slotAt(n)];
    const { child, ended } = startRunner(program, host, argv);
    const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
    const ran = await ended;
    clearTimeout(timer);
    return ran;
  };

  const started = performance.now();
  expect((await backup(0)).exit).toBe(EXIT.success);
  const usual = performance.now() - started;
  const seen = new Set<string>();
  let killed = 0;
  for (let n = 1; n <= RUNS; n += 1) {
    writeFileSync(path.join(source, `file-${n % 7}`), `${n} ${'x'.repeat(Math.floor(next() * 200_000))}`);
    if (next() < 0.3) rmSync(path.join(source, `file-${(n + 3) % 7}`), { force: true });
    const { exit, stderr } = await backup(n, { killAfter: usual * (0.2 + next() * 0.9) });
    if (exit === null) killed += 1;
    else expect([exit, stderr]).toEqual([EXIT.success, expect.anything()]);
    if (n % LOOK_EVERY === 0) await expectHonest(host, task, shelves, seen);
  }
  expect(killed).toBeGreaterThan(RUNS / 10);

  const last = await backup(RUNS + 1);
  const complete = await expectHonest(host, task, shelves, seen);
  expect(last.exit).toBe(EXIT.success);
  // Of many reads at once nobody warns.
  expect(last.stderr).not.toContain('Warning');
  expect(last.events.filter(({ event }) => event === 'chain_hole')).toHaveLength(shelves.length - complete.length);
  // What a store lacks comes from a place that has it; a folder is whole again with the next full.
  expect((await runHere(host, ['copy', '--task', task])).exit).toBe(EXIT.success);
  const chain = await chainOn(s3Shelf);
  expect(chain.length).toBeGreaterThan(1);
  expectSameFiles(source, await restoreFiles(s3Shelf, chain, restored, source));
  expect((await backup(RUNS + 2, { type: 'full' })).exit).toBe(EXIT.success);
  expect(await expectHonest(host, task, shelves, seen)).toHaveLength(shelves.length);
  for (const shelf of shelves) {
    expectSameFiles(source, await restoreFiles(shelf, await chainOn(shelf), restored, source));
  }
}, 600_000);
