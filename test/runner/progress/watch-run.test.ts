import { Readable } from 'node:stream';
import { watchRun } from '../../../lib/runner/progress/watch-run';
import type { StreamView } from '../../../lib/runner/stream/stream-view';
import { fakeSource, plannedRun, takeInto } from '../fake-run';
import { MemoryStore } from '../memory-store';
import { sourceOf, turns } from '../stream/sources';
import { testMachine } from '../test-machine';
import type { TestMachine } from '../test-machine';

const MB = 1_000_000;

/** Lets seconds pass as a run has them: one look after the other. */
async function pass(seconds: number, machine: TestMachine): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    machine.advance(1);
    await turns(3);
  }
}

function shownOn(machine: TestMachine) {
  const shown: string[] = [];
  const status = { show: (text: string) => void shown.push(text), clear: () => void shown.push('') };
  return { shown, machine: { ...machine, status } };
}

function changing(view: StreamView) {
  const state = { ...view };
  return { state, look: (): StreamView => ({ ...state }) };
}

const VIEW: StreamView = {
  name: 'files',
  bytes: 0,
  waiting: false,
  stores: [
    { id: 's3', state: 'ok' },
    { id: 'local', state: 'behind' },
  ],
};

it('without a terminal says each half minute how far it is, and nothing more', async () => {
  const machine = testMachine();
  const { state, look } = changing(VIEW);
  const watch = watchRun('shop', () => ['gone'], machine);
  const unwatch = watch.stream(look);
  for (let second = 0; second < 95; second += 1) {
    state.bytes += 2 * MB;
    await pass(1, machine);
  }
  unwatch();
  watch.end();
  await turns(3);
  expect(machine.logged.map(({ event, elapsedSeconds }) => [event, elapsedSeconds])).toEqual([
    ['progress', 30],
    ['progress', 60],
    ['progress', 90],
  ]);
  expect(machine.logged[1]).toMatchObject({
    level: 'info',
    message: 'files  120 MB  2.0 MB/s  1:00  s3 ok, local behind, gone dropped',
    task: 'shop',
    stream: 'files',
    bytes: 120 * MB,
    bytesPerSecond: 2 * MB,
    stores: { s3: 'ok', local: 'behind', gone: 'dropped' },
  });
  expect(machine.waiting).toBe(0);
});

it('on a terminal shows a line each second, wipes it, and leaves the log to events', async () => {
  const machine = testMachine();
  const { shown, machine: seen } = shownOn(machine);
  const { state, look } = changing(VIEW);
  const watch = watchRun('shop', () => [], seen);
  const unwatch = watch.stream(look);
  for (let second = 0; second < 3; second += 1) {
    await pass(1, machine);
    state.bytes += 10 * MB;
  }
  await pass(60, machine);
  expect(shown.slice(0, 3)).toEqual([
    'files  0 B  0 B/s  0:01  s3 ok, local behind',
    'files  10.0 MB  10.0 MB/s  0:02  s3 ok, local behind',
    'files  20.0 MB  10.0 MB/s  0:03  s3 ok, local behind',
  ]);
  // The rate is that of the last ten seconds.
  expect(shown.at(-1)).toBe('files  30.0 MB  0 B/s  1:03  s3 ok, local behind');
  unwatch();
  expect(shown.at(-1)).toBe('');
  await pass(2, machine);
  watch.end();
  expect(shown.slice(-2)).toEqual(['', '']);
  expect(machine.logged).toEqual([]);
});

it('an engine that is silent is said after a minute, then at twice the distance, and that it goes on', async () => {
  const machine = testMachine();
  const { state, look } = changing({ ...VIEW, bytes: 5 * MB, waiting: true });
  const watch = watchRun('shop', () => [], machine);
  const unwatch = watch.stream(look);
  await pass(600, machine);
  state.bytes += 1;
  await pass(1, machine);
  await pass(59, machine);
  unwatch();
  watch.end();
  const told = machine.logged.filter(({ event }) => event !== 'progress');
  expect(told.map(({ event, seconds }) => [event, seconds])).toEqual([
    ['source_stalls', 60],
    ['source_stalls', 120],
    ['source_stalls', 240],
    ['source_stalls', 480],
    ['source_goes_on', 601],
  ]);
  expect(told[0]).toMatchObject({
    level: 'warning',
    stream: 'files',
    message: 'files: the source has sent nothing for 60 s, after 5.0 MB; the run waits for it',
  });
});

it('a source that is not read because a store is slow is not called silent', async () => {
  const machine = testMachine();
  const { look } = changing(VIEW);
  const watch = watchRun('shop', () => [], machine);
  watch.stream(look);
  await pass(600, machine);
  watch.end();
  expect(machine.logged.filter(({ event }) => event !== 'progress')).toEqual([]);
});

it('a run whose source is silent for ten minutes says so and stores all of it in every store', async () => {
  const machine = testMachine();
  const output = new Readable({ read: () => undefined });
  const stores = ['s3', 'gcs', 'local'].map((id) => new MemoryStore({ id, encryption: 'none' }));
  output.push(Buffer.alloc(3 * MB, 'a'));
  const done = takeInto(stores, machine, { source: fakeSource([sourceOf(Buffer.alloc(0), 1, { output })]) });
  await turns(50);
  await pass(600, machine);
  expect(stores.map(({ openUploads }) => openUploads)).toEqual([1, 1, 1]);
  output.push(Buffer.alloc(2 * MB, 'b'));
  await pass(2, machine);
  output.push(null);
  const outcome = await done;
  expect([outcome.exit, outcome.stored]).toEqual([0, ['s3', 'gcs', 'local']]);
  const [stream] = outcome.manifest!.manifest.streams;
  expect(stream?.bytes).toBe(5 * MB);
  for (const store of stores) {
    const [data = ''] = store.keys.filter((key) => key.includes('/shop.'));
    expect(store.bytesOf(data).equals(Buffer.concat([Buffer.alloc(3 * MB, 'a'), Buffer.alloc(2 * MB, 'b')]))).toBe(
      true,
    );
  }
  const events = machine.logged.map(({ event }) => event).filter((event) => event !== 'progress');
  expect(events).toEqual([...Array(4).fill('source_stalls'), 'source_goes_on', 'backup_stored']);
  expect(machine.waiting).toBe(0);
});

it('also a source that is silent at its end, and a compressor that waits with it', async () => {
  const machine = testMachine();
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const store = new MemoryStore();
  const source = fakeSource([sourceOf(Buffer.from('rows'), 1024, { ended })]);
  const done = takeInto([store], machine, { source, planned: plannedRun({ compression: 'gzip' }) });
  await turns(50);
  await pass(61, machine);
  end();
  expect((await done).exit).toBe(0);
  expect(machine.logged.map(({ event }) => event)).toEqual([
    'progress',
    'progress',
    'source_stalls',
    'source_goes_on',
    'backup_stored',
  ]);
});
