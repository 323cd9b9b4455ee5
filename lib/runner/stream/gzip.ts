import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';

const gzipBlock: (block: Uint8Array) => Promise<Buffer> = promisify(gzipCallback);

/** Uncompressed bytes of one gzip member: large enough to cost no ratio, small enough to be cheap to hold. */
export const BLOCK_BYTES = 1024 * 1024;

/** zlib works in libuv's thread pool, which has four threads. https://nodejs.org/api/cli.html#uv_threadpool_sizesize */
const MOST_WORKERS = 4;

/**
 * Compresses blocks beside each other and gives them out in order. Members one after the other are one gzip file to
 * every reader (RFC 1952, section 2.2), so plain `gunzip` restores it. Nothing becomes one empty member.
 */
export async function* gzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const workers = Math.min(MOST_WORKERS, availableParallelism());
  const running: Promise<Buffer>[] = [];
  let blocks = 0;
  for await (const block of blocksOf(source)) {
    blocks += 1;
    running.push(start(block));
    if (running.length > workers) yield (await running.shift()) as Buffer;
  }
  if (blocks === 0) running.push(start(Buffer.alloc(0)));
  for (const block of running) yield await block;
}

/** Whoever stops reading leaves blocks behind whose failure is nobody's any more. */
function start(block: Uint8Array): Promise<Buffer> {
  const compressed = gzipBlock(block);
  compressed.catch(() => undefined);
  return compressed;
}

async function* blocksOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  let filled = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length;) {
      const taken = Math.min(chunk.length - at, BLOCK_BYTES - filled);
      block.set(chunk.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled < BLOCK_BYTES) continue;
      yield block;
      block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}
