import {
  chownSync,
  linkSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { BackupType } from '../../../lib/contract';
import { backup } from '../../../lib/runner/backup';
import { EXIT } from '../../../lib/runner/exit-code';
import { verifyQuick } from '../../../lib/runner/verify';
import { fileEntries } from '../../corpus/file-entries';
import { testMachine } from './engine-machine';
import { fileTask } from './file-task';
import { FOUR_IDS, startFourStores } from './four-stores';
import type { FourStores } from './four-stores';
import { restoreFiles } from './plain-restore';
import { chainOn } from './shelf';

/** A file set with odd files into three clouds' stores and a folder in one run, restored from each by plain tar. */

const SPARSE_BYTES = 50_000_000;

let stores: FourStores;

beforeAll(async () => {
  stores = await startFourStores();
}, 180_000);

afterAll(() => stores.stop());

function makeOdd(source: string): void {
  mkdirSync(path.join(source, '.hidden/empty'), { recursive: true });
  writeFileSync(path.join(source, '.hidden/.file'), 'hidden');
  writeFileSync(path.join(source, 'a new\nline'), 'odd');
  writeFileSync(Buffer.concat([Buffer.from(`${source}/not utf-8 `), Buffer.from([0xff, 0xfe])]), 'bytes');
  writeFileSync(path.join(source, "-rf * 'quoted' \\"), 'odd as well');
  writeFileSync(path.join(source, 'one'), 'linked');
  linkSync(path.join(source, 'one'), path.join(source, '.hidden/other'));
  symlinkSync('/nowhere', path.join(source, 'dangling'));
  writeFileSync(path.join(source, 'owned'), 'owned', { mode: 0o640 });
  chownSync(path.join(source, 'owned'), 12345, 54321);
  writeFileSync(path.join(source, 'sparse'), 'x');
  truncateSync(path.join(source, 'sparse'), SPARSE_BYTES);
  utimesSync(path.join(source, 'one'), 1_000_000_000, 1_000_000_000);
}

test('a full and an increment come back from each of them as they were, links, holes, owners and all', async () => {
  const source = path.join(stores.folder, 'source');
  mkdirSync(source);
  makeOdd(source);
  const plain = fileTask('docs', source, stores.places('docs'));
  const task = { ...plain, runs: plain.runs.map((one) => ({ ...one, compression: 'zstd' as const })) };
  const { stateFolder } = testMachine();
  const run = async (type: BackupType, day: number) => {
    const machine = { ...testMachine(stores.environment, () => new Date(Date.UTC(2027, 0, day, 2, 15))), stateFolder };
    const outcome = await backup(task, { type }, machine);
    expect([outcome.exit, outcome.why]).toEqual([EXIT.success, undefined]);
    expect([...outcome.stored].sort()).toEqual(FOUR_IDS);
    const { findings, verified } = await verifyQuick(task, machine);
    expect([
      findings,
      verified
        .filter((one) => !one.already)
        .map((one) => one.store)
        .sort(),
    ]).toEqual([[], FOUR_IDS]);
    return { slot: outcome.manifest?.manifest.slot, entries: fileEntries(source) };
  };
  const full = await run('full', 3);
  rmSync(path.join(source, 'a new\nline'));
  writeFileSync(path.join(source, '.hidden/new'), 'new');
  linkSync(path.join(source, '.hidden/new'), path.join(source, 'new too'));
  const increment = await run('incremental', 4);

  for (const shelf of stores.shelves('docs')) {
    for (const { slot, entries } of [full, increment]) {
      const restored = await restoreFiles(shelf, await chainOn(shelf, slot), path.join(stores.folder, 'back'), source);
      expect([shelf.id, slot, fileEntries(restored)]).toEqual([shelf.id, slot, entries]);
      const { size, blocks } = statSync(path.join(restored, 'sparse'));
      expect([size, blocks * 512 < SPARSE_BYTES / 10]).toEqual([SPARSE_BYTES, true]);
    }
  }
  expect(full.entries.filter(({ sameAs }) => sameAs !== undefined)).toHaveLength(1);
  expect(increment.entries.filter(({ sameAs }) => sameAs !== undefined)).toHaveLength(2);
}, 180_000);
