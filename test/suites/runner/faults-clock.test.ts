import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BackupType } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { fileTask, makeSource } from './file-task';
import { expectSameFiles, restoreFiles } from './plain-restore';
import { listed, runHere, writeTask } from './program-run';
import type { Host, Ran } from './program-run';
import { backupsOn, chainOn, folderShelf } from './shelf';
import { tarClock } from './tar-clock';
import type { TarClock } from './tar-clock';

/** The table of faults, its clock: a day ahead, and corrected. */

const HOUR = 3600;
const DAY = 24 * HOUR;

let folder: string;
let clock: TarClock;
/** What the host's clock is ahead of ours, and the seconds of that which have really passed. */
let ahead = 0;
let passed = 0;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-clock-'));
  clock = tarClock(folder);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function setClock(seconds: number, reallyPassed = 0): void {
  [ahead, passed] = [seconds, reallyPassed];
  clock.set(seconds);
}

function docs() {
  const source = makeSource(path.join(folder, 'source'));
  const now = () => new Date(Date.now() + ahead * 1000);
  const change = (name: 'diary' | 'book', words: string) => {
    const file = path.join(source, name);
    writeFileSync(file, words);
    // As the host's clock has it; tar takes the later one of this and of the time that nobody can set.
    utimesSync(file, now(), now());
  };
  for (const name of ['diary', 'book'] as const) change(name, 'at first');
  const local = path.join(folder, 'local');
  const host: Host = { folder, state: path.join(folder, 'state'), environment: {} };
  const task = writeTask(host, fileTask('docs', source, { local: { id: 'local', from: [], path: local } }));
  const shelf = folderShelf(local);
  const machine = {
    now,
    boot: () => ({ id: 'boot', seconds: Date.now() / 1000 + passed }),
    environment: { PATH: `${clock.folder}:${process.env.PATH}` },
  };
  const call = (...argv: string[]): Promise<Ran> => runHere(host, [...argv, '--task', task], machine);
  return {
    shelf,
    source,
    call,
    /** Files that are there: tar finds new ones by their names alone. */
    change,
    backup: (type: BackupType) => call('backup', '--type', type),
    newest: async () => (await backupsOn(shelf)).map(({ manifest }) => manifest),
    list: () => listed(host, task),
    expectRestored: async (slot: string) => {
      const restored = path.join(folder, 'restored');
      expectSameFiles(source, await restoreFiles(shelf, await chainOn(shelf, slot), restored, source));
    },
  };
}

/** The slot that a run said it published. */
function slotIn({ exit, events }: Ran): string {
  expect(exit).toBe(EXIT.success);
  const stored = events.find(({ event }) => event === 'backup_stored');
  return String(stored?.slot);
}

test.each<BackupType>(['incremental', 'full'])(
  'a day ahead for a run of type %s, and corrected: one full that says so, increments after it, and nothing is lost',
  async (type) => {
    const set = docs();
    setClock(0);
    slotIn(await set.backup('full'));
    setClock(DAY);
    set.change('diary', 'written a day ahead');
    const wrong = slotIn(await set.backup(type));

    setClock(60);
    set.change('diary', 'after the correction');
    const mended = await set.backup('incremental');
    const full = slotIn(mended);
    expect(mended.events).toContainEqual(
      expect.objectContaining({ event: 'full_instead', message: expect.stringContaining('from the future') }),
    );
    await set.expectRestored(full);

    setClock(120);
    set.change('book', 'two minutes after');
    const next = slotIn(await set.backup('incremental'));
    await set.expectRestored(next);

    // Our clock has come to where the wrong one was: what was changed meanwhile is older than the state of that run.
    setClock(DAY + HOUR);
    set.change('diary', 'a day after');
    const later = slotIn(await set.backup('incremental'));
    const manifests = new Map((await set.newest()).map((one) => [one.slot, one]));
    expect(manifests.get(full)).toMatchObject({
      type: 'full',
      fullBecause: expect.stringContaining('from the future'),
    });
    expect(manifests.get(next)).toMatchObject({ type: 'incremental', parent: { slot: full } });
    expect(manifests.get(later)?.parent?.slot).not.toBe(wrong);
    await set.expectRestored(later);
    expect((await set.list()).every(({ chain }) => chain === 'complete')).toBe(true);
  },
  60_000,
);

test('corrected after its time has come: the host has been up for longer than its clock shows, so the next one is a full', async () => {
  const set = docs();
  setClock(0);
  slotIn(await set.backup('full'));
  setClock(DAY);
  slotIn(await set.backup('incremental'));
  // Corrected at once, and nobody looks for a day: what changes on it is older than the state of the wrong time.
  setClock(HOUR, HOUR);
  set.change('diary', 'on the day after');
  setClock(DAY + 60, DAY + 60);
  const ran = await set.backup('incremental');
  const next = slotIn(ran);
  expect(ran.events).toContainEqual(
    expect.objectContaining({ event: 'full_instead', message: expect.stringContaining('was set back') }),
  );
  await set.expectRestored(next);
  set.change('diary', 'later');
  setClock(DAY + 120, DAY + 120);
  const last = slotIn(await set.backup('incremental'));
  expect((await set.newest()).at(-1)).toMatchObject({ slot: last, type: 'incremental', parent: { slot: next } });
  await set.expectRestored(last);
}, 60_000);

test('prune goes by no backup from the future', async () => {
  const set = docs();
  setClock(0);
  const right = slotIn(await set.backup('full'));
  setClock(365 * DAY);
  const wrong = slotIn(await set.backup('full'));
  setClock(60);
  const verified = await set.call('verify', '--quick');
  expect([verified.exit, verified.stdout]).toEqual([EXIT.success, expect.stringContaining(`${wrong}-full is dated`)]);
  // A year without a backup: nothing may go, and the newest is the last one whose time was right.
  setClock(200 * DAY);
  const { stdout } = await set.call('prune', '--dry-run');
  expect(stdout).toMatch(new RegExp(`kept +local +${right}-full.manifest.json: belongs to the newest chain`));
  expect(stdout).toMatch(new RegExp(`kept +local +${wrong}-full.manifest.json: retention ends`));
}, 60_000);
