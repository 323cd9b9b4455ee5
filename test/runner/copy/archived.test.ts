import { EXIT } from '../../../lib/runner/exit-code';
import { freeze } from '../freeze';
import { runCopy, takeBackup, verify, worldOf } from './world';
import type { World } from './world';

/** Copies from, and into, stores whose older backups lie in an archive. */

async function twoDays(world: World) {
  const first = await takeBackup([world.a], { day: 0 });
  await takeBackup([world.a], { day: 1 });
  await verify(world.a, 2);
  return (key: string) => key.includes(first.manifest.slot) && /[.][0-9]{4}$/.test(key);
}

test('what lies in an archive is left out with that reason, without a read or a request to thaw', async () => {
  const world = worldOf();
  const frozen = freeze(world.a, await twoDays(world));
  const { exit, lines, short } = await runCopy(world, { day: 2, only: ['far'] });
  expect([exit, short]).toEqual([EXIT.degraded, ['copied far 23-full', 'left out far 22-full']]);
  expect(lines[1]?.why).toBe('it lies in an archive in a: once it was thawed there, it can be copied');
  expect(world.far.keys.filter((key) => key.includes('20261122'))).toEqual([]);
  expect([frozen.asked, frozen.inVain]).toEqual([[], 0]);
});

test('a dry run says the same', async () => {
  const world = worldOf();
  freeze(world.a, await twoDays(world));
  const { short } = await runCopy(world, { day: 2, only: ['far'], mode: 'dry-run' });
  expect(short).toEqual(['would copy far 23-full', 'left out far 22-full']);
});

test('where only the read tells it, it is left out too, and nothing of it is published', async () => {
  const world = worldOf();
  freeze(world.a, await twoDays(world), { lists: 'silent' });
  const { exit, short } = await runCopy(world, { day: 2, only: ['far'] });
  expect([exit, short]).toEqual([EXIT.degraded, ['copied far 23-full', 'left out far 22-full']]);
  expect(world.far.keys.some((key) => key.includes('20261122'))).toBe(false);
});

test('another store that has it at hand is read instead', async () => {
  const world = worldOf();
  const first = await takeBackup([world.a, world.b], { day: 0 });
  for (const store of [world.a, world.b]) await verify(store, 2);
  freeze(world.a, (key) => key.includes(first.manifest.slot) && /[.][0-9]{4}$/.test(key));
  const { exit, short } = await runCopy(world, { day: 2, only: ['far'] });
  expect([exit, short]).toEqual([EXIT.success, ['copied far 22-full']]);
});

test('a destination whose manifests went into an archive is full, not damaged', async () => {
  const world = worldOf();
  await twoDays(world);
  await runCopy(world, { day: 2, only: ['far'] });
  await verify(world.far, 2);
  freeze(world.far, (key) => key.includes('20261122') && !key.startsWith('_'));
  const taken = world.far.taken;
  expect(await runCopy(world, { day: 2, only: ['far'] })).toMatchObject({ exit: EXIT.success, lines: [] });
  expect(world.far.taken).toBe(taken);
});
