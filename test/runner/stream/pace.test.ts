import { Readable } from 'node:stream';
import { storeStream } from '../../../lib/runner/stream/store-stream';
import type { StoredStream, StreamOptions } from '../../../lib/runner/stream/store-stream';
import { MemoryStore } from '../memory-store';
import type { StoreMoment } from '../memory-store';
import { testMachine } from '../test-machine';
import type { TestMachine } from '../test-machine';
import { noise, sourceOf, turns } from './sources';

const KIB = 1024;
const CHUNK = 16 * KIB;
const LAG = { bytes: 64 * KIB, seconds: 60 };
const RECIPIENT = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj';
const NEVER = new Promise<void>(() => undefined);

const hangsAt = (step: StoreMoment['step'], call: number) => (moment: StoreMoment) =>
  moment.step === step && moment.call === call && moment.phase === 'before' ? NEVER : undefined;

/** A source that counts what was taken from it. */
function countedSource(chunks: number) {
  let given = 0;
  const chunk = noise(CHUNK);
  const output = new Readable({
    highWaterMark: CHUNK,
    read() {
      given += 1;
      this.push(given <= chunks ? chunk : null);
    },
  });
  return { source: sourceOf(Buffer.alloc(0), 1, { output }), given: () => given * CHUNK };
}

function start(stores: readonly MemoryStore[], machine: TestMachine, options: Partial<StreamOptions> = {}) {
  const counted = countedSource(200);
  let outcome: StoredStream | Error | undefined;
  const done = storeStream(counted.source, {
    targets: stores.map((store) => ({ store, folder: 'run' })),
    compression: 'none',
    segmentBytes: 40 * CHUNK,
    lag: LAG,
    machine,
    ...options,
  }).then(
    (stored) => (outcome = stored),
    (error: unknown) => (outcome = error as Error),
  );
  return { ...counted, done, outcome: () => outcome };
}

it('takes no more from the source than a slow store lets it, whatever the size', async () => {
  let ahead = 0;
  const slow = new MemoryStore({
    id: 'slow',
    fault: async ({ step }) => {
      if (step !== 'write') return;
      await turns(2);
      ahead = Math.max(ahead, run.given() - slow.taken);
    },
  });
  const fast = new MemoryStore({ id: 'fast' });
  const run = start([slow, fast], testMachine());
  await run.done;
  expect(slow.taken).toBe(200 * CHUNK);
  // What may be buffered, the piece that goes over it, and as much again that the source holds ready itself.
  expect(ahead).toBeLessThanOrEqual(LAG.bytes + 4 * CHUNK);
  expect(ahead).toBeGreaterThan(LAG.bytes / 2);
  expect(run.outcome()).toMatchObject({ dropped: [] });
});

it.each([
  [1, 2],
  [2, 16],
] as const)('of %i stores, each has %i MiB kept for it', async (count, mebibytes) => {
  const machine = testMachine();
  const { source, given } = countedSource(1500);
  const targets = Array.from({ length: count }, (_, index) => ({
    store: new MemoryStore({ id: `store-${index}`, fault: hangsAt('write', 1) }),
    folder: 'run',
  }));
  const done = storeStream(source, { targets, compression: 'none', machine }).catch((error: unknown) => error);
  await turns(5000);
  expect(given() / KIB ** 2).toBeGreaterThan(mebibytes - 0.1);
  expect(given() / KIB ** 2).toBeLessThan(mebibytes + 0.1);
  machine.interrupt();
  await turns(100);
  machine.advance(60);
  await done;
});

it.each([
  ['write', 3],
  ['finish', 1],
  ['finish', 5],
] as const)('drops a store that hangs at %s %i when its time is over, and the fast one has all', async (step, call) => {
  const machine = testMachine();
  const stuck = new MemoryStore({ id: 'stuck', fault: hangsAt(step, call) });
  const fast = new MemoryStore({ id: 'fast' });
  const run = start([stuck, fast], machine);
  await turns(2000);
  expect(run.outcome()).toBeUndefined();
  for (let second = 0; second < LAG.seconds - 1; second += 1) {
    machine.advance(1);
    await turns(5);
  }
  expect(run.outcome()).toBeUndefined();
  machine.advance(1);
  await run.done;
  expect(run.outcome()).toMatchObject({
    dropped: [{ store: 'stuck', why: 'fell behind: the other stores waited 60 s for it' }],
    stream: { bytes: 200 * CHUNK, encodings: [{ stores: ['fast'] }] },
  });
  expect(stuck.openUploads).toBe(0);
  expect(fast.taken).toBe(200 * CHUNK);
  expect(machine.logged).toMatchObject([{ event: 'store_dropped', store: 'stuck' }]);
  expect(machine.waiting).toBe(0);
});

it('drops a hanging store also where the others get other bytes', async () => {
  const machine = testMachine();
  const stuck = new MemoryStore({ id: 'stuck', encryption: 'none', fault: hangsAt('write', 3) });
  const fast = new MemoryStore({ id: 'fast' });
  const run = start([stuck, fast], machine, { recipient: RECIPIENT });
  // The encryption takes its turns: the store is dropped some time after the others have begun to wait.
  while (!run.outcome()) {
    await turns(20);
    machine.advance(1);
  }
  await run.done;
  expect(run.outcome()).toMatchObject({
    dropped: [{ store: 'stuck' }],
    stream: { encodings: [{ encryption: 'store', stores: ['fast'] }] },
  });
});

it('never drops the last store, nor any while the source is slow', async () => {
  const machine = testMachine();
  let go: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (go = resolve));
  const store = new MemoryStore({
    id: 'only',
    fault: ({ step, call }) => (step === 'write' && call === 3 ? gate : undefined),
  });
  const run = start([store], machine);
  for (let minute = 0; minute < 60; minute += 1) {
    await turns(5);
    machine.advance(60);
  }
  expect(run.outcome()).toBeUndefined();
  go();
  await run.done;
  expect(run.outcome()).toMatchObject({ dropped: [] });

  const idle = testMachine();
  const output = new Readable({ read: () => undefined });
  const done = storeStream(sourceOf(Buffer.alloc(0), 1, { output }), {
    targets: ['one', 'two'].map((id) => ({ store: new MemoryStore({ id }), folder: 'run' })),
    compression: 'gzip',
    lag: LAG,
    machine: idle,
  });
  output.push(noise(100));
  await turns(5);
  idle.advance(36_000);
  output.push(null);
  expect(await done).toMatchObject({ dropped: [], stream: { bytes: 100 } });
});

it('keeps a store that is slower than the rest but not by half, however long it takes', async () => {
  const machine = testMachine();
  const pace = (seconds: number) => async (moment: StoreMoment) => {
    if (moment.step !== 'write' || moment.phase !== 'before') return;
    const until = machine.seconds() + seconds;
    while (machine.seconds() < until) await turns(1);
  };
  const slow = new MemoryStore({ id: 'slow', fault: pace(3) });
  const fast = new MemoryStore({ id: 'fast', fault: pace(2) });
  const run = start([slow, fast], machine);
  while (!run.outcome()) {
    await turns(4);
    machine.advance(0.5);
  }
  expect(machine.seconds()).toBeGreaterThan(3 * LAG.seconds);
  expect(run.outcome()).toMatchObject({ dropped: [] });
});
