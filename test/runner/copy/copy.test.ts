import { EXIT } from '../../../lib/runner/exit-code';
import { StoreError } from '../../../lib/runner/store/store';
import { DAY, START } from '../manifests';
import {
  contentOf,
  fillFrom,
  machineAt,
  manifestKeyOf,
  restore,
  runCopy,
  takeBackup,
  verify,
  worldOf,
  writesOf,
} from './world';
import type { World } from './world';

/** A full and an increment in `a` and `b`, verified there. */
async function twoDays(options?: Parameters<typeof worldOf>[0]) {
  const world = worldOf(options);
  const both = [world.a, world.b];
  const full = await takeBackup(both, { day: 0 });
  const increment = await takeBackup(both, { day: 1, type: 'incremental', parent: full });
  for (const store of both) await verify(store, 2);
  return { world, full, increment };
}

describe('into another cloud', () => {
  test('what is verified is copied with all that it needs, and the destination verifies it by reading', async () => {
    const { world, full, increment } = await twoDays();
    const { exit, short } = await runCopy(world, { day: 2, only: ['far'] });
    expect([exit, short]).toEqual([EXIT.success, ['copied far 22-full', 'copied far 23-incremental']]);
    for (const stored of [full, increment]) expect(world.far.bytesOf(manifestKeyOf(stored))).toEqual(stored.bytes);
    expect(await verify(world.far, 2)).toEqual({ added: 2, before: 0, findings: [] });
    const entry = JSON.parse(world.far.bytesOf(`_verified/test/${manifestKeyOf(full)}`).toString());
    expect(entry.method).toBe('full');
    expect(entry.objects.every((one: { version?: string }) => one.version !== undefined)).toBe(true);
    const reads = world.far.calls('read');
    expect(await verify(world.far, 2)).toEqual({ added: 0, before: 2, findings: [] });
    // Only the ledger is read again.
    expect(world.far.calls('read') - reads).toBe(2);
    expect(await restore(world.far, full)).toEqual(contentOf(0));
    expect(await restore(world.far, increment)).toEqual(contentOf(1));
    expect(world.farther.keys).toEqual([]);
  });

  test('a second time nothing is lacking, and nothing is written', async () => {
    const { world } = await twoDays();
    await runCopy(world, { day: 2 });
    const before = [...world.far.keys, ...world.farther.keys];
    expect((await runCopy(world, { day: 2 })).short).toEqual([]);
    for (const store of [world.far, world.farther]) await verify(store, 2);
    expect((await runCopy(world, { day: 9 })).short).toEqual([]);
    expect([...world.far.keys, ...world.farther.keys].filter((key) => !key.startsWith('_'))).toEqual(before);
  });

  test('what is only stored is not copied, nor what follows it', async () => {
    const world = worldOf();
    const full = await takeBackup([world.a], { day: 0 });
    await takeBackup([world.a], { day: 1, type: 'incremental', parent: full });
    expect(await runCopy(world, { day: 2, only: ['far'] })).toMatchObject({ exit: EXIT.success, lines: [] });
    await verify(world.a, 2);
    world.a.spoil(`_verified/test/${manifestKeyOf(full)}`, () => Buffer.from('{}'));
    const { exit, short } = await runCopy(world, { day: 2, only: ['far'] });
    expect([exit, short]).toEqual([EXIT.degraded, ['left out far 23-incremental']]);
    expect(world.far.keys).toEqual([]);
  });

  test('what is over stays behind, but not what a later backup needs', async () => {
    const world = worldOf();
    await takeBackup([world.a], { day: 0, retention: 2 });
    const needed = await takeBackup([world.a], { day: 1, retention: 1 });
    await takeBackup([world.a], { day: 2, type: 'incremental', parent: needed, retention: 9 });
    await verify(world.a, 2);
    const { short } = await runCopy(world, { day: 5, only: ['far'] });
    expect(short).toEqual(['copied far 23-full', 'copied far 24-incremental']);
  });

  test('the newest chain goes first, each parent before its child', async () => {
    const world = worldOf();
    const old = await takeBackup([world.a], { day: 0 });
    await takeBackup([world.a], { day: 1, type: 'incremental', parent: old });
    const full = await takeBackup([world.a], { day: 2 });
    await takeBackup([world.a], { day: 3, type: 'incremental', parent: full });
    await verify(world.a, 3);
    const order = ['24-full', '25-incremental', '22-full', '23-incremental'];
    expect((await runCopy(world, { day: 3, only: ['far'] })).short).toEqual(order.map((one) => `copied far ${one}`));
  });

  test('the versions that were verified are read, whatever was put over them', async () => {
    const { world, full } = await twoDays();
    const [segment = ''] = world.a.keys.filter((key) => /22T.*-full-a/.test(key));
    world.a.overwrite(segment, Buffer.alloc(1000));
    await world.a.remove(manifestKeyOf(full), undefined);
    expect((await runCopy(world, { day: 2, only: ['far'] })).exit).toBe(EXIT.success);
    await verify(world.far, 2);
    expect(await restore(world.far, full)).toEqual(contentOf(0));
  });

  test('a dry run says what would be copied, and copies nothing', async () => {
    const { world } = await twoDays();
    const { exit, short, lines } = await runCopy(world, { day: 2, only: ['far'], mode: 'dry-run' });
    expect([exit, short]).toEqual([EXIT.success, ['would copy far 22-full', 'would copy far 23-incremental']]);
    expect(lines[0]?.why).toBe('from a');
    expect(world.far.calls('upload') + world.far.calls('create')).toBe(0);
  });

  test('what was verified there once and was deleted is not copied again, and said', async () => {
    const { world, full } = await twoDays();
    await runCopy(world, { day: 2, only: ['far'] });
    await verify(world.far, 2);
    await world.far.remove(manifestKeyOf(full), undefined);
    const { exit, short } = await runCopy(world, { day: 3, only: ['far'] });
    expect([exit, short]).toEqual([EXIT.degraded, ['left out far 22-full']]);
  });

  test('objects are locked until the time in the manifest, where the store locks and it is to come', async () => {
    const world = worldOf({ farther: { locks: 'container' } });
    await takeBackup([world.a], { day: 0, lockDays: 1 });
    await takeBackup([world.a], { day: 1, lockDays: 9 });
    await verify(world.a, 1);
    await runCopy(world, { day: 3 });
    const locks = async (store: World['far']) => {
      const seen = new Map<string, number>();
      for await (const { key, retainUntil } of store.list('')) {
        const day = `${key.slice(16, 18)} ${retainUntil ? (retainUntil.getTime() - START) / DAY : 'open'}`;
        seen.set(day, (seen.get(day) ?? 0) + 1);
      }
      return Object.fromEntries(seen);
    };
    expect(await locks(world.far)).toEqual({ '22 open': 5, '23 10': 5 });
    expect(await locks(world.farther)).toEqual({ '22 open': 5, '23 open': 5 });
  });

  test('a store that refuses to lock has a copy that can be deleted, and it is said', async () => {
    const world = worldOf({ far: { locks: 'refused' } });
    await takeBackup([world.a], { day: 0, lockDays: 9 });
    await verify(world.a, 1);
    const { lines } = await runCopy(world, { day: 1, only: ['far'] });
    expect(lines[0]?.why).toContain('not locked');
  });
});

describe('into a hole', () => {
  test('an increment without its parent is a hole until the copy has come, then it is restored from there', async () => {
    const world = worldOf();
    const full = await takeBackup([world.a], { day: 0 });
    const increment = await takeBackup([world.a, world.b], { day: 1, type: 'incremental', parent: full });
    expect(await verify(world.a, 1)).toMatchObject({ added: 2, findings: [] });
    expect(await verify(world.b, 1)).toEqual({ added: 1, before: 0, findings: ['hole'] });
    const { exit, short } = await runCopy(world, { day: 1, only: ['a', 'b'] });
    expect([exit, short]).toEqual([EXIT.success, ['copied b 22-full']]);
    expect(await verify(world.b, 1)).toEqual({ added: 1, before: 1, findings: [] });
    expect(await restore(world.b, full)).toEqual(contentOf(0));
    expect(await restore(world.b, increment)).toEqual(contentOf(1));
  });

  test('a chain of which each store has another part is put together', async () => {
    const world = worldOf();
    const full = await takeBackup([world.a], { day: 0 });
    const second = await takeBackup([world.b], { day: 1, type: 'incremental', parent: full });
    await takeBackup([world.a], { day: 2, type: 'incremental', parent: second });
    for (const store of [world.a, world.b]) await verify(store, 2);
    const { exit, short } = await runCopy(world, { day: 2, only: ['a', 'b'] });
    expect([exit, short]).toEqual([
      EXIT.success,
      ['copied a 23-incremental', 'copied b 22-full', 'copied b 24-incremental'],
    ]);
    for (const store of [world.a, world.b]) expect((await verify(store, 2)).findings).toEqual([]);
  });

  test('data that the run itself stored there is taken by its receipts, unread; only the manifest was lacking', async () => {
    const denied = ({ step, key }: { step: string; key: string }) => {
      if (step === 'read' && !key.endsWith('.manifest.json')) throw new StoreError('denied', 'no');
    };
    const world = worldOf({ b: { fault: denied } });
    const full = await takeBackup([world.a, world.b], { day: 0 });
    await world.b.remove(manifestKeyOf(full), 'v5');
    await verify(world.a, 1);
    const before = world.b.keys;
    const { lines } = await runCopy(world, { day: 1, only: ['b'] });
    expect(lines[0]?.why).toBe('from a; 4 of 4 objects lay there');
    expect(world.b.keys.filter((key) => !before.includes(key))).toEqual([manifestKeyOf(full)]);
    expect(await verify(world.b, 1)).toEqual({ added: 1, before: 0, findings: [] });
  });

  test('an object that the run stored and that is lost before it was verified comes back by a copy', async () => {
    const world = worldOf();
    const full = await takeBackup([world.a, world.b], { day: 0 });
    const lost = world.b.keys.find((key) => key.endsWith('.0002')) ?? '';
    await world.b.remove(lost, (await world.b.head(lost))?.version);
    expect((await verify(world.b, 1)).findings).toEqual(['missing']);
    await verify(world.a, 1);
    const { lines } = await runCopy(world, { day: 1, only: ['b'] });
    expect(lines[0]?.why).toBe('from a; 3 of 4 objects lay there');
    expect(await verify(world.b, 1)).toEqual({ added: 1, before: 0, findings: [] });
    expect(await restore(world.b, full)).toEqual(contentOf(0));
  });

  test('two runs of one slot, both verified: one of them is copied, nothing of the other is sent', async () => {
    const world = worldOf();
    await takeBackup([world.a], { day: 0 });
    await takeBackup([world.b], { day: 0, retention: 31, content: contentOf(9) });
    for (const store of [world.a, world.b]) await verify(store, 1);
    const { lines } = await fillFrom(world.far, [world.a, world.b]);
    expect(lines.map((one) => one.fate)).toEqual(['copied', 'damaged']);
    expect(world.far.calls('upload')).toBe(4);
  });

  test('two runs of one slot: the second manifest finds its name taken, and it is said as damage', async () => {
    const world = worldOf();
    await takeBackup([world.a], { day: 0 });
    await takeBackup([world.b], { day: 0, retention: 31 });
    for (const store of [world.a, world.b]) await verify(store, 1);
    const { exit, short } = await runCopy(world, { day: 1, only: ['b'] });
    expect([exit, short]).toEqual([EXIT.damaged, ['damaged b 22-full']]);
    expect(Math.max(...(await writesOf(world.b)).values())).toBe(1);
  });
});

describe('how it ends', () => {
  const down = (kind: 'retry' | 'denied') => ({
    fault: ({ step }: { step: string }) => {
      if (step === 'list') throw new StoreError(kind, `the store is ${kind}`);
    },
  });

  test.each([
    ['one destination is down', { far: down('retry') }, EXIT.degraded],
    ['all are down', { far: down('retry'), farther: down('denied') }, EXIT.retry],
    ['all refuse', { far: down('denied'), farther: down('denied') }, EXIT.permanent],
  ])('%s: it ends with %i', async (_name, options, exit) => {
    const { world } = await twoDays(options);
    expect((await runCopy(world, { day: 2, only: ['far', 'farther'] })).exit).toBe(exit);
  });

  test('a source that is down is named, and another good store asked', async () => {
    const { world, full } = await twoDays();
    const without = { ...world, a: worldOf({ a: down('retry') }).a };
    const { exit, short } = await runCopy(without, { day: 2, only: ['far'] });
    expect(exit).toBe(EXIT.degraded);
    expect(short).toEqual(['left out a', 'copied far 22-full', 'copied far 23-incremental']);
    await verify(world.far, 2);
    expect(await restore(world.far, full)).toEqual(contentOf(0));
  });

  test('a job of one cloud asks no other place than its source while that gives everything', async () => {
    const { world } = await twoDays();
    const asked = [world.b, world.farther].map((store) => store.calls('list'));
    await runCopy(world, { day: 2, only: ['far'] });
    expect([world.b, world.farther].map((store) => store.calls('list'))).toEqual(asked);
  });

  test('no source at all is worth another try', async () => {
    const { world } = await twoDays();
    const dark = worldOf({ a: down('retry'), b: down('retry'), farther: down('denied') });
    expect((await runCopy({ ...dark, far: world.far }, { day: 2, only: ['far'] })).exit).toBe(EXIT.retry);
  });

  test('a destination that fails in the middle has no child without its parent', async () => {
    const { world } = await twoDays({
      far: {
        fault: ({ step, key }) => {
          if (step === 'finish' && key.includes('-full-')) throw new StoreError('retry', 'cut');
        },
      },
    });
    const { exit, short } = await runCopy(world, { day: 2, only: ['far'] });
    expect([exit, short]).toEqual([EXIT.retry, ['failed far 22-full', 'left out far 23-incremental']]);
    expect([world.far.keys, world.far.openUploads]).toEqual([[], 0]);
  });

  test('a signal ends it, and leaves no upload open', async () => {
    const machine = machineAt(2);
    const { world } = await twoDays({ far: { fault: ({ step }) => void (step === 'write' && machine.interrupt()) } });
    expect((await runCopy(world, { day: 2, machine, only: ['far'] })).exit).toBe(EXIT.interrupted);
    expect(world.far.openUploads).toBe(0);
    expect(world.far.keys.filter((key) => key.endsWith('.manifest.json'))).toEqual([]);
  });
});
