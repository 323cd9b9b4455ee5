import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXIT } from '../../../lib/runner/exit-code';
import { restore } from '../../../lib/runner/restore/restore';
import type { RestoreOptions } from '../../../lib/runner/restore/restore';
import type { Wish } from '../../../lib/runner/restore/wish';
import { verify } from '../../../lib/runner/verify';
import { fileEntries } from '../../corpus/file-entries';
import type { MemoryStore } from '../memory-store';
import { REFUSED, SEEN, day, first, gone } from './damages';
import type { Damage } from './damages';
import { PATH, ledgerKeyOf, machineAt, makeTarHistory, must, opening, task, worldOf } from './world';
import type { RestoreWorld, TarHistory } from './world';

/**
 * Damaged backups, each of a kind. `verify --full` finds each, and `restore` never ends with success: it refuses with the
 * cause and the nearest point, or restores what is right and says what somebody should look at.
 */

let history: TarHistory;
let folder: string;
beforeAll(async () => (history = await makeTarHistory()));
afterAll(() => history.stop());
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'hypdr-damaged-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const LATEST: Wish = { kind: 'latest' };
const targetIn = () => path.join(folder, 'target');
const machineOn = (at: number) => machineAt(at, { stateFolder: path.join(folder, 'state') });

function restoreFrom(stores: readonly MemoryStore[], at: number, wish = LATEST, more: Partial<RestoreOptions> = {}) {
  const asked = { databases: undefined, replace: [], globals: 'left out', owners: 'kept' } as const;
  const options: RestoreOptions = { wish, mode: 'restore', target: targetIn(), ...asked, ...more };
  return restore(task, options, machineOn(at), { open: opening(stores) });
}

function verifyAll({ a }: RestoreWorld, at: number) {
  const machine = machineOn(at);
  const open = () => opening([a])(task, machine, undefined, 'copies');
  return verify(task, machine, { only: undefined, depth: 'full', open });
}

async function damaged({ damage, ...options }: Partial<Damage>): Promise<RestoreWorld> {
  const world = await worldOf(history, options);
  await damage?.(world);
  return world;
}

const restored = () => fileEntries(path.join(targetIn(), history.member));
const sourceOn = (number: number) => fileEntries(must(history.copies[number]));

test('there are more than thirty kinds', () => {
  expect(Object.keys(REFUSED).length + Object.keys(SEEN).length).toBeGreaterThan(45);
});

test('nothing is found where nothing is damaged', async () => {
  const world = await damaged({});
  const report = await restoreFrom([world.a], 5);
  expect([report.exit, report.warnings]).toEqual([EXIT.success, []]);
  expect(await verifyAll(world, 5)).toMatchObject({ exit: EXIT.success, findings: [], read: { backups: 5 } });
});

test.each(Object.entries(REFUSED))('%s is refused', async (_, kind) => {
  const world = await damaged(kind);
  const at = kind.day ?? 5;
  const report = await restoreFrom([world.a], at);
  const nearest = day(world, kind.nearest).manifest;
  expect([report.exit, report.why]).toEqual([EXIT.damaged, expect.stringMatching(kind.cause)]);
  expect(report.nearest?.from).toBe(`${nearest.slot}-${nearest.type}`);
  expect(existsSync(targetIn())).toBe(false);
  const { findings, exit } = await verifyAll(world, at);
  expect(findings.map((one) => one.kind)).toContain(kind.finds);
  expect(exit).toBe(kind.verifies ?? EXIT.damaged);
  // And the nearest point is one.
  const again = await restoreFrom([world.a], at, { kind: 'backup', slot: nearest.slot });
  expect([again.why, restored()]).toEqual([undefined, sourceOn(kind.nearest)]);
});

test.each(Object.entries(SEEN))('%s is seen through, and said', async (_, kind) => {
  const world = await damaged(kind);
  const at = kind.day ?? 5;
  const report = await restoreFrom([world.a], at);
  expect([report.exit, report.why, report.point?.slot]).toEqual([
    EXIT.degraded,
    undefined,
    day(world, kind.restores).manifest.slot,
  ]);
  expect(report.warnings.join('\n')).toMatch(kind.warns);
  expect(restored()).toEqual(sourceOn(kind.restores));
  const { findings, exit } = await verifyAll(world, at);
  expect(findings.map((one) => one.kind)).toContain(kind.finds);
  expect(exit).toBe(kind.verifies ?? EXIT.damaged);
});

test('parts of two backups swapped: the nearest point is found out to be damaged when it is asked for', async () => {
  const world = await damaged({});
  const bytes = Buffer.from(world.a.bytesOf(first(world, 0)));
  world.a.spoil(first(world, 0), () => Buffer.from(world.a.bytesOf(first(world, 2))));
  world.a.spoil(first(world, 2), () => bytes);
  const report = await restoreFrom([world.a], 5);
  expect(report).toMatchObject({ exit: EXIT.damaged, nearest: { from: '20261123T021500Z-incremental' } });
  const again = await restoreFrom([world.a], 5, { kind: 'backup', slot: '20261123T021500Z' });
  expect([again.exit, again.why]).toEqual([EXIT.damaged, expect.stringContaining('its bytes are not those')]);
  const { findings, exit } = await verifyAll(world, 5);
  // Each by what the store computes, and by reading.
  expect([findings.map((one) => one.kind), exit]).toEqual([Array(4).fill('checksum'), EXIT.damaged]);
});

test('a backup whose ledger entry is gone is passed over and said, until it is verified again', async () => {
  const world = await damaged({ damage: (w) => gone(w.a, ledgerKeyOf(day(w, 4))) });
  const report = await restoreFrom([world.a], 5);
  expect([report.exit, report.point?.slot]).toEqual([EXIT.degraded, '20261125T021500Z']);
  expect(report.warnings).toContainEqual(expect.stringContaining('is newer and was never verified'));
  expect((await verifyAll(world, 5)).exit).toBe(EXIT.success);
  rmSync(targetIn(), { recursive: true });
  expect(await restoreFrom([world.a], 5)).toMatchObject({ exit: EXIT.success, point: { slot: '20261126T021500Z' } });
});

test('data without a manifest are strays, which hold up no restore', async () => {
  const world = await damaged({});
  await world.a.create(`${PATH}20261123T141500Z-full-${'c'.repeat(16)}/files.0001`, Buffer.from('half a run'), {});
  await world.a.create(first(world, 2).replace(/-a+2\//, `-${'d'.repeat(16)}/`), Buffer.from('of somebody'), {});
  expect((await restoreFrom([world.a], 5)).exit).toBe(EXIT.success);
  const { exit, findings } = await verifyAll(world, 6.05);
  expect([exit, findings.map(({ kind, message }) => `${kind}: ${message}`)]).toEqual([
    EXIT.degraded,
    [
      'stray: there is no manifest that names it',
      'stray: the backup does without it',
      expect.stringMatching(/^stale: .* is the age of the newest verified incremental/),
    ],
  ]);
});

test('stores that hold different backups under one name are told apart by their names', async () => {
  const world = await worldOf(history);
  const other = await worldOf(history, { change: () => ({ tools: { tar: 'another' } }) });
  const b = Object.assign(other.a, { id: 'b' });
  const wish: Wish = { kind: 'backup', slot: '20261124T021500Z' };
  expect(await restoreFrom([world.a, b], 5, wish)).toMatchObject({
    exit: EXIT.damaged,
    why: 'a and b hold different backups under the name 20261124T021500Z: choose one by --store',
  });
  const chosen = await restoreFrom([world.a, b], 5, wish, { only: ['b'] });
  expect([chosen.exit, chosen.store]).toEqual([EXIT.success, 'b']);
});
