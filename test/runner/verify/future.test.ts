import { verify } from '../../../lib/runner/verify';
import { PATH, machineAt, takeBackup, task, worldOf } from '../copy/world';
import type { MemoryStore } from '../memory-store';

/** Backups that are dated after the clock of the verifier that sees them first. */

async function look(store: MemoryStore, day: number) {
  const open = () => Promise.resolve({ places: [{ store, path: PATH }], dropped: [], worthRetry: false });
  const machine = machineAt(day);
  const { exit, findings } = await verify(task, machine, { only: undefined, depth: 'quick', open });
  return {
    exit,
    future: findings.filter(({ kind }) => kind === 'future').map(({ message }) => message),
    logged: machine.logged.filter(({ event }) => event === 'verify_future').map(({ level }) => level),
  };
}

test('are told of when they are verified, and as long as they lie there, though their time has come', async () => {
  const { a } = worldOf();
  await takeBackup([a], { day: 0 });
  await takeBackup([a], { day: 5 });
  const said = [
    expect.stringMatching(/^20261127T021500Z-full is dated after the clock .* saw it first, and never the/),
  ];
  expect(await look(a, 1)).toEqual({ exit: 0, future: said, logged: ['warning'] });
  expect(await look(a, 2)).toEqual({ exit: 0, future: said, logged: ['warning'] });
  expect(await look(a, 9)).toEqual({ exit: 0, future: said, logged: ['warning'] });
  // After their retention they are pruned, and nobody is told any more.
  for await (const { key, version } of a.list(`${PATH}20261127`, { versions: 'all' })) await a.remove(key, version);
  expect(await look(a, 40)).toMatchObject({ exit: 0, future: [] });
});

test('a start after the verifier counts as a slot does, and many are told of in one line', async () => {
  const { a } = worldOf();
  await takeBackup([a], { day: 0, changes: { startedAt: '2026-12-24T00:00:00.000Z' } });
  expect((await look(a, 1)).future).toEqual([expect.stringMatching(/^20261122T021500Z-full is dated/)]);
  for (const day of [3, 4, 5]) await takeBackup([a], { day });
  expect((await look(a, 1)).future).toEqual([
    expect.stringMatching(/^20261122T021500Z-full, 20261125T021500Z-full and 2 more are dated .* saw them first/),
  ]);
});

test('clocks that differ by less than an hour are both right', async () => {
  const { a } = worldOf();
  await takeBackup([a], { day: 1 });
  expect(await look(a, 1 - 0.9 / 24)).toEqual({ exit: 0, future: [], logged: [] });
  const other = worldOf().a;
  await takeBackup([other], { day: 1 });
  expect((await look(other, 1 - 1.2 / 24)).future).toHaveLength(1);
});
