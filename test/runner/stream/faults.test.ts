import fc from 'fast-check';
import { StoreError } from '../../../lib/runner/store/store';
import { readBack } from '../../../lib/runner/stream/read-back';
import { storeStream } from '../../../lib/runner/stream/store-stream';
import type { StoredStream } from '../../../lib/runner/stream/store-stream';
import { MemoryStore } from '../memory-store';
import type { StoreMoment } from '../memory-store';
import { testMachine } from '../test-machine';
import { bytesOf, noise, sourceOf } from './sources';

const CONTENT = noise(2500);
const SEGMENT = 1000;

/** A store that fails once and for all at one moment, and remembers whether that came. */
function faultyStore(id: string, at: Omit<StoreMoment, 'key'> | undefined, kind: StoreError['kind'] = 'denied') {
  let struck = false;
  const store = new MemoryStore({
    id,
    fault: ({ step, phase, call }) => {
      if (step !== at?.step || phase !== at.phase || call !== at.call) return;
      struck = true;
      throw new StoreError(kind, `${step} ${call} failed`);
    },
  });
  return { store, struck: () => struck };
}

function run(stores: readonly MemoryStore[], machine = testMachine()): Promise<StoredStream> {
  return storeStream(sourceOf(CONTENT, 300), {
    targets: stores.map((store) => ({ store, folder: 'run' })),
    compression: 'none',
    segmentBytes: SEGMENT,
    machine,
  });
}

const MOMENTS = (['upload', 'write', 'finish'] as const).flatMap((step) =>
  (step === 'upload' ? (['before'] as const) : (['before', 'after'] as const)).flatMap((phase) =>
    (step === 'write' ? [1, 2, 4, 5, 9, 11] : [1, 2, 3]).map((call) => ({ step, phase, call })),
  ),
);

it.each(MOMENTS)('leaves out a store that fails at $step $call ($phase), and the other has all', async (moment) => {
  const broken = faultyStore('broken', moment);
  const sound = new MemoryStore({ id: 'sound' });
  const { stream, dropped } = await run([broken.store, sound]);
  expect(broken.struck()).toBe(true);
  expect(dropped).toEqual([{ store: 'broken', why: `${moment.step} ${moment.call} failed` }]);
  expect(stream.encodings.map(({ stores }) => stores)).toEqual([['sound']]);
  expect(JSON.stringify(stream)).not.toContain('broken');
  expect(broken.store.openUploads).toBe(0);
  const back = await bytesOf(readBack(stream, sound, { folder: 'run', machine: testMachine() }));
  expect(back.equals(CONTENT)).toBe(true);
});

it('leaves out a store that says it took another number of bytes than it was given', async () => {
  const liar = new MemoryStore({ id: 'liar', receipt: (receipt) => ({ ...receipt, bytes: receipt.bytes - 1 }) });
  const { stream, dropped } = await run([liar, new MemoryStore({ id: 'sound' })]);
  expect(dropped).toEqual([{ store: 'liar', why: 'took 999 bytes of a segment of 1000' }]);
  expect(stream.encodings.flatMap(({ stores }) => stores)).toEqual(['sound']);
});

it('fails with the reasons of all when no store is left, worth another try if one of them is', async () => {
  const at = { step: 'write', phase: 'before', call: 2 } as const;
  const stores = [faultyStore('one', at, 'denied').store, faultyStore('two', at, 'retry').store];
  await expect(run(stores)).rejects.toMatchObject({
    kind: 'retry',
    message: 'no store is left: one: write 2 failed; two: write 2 failed',
  });
  await expect(run([faultyStore('one', at, 'denied').store])).rejects.toMatchObject({ kind: 'denied' });
});

it('leaves out a store that fails, also while its abort fails', async () => {
  const broken = new MemoryStore({
    id: 'broken',
    fault: ({ step }) => {
      if (step === 'write' || step === 'abort') throw new Error('socket hang up');
    },
  });
  const { dropped } = await run([broken, new MemoryStore({ id: 'sound' })]);
  expect(dropped).toEqual([{ store: 'broken', why: 'socket hang up' }]);
});

it('a bug of the only store is thrown as it is', async () => {
  const bug = new TypeError('x is not a function');
  const store = new MemoryStore({
    fault: () => {
      throw bug;
    },
  });
  await expect(run([store])).rejects.toBe(bug);
});

it('whatever fails in whichever stores: what is named is there and whole, what is not named is left out', async () => {
  const moment = fc.record({
    step: fc.constantFrom('upload', 'write', 'finish', 'abort'),
    phase: fc.constantFrom('before', 'after'),
    call: fc.integer({ min: 1, max: 12 }),
  });
  const fault = fc.option(fc.tuple(moment, fc.constantFrom('retry', 'denied', 'full')), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { minLength: 1, maxLength: 3 }), async (faults) => {
      const stores = faults.map((one, index) => faultyStore(`store${index}`, one?.[0] as StoreMoment, one?.[1]));
      const machine = testMachine();
      const stored = await run(
        stores.map(({ store }) => store),
        machine,
      ).catch((error: unknown) => error as Error);
      expect(stores.map(({ store }) => store.openUploads)).toEqual(stores.map(() => 0));
      expect(machine.waiting).toBe(0);
      const failed = stores.filter(({ struck }) => struck()).map(({ store }) => store.id);
      if (stored instanceof Error) {
        expect(failed).toHaveLength(stores.length);
        expect(stored).toBeInstanceOf(StoreError);
        return;
      }
      expect(stored.dropped.map(({ store }) => store)).toEqual(failed);
      const named = stored.stream.encodings.flatMap((one) => one.stores);
      expect([...named, ...failed].sort()).toEqual(stores.map(({ store }) => store.id));
      for (const { store } of stores.filter(({ store: { id } }) => named.includes(id))) {
        expect((await bytesOf(readBack(stored.stream, store, { folder: 'run', machine }))).equals(CONTENT)).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});
