import { slowDown } from '../../../lib/runner/stream/slow-down';
import { testMachine } from '../test-machine';

/** A source that takes some time for each chunk, on a clock whose waits pass at once and are counted. */
function timed(secondsPerChunk: number, chunks: number) {
  const machine = testMachine();
  let waited = 0;
  const own = {
    ...machine,
    wait: (milliseconds: number) => {
      waited += milliseconds / 1000;
      machine.advance(milliseconds / 1000);
      return Promise.resolve();
    },
  };
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      machine.advance(secondsPerChunk);
      yield await Promise.resolve(Buffer.from([chunk]));
    }
  }
  return { source: source(), machine: own, waited: () => waited };
}

async function read(source: AsyncIterable<Uint8Array>): Promise<number[]> {
  const bytes: number[] = [];
  for await (const chunk of source) bytes.push(...chunk);
  return bytes;
}

const ALL = [...Array(100).keys()];

it('takes twice as long while it is to be slow, in waits that are worth it, and loses nothing', async () => {
  const { source, machine, waited } = timed(0.03, 100);
  expect(await read(slowDown(source, () => true, machine))).toEqual(ALL);
  expect(waited()).toBeGreaterThan(2.7);
  expect(waited()).toBeLessThanOrEqual(3.01);
});

it('reads at full pace before and after', async () => {
  const { source, machine, waited } = timed(1, 100);
  const slowed = () => machine.seconds() > 20 && machine.seconds() < 40;
  expect(await read(slowDown(source, slowed, machine))).toEqual(ALL);
  expect(waited()).toBeGreaterThan(8);
  expect(waited()).toBeLessThanOrEqual(11);
});

it('does not wait out again what a source was silent', async () => {
  const { source, machine, waited } = timed(3600, 3);
  await read(slowDown(source, () => true, machine));
  expect(waited()).toBeLessThanOrEqual(3);
});
