import { decide, readHistories } from '../../lib/runner/decide';
import { finishSlot } from '../../lib/runner/finish-slot';
import type { StoredManifest } from '../../lib/runner/manifest';
import { StoreError } from '../../lib/runner/store/store';
import { PATH, machineAt, manifestKeyOf, runCopy, takeBackup, task, verify, worldOf } from './copy/world';
import type { Taken } from './copy/world';
import { fakeSource, plannedRun, takeInto } from './fake-run';
import type { MemoryStore, MemoryStoreOptions } from './memory-store';
import { sourceOf } from './stream/sources';

/** A slot that was published in one place and not in another one: by a run that died in between, or by somebody. */

const SLOT = '20261122T021500Z';
const places = (stores: readonly MemoryStore[]) => stores.map((store) => ({ store, path: PATH }));

/** What a run leaves that is killed between the manifests of `a` and `b`. */
async function killedBetween(taken: Partial<Taken> = {}, options: MemoryStoreOptions = {}) {
  const world = worldOf({ b: options });
  const stored = await takeBackup([world.a, world.b], { day: 0, ...taken });
  await purge(world.b, manifestKeyOf(stored));
  return { ...world, stored };
}

/** Without a trace. */
async function purge(store: MemoryStore, prefix: string): Promise<void> {
  for await (const { key, version } of store.list(prefix, { versions: 'all' })) await store.remove(key, version);
}

interface Repeat {
  readonly stores: readonly MemoryStore[];
  /** Places that are away this time. */
  readonly dropped?: readonly string[];
  readonly identity?: Readonly<Record<string, string>>;
  readonly planned?: ReturnType<typeof plannedRun>;
}

/** The same slot again, as the runner does it after it has read what is there. */
async function repeat({ stores, dropped: away = [], identity = {}, planned = plannedRun() }: Repeat) {
  const machine = machineAt(0.01);
  const { histories } = await readHistories(places(stores), task, machine);
  const dropped = away.map((store) => ({ store, why: 'it is away' }));
  const run = { task, planned, slot: SLOT, histories, dropped, machine };
  const finished = await finishSlot({ ...run, source: { identity } });
  if (finished) return { finished, logged: machine.logged };
  const source = { ...fakeSource([sourceOf(Buffer.from('rows of the second attempt'))]), identity };
  const decision = await decide(planned.type, source, { histories, disowned: [] }, machine.now());
  const outcome = await takeInto([], machine, { ...run, source, decision });
  return { finished, outcome, logged: machine.logged };
}

const held = (store: MemoryStore, stored: StoredManifest) =>
  store.keys.includes(manifestKeyOf(stored)) && store.bytesOf(manifestKeyOf(stored)).equals(stored.bytes);

test('a run that died between two manifests is brought to its end, without a look at its source', async () => {
  const { a, b, stored } = await killedBetween({ lockDays: 3 });
  const { finished, logged } = await repeat({ stores: [a, b] });
  expect(finished).toMatchObject({ exit: 0, stored: ['a', 'b'], manifest: { sha256: stored.sha256 } });
  expect(held(b, stored)).toBe(true);
  expect((await b.head(manifestKeyOf(stored)))?.retainUntil?.toISOString()).toBe(stored.manifest.lockedUntil);
  expect(logged.find(({ event }) => event === 'slot_finished')?.message).toBe(
    `${SLOT}-full was published in a by a run that did not come to its end, and is in b as well now`,
  );
  expect(await verify(b, 1)).toEqual({ added: 1, before: 0, findings: [] });
});

test('a full that was taken for an increment is its run as well, and one that was planned is not', async () => {
  const changes = { fullBecause: 'there was nothing to follow', for: ['incremental'] as const };
  const increment = plannedRun({ type: 'incremental', for: ['incremental'] });
  const instead = await killedBetween({ changes: { ...changes, for: [...changes.for] } });
  expect((await repeat({ stores: [instead.a, instead.b], planned: increment })).finished?.exit).toBe(0);
  const other = await killedBetween();
  expect((await repeat({ stores: [other.a, other.b], planned: increment })).finished).toBeUndefined();
});

test('what is degraded stays so, and a place that is still away is named', async () => {
  const degraded = [{ name: 'secret.txt', why: 'not readable' }];
  const { a, b } = await killedBetween({ changes: { degraded } });
  const { finished } = await repeat({ stores: [a, b], dropped: ['far'] });
  const why = 'not stored in far (it is away); not as it should be: secret.txt';
  expect(finished).toMatchObject({ exit: 3, stored: ['a', 'b'], why });
});

test('a slot that is published everywhere is an overlap', async () => {
  const { a, b } = worldOf();
  await takeBackup([a, b], { day: 0 });
  const { finished } = await repeat({ stores: [a, b] });
  expect(finished).toMatchObject({ exit: 5, stored: [], why: `slot ${SLOT} was published by another attempt in a, b` });
});

describe('where the data is not there to be published, a new attempt goes everywhere under its own start', () => {
  const expectBoth = async (world: Awaited<ReturnType<typeof killedBetween>>, identity = {}) => {
    const { a, b, stored } = world;
    const { finished, outcome, logged } = await repeat({ stores: [a, b], identity });
    expect(finished).toBeUndefined();
    expect(outcome).toMatchObject({ exit: 0, stored: ['a', 'b'] });
    expect(outcome?.manifest?.manifest.slot).toBe('20261122T022924Z');
    expect([held(a, stored), held(b, stored)]).toEqual([true, false]);
    expect(logged.find(({ event }) => event === 'slot_taken')?.message).toContain(`another attempt of ${SLOT}-full`);
    return world;
  };

  test('since it was pruned, and a copy fills the hole', async () => {
    const world = await killedBetween();
    await purge(world.b, '');
    const { a, b, stored } = await expectBoth(world);
    for (const store of [a, b]) await verify(store, 1);
    const { exit } = await runCopy(world, { day: 1, only: ['a', 'b'] });
    expect([exit, held(b, stored)]).toEqual([0, true]);
  });

  test('since another source claims the slot', async () => {
    const identity = { server_uuid: 'of the source' };
    await expectBoth(await killedBetween(), identity);
    await expectBoth(await killedBetween({ changes: { engine: 'postgresql' } }));
  });

  test('since the place does not take it', async () => {
    const full = { times: 1 };
    const fault: MemoryStoreOptions['fault'] = ({ step, phase, key }) => {
      if (step !== 'create' || phase !== 'before' || !key.endsWith(`${SLOT}-full.manifest.json`)) return;
      if ((full.times -= 1) < 0) throw new StoreError('refused', 'not now');
    };
    await expectBoth(await killedBetween({}, { fault }));
  });

  test('since the place that published it is away', async () => {
    const { b, stored } = await killedBetween();
    const { outcome, logged } = await repeat({ stores: [b], dropped: ['a'] });
    expect(outcome).toMatchObject({ exit: 3, stored: ['b'] });
    expect(outcome?.manifest?.manifest.slot).not.toBe(SLOT);
    expect(held(b, stored)).toBe(false);
    expect(logged.find(({ event }) => event === 'slot_taken')?.message).toContain('may be published in a');
  });
});

test('a run that published nothing anywhere is taken again under its own slot', async () => {
  const { a, b, stored } = await killedBetween();
  await purge(a, manifestKeyOf(stored));
  const { outcome } = await repeat({ stores: [a, b] });
  expect(outcome).toMatchObject({ exit: 0, stored: ['a', 'b'], manifest: { manifest: { slot: SLOT } } });
});
