import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { storeStream } from '../../../lib/runner/stream/store-stream';
import { MemoryStore } from '../memory-store';
import { testMachine } from '../test-machine';
import { noise, sourceOf } from './sources';

const RECIPIENT = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj';
const IDENTITY = 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX';
const CONTENT = Buffer.concat([noise(1_500_000), Buffer.alloc(1_500_000, 'text that repeats '), noise(100)]);

/** Segments in the order of their names, as `cat stream.*` puts them together. */
async function concatenated(
  compression: 'gzip' | 'zstd' | 'none',
  encryption: 'store' | 'none',
  content = CONTENT,
): Promise<Buffer> {
  const store = new MemoryStore({ encryption });
  await storeStream(sourceOf(content), {
    targets: [{ store, folder: 'run' }],
    compression,
    recipient: RECIPIENT,
    segmentBytes: 300_000,
    machine: testMachine(),
  });
  return Buffer.concat(store.keys.sort().map((key) => store.bytesOf(key)));
}

const through = (tool: string, args: readonly string[], input: Buffer) =>
  execFileSync(tool, args, { input, maxBuffer: 64 * 1024 * 1024 });

it.each([
  ['gzip', ['-dc']],
  ['zstd', ['-dcq']],
] as const)('%s alone restores the segments put together', async (tool, args) => {
  expect(through(tool, args, await concatenated(tool, 'store')).equals(CONTENT)).toBe(true);
  expect(through(tool, args, await concatenated(tool, 'store', Buffer.alloc(0)))).toHaveLength(0);
});

const age = spawnSync('age', ['--version']).error ? 'absent' : 'present';
(age === 'present' ? it : it.skip)(
  `age and gzip restore what was encrypted to a recipient (age: apt-get install age)`,
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'stream-'));
    try {
      const file = path.join(folder, 'identity');
      writeFileSync(file, `${IDENTITY}\n`, { mode: 0o600 });
      for (const content of [CONTENT, Buffer.alloc(0), CONTENT.subarray(0, 65_536)]) {
        const plain = through('age', ['-d', '-i', file], await concatenated('gzip', 'none', content));
        expect(through('gzip', ['-dc'], plain).equals(content)).toBe(true);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
