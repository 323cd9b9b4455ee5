import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import path from 'node:path';
import { compress } from '../../../lib/runner/stream/compress';
import { BLOCK_BYTES, gzip } from '../../../lib/runner/stream/gzip';
import { testMachine } from '../test-machine';
import { noise } from './sources';

const mockCores = { count: 1 };
jest.mock('node:os', () => ({
  ...jest.requireActual<typeof os>('node:os'),
  availableParallelism: () => mockCores.count,
}));

/** A source that says how many blocks were taken of it. */
function counted(blocks: number) {
  const taken = { count: 0 };
  async function* source(): AsyncGenerator<Uint8Array> {
    const block = noise(BLOCK_BYTES);
    for (let at = 0; at < blocks; at += 1) {
      taken.count += 1;
      yield await Promise.resolve(block);
    }
  }
  return { taken, source: source() };
}

describe('several cores', () => {
  test.each([
    [1, 2],
    [2, 3],
    [4, 5],
    // The pool of threads has no more.
    [64, 5],
  ])('with %i of them gzip has %i blocks under way before it gives the first out', async (cores, blocks) => {
    mockCores.count = cores;
    const { taken, source } = counted(12);
    const output = gzip(source);
    await output.next();
    expect(taken.count).toBe(blocks);
    await output.return(undefined);
  });

  test('are all given to zstd', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'cores-'));
    try {
      const file = path.join(folder, 'zstd');
      writeFileSync(file, '#!/bin/sh\ncat > /dev/null\necho "$*"\n');
      chmodSync(file, 0o755);
      const machine = testMachine({ PATH: `${folder}:${process.env.PATH}` });
      const said: Uint8Array[] = [];
      for await (const chunk of compress(counted(1).source, 'zstd', machine)) said.push(chunk);
      expect(Buffer.concat(said).toString()).toBe('-T0 -q -c\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
