import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sortHistory } from '../../lib/runner/chain';
import { decide } from '../../lib/runner/decide';
import type { PreparedSource } from '../../lib/runner/engine/engine';
import type { StoredManifest } from '../../lib/runner/manifest';
import { PublishedNotes, ownedOf } from '../../lib/runner/published-notes';
import { slotOf } from '../../lib/runner/slot';
import { takeInto } from './fake-run';
import { DAY, START, manifestOf } from './manifests';
import { MemoryStore } from './memory-store';
import { testMachine } from './test-machine';

/** What a host notes of its own manifests, and what its increments follow by that. */

const at = (day: number) => new Date(START + day * DAY + 3_600_000);
const source = { canFollow: () => Promise.resolve({ ok: true }) } as unknown as PreparedSource;

let stateFolder: string;
let notes: PublishedNotes;

beforeEach(() => {
  stateFolder = mkdtempSync(path.join(tmpdir(), 'hypdr-notes-'));
  notes = new PublishedNotes({ stateFolder }, 'shop/all');
});
afterEach(() => rmSync(stateFolder, { recursive: true, force: true }));

/** What a run of logs follows where each store holds some of the backups. */
async function followed(...stores: readonly (readonly StoredManifest[])[]) {
  const histories = stores.map((history) => ({
    place: {} as never,
    history: sortHistory(history),
    strangers: [],
  }));
  return decide('log', source, ownedOf(histories, await notes.read()), at(9));
}

const logs = (position: Readonly<Record<string, string>>) => ({
  engine: 'mariadb' as const,
  source: { identity: {}, position },
});
const file = (number: number) => `b.${`${number}`.padStart(6, '0')}`;
const full = manifestOf(0, 'full', 9, undefined, logs({ 'binlog.file': file(1), 'binlog.position': '500' }));
const logTo = (day: number, parent: StoredManifest, number: number) => {
  const { 'binlog.file': from = '', 'binlog.position': begin = '' } = parent.manifest.source.position;
  const link = { 'binlog.from.file': from, 'binlog.from.position': begin, 'binlog.files': JSON.stringify([from]) };
  return manifestOf(day, 'log', 9, parent, logs({ ...link, 'binlog.file': file(number), 'binlog.position': '4' }));
};
const own = logTo(1, full, 2);
const forged = logTo(2, own, 3);

test('the newest backup is followed that this host noted, and not one that somebody forged behind it', async () => {
  await notes.add(full);
  await notes.add(own);
  expect(await followed([full, own, forged])).toMatchObject({ type: 'log', parent: { sha256: own.sha256 } });
  // Nor a store in which nothing else lies, nor a full of somebody else.
  const stranger = manifestOf(3, 'full', 9, undefined, logs({}));
  expect(await followed([full, own], [stranger, forged])).toMatchObject({ parent: { sha256: own.sha256 } });
});

test('a host without notes follows what is there, and what its first note follows is its own from then on', async () => {
  expect(await followed([full, own])).toMatchObject({ parent: { sha256: own.sha256 } });
  await notes.add(own);
  const other = logTo(1.5, full, 2);
  expect(await followed([full, other, own])).toMatchObject({ parent: { sha256: own.sha256 } });
  expect(await followed([full, other])).toMatchObject({ type: 'full' });
});

test('a full is taken, and says why, where no store holds what this host published', async () => {
  await notes.add(own);
  expect(await followed([full, forged])).toMatchObject({
    type: 'full',
    fullBecause: 'no store holds a backup that this host published',
  });
  expect(await followed([])).toMatchObject({ fullBecause: expect.stringContaining('complete chain') });
});

test('what no restore could put on its parent is not followed, noted or not', async () => {
  const { source: told } = own.manifest;
  const gap = manifestOf(2, 'log', 9, full, logs({ ...told.position, 'binlog.from.position': '777' }));
  expect(await followed([full, own, gap])).toMatchObject({ parent: { sha256: own.sha256 } });
});

test('notes are of one task, and the oldest go', async () => {
  expect(await new PublishedNotes({ stateFolder }, 'shop').read()).toEqual(new Set());
  const own = path.join(stateFolder, 'published', 'shop%2Fall');
  mkdirSync(own, { recursive: true });
  const before = Array.from({ length: 4095 }, (_, n) => `${slotOf(at(-n - 1))}-${`${n}`.padStart(64, '0')}`);
  for (const name of [...before, 'something else']) writeFileSync(path.join(own, name), '');
  await notes.add(full);
  expect(await notes.read()).toEqual(new Set([full.sha256, ...before.map((name) => name.slice(-64))]));
  await notes.add(forged);
  const left = [full.sha256, forged.sha256, ...before.slice(0, -1).map((name) => name.slice(-64))];
  expect(await notes.read()).toEqual(new Set(left));
  expect(readdirSync(own)).toContain('something else');
});

test('a note is there before its manifest is, and one that cannot be kept is told of', async () => {
  const seen: boolean[] = [];
  const store = new MemoryStore({
    id: 'a',
    fault: async ({ key, phase }) => {
      if (phase === 'before' && key.endsWith('.manifest.json')) seen.push((await notes.read()).size === 1);
    },
  });
  const outcome = await takeInto([store], testMachine(), { notes });
  expect([outcome.exit, new Set(seen)]).toEqual([0, new Set([true])]);
  expect(await notes.read()).toEqual(new Set([outcome.manifest?.sha256]));

  const machine = testMachine();
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  const lost = await takeInto([new MemoryStore({ id: 'b' })], machine, { notes: { add: () => Promise.reject(full) } });
  expect(lost.exit).toBe(0);
  expect(machine.logged).toContainEqual(expect.objectContaining({ event: 'state_not_kept' }));
});
