import { createCipheriv, createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { SourceStream } from '../../../lib/runner/engine/engine';

/** Bytes that do not compress and are the same for the same seed. */
export function noise(bytes: number, seed = 'seed'): Buffer {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(bytes));
}

export function sourceOf(content: Buffer, chunkBytes = 64 * 1024, more: Partial<SourceStream> = {}): SourceStream {
  return {
    name: 'shop',
    format: 'pg_plain',
    database: 'shop',
    compression: 'none',
    output: Readable.from(pieces(content, chunkBytes), { objectMode: false }),
    ended: Promise.resolve(),
    ...more,
  };
}

function* pieces(content: Buffer, chunkBytes: number): Generator<Buffer> {
  for (let at = 0; at < content.length; at += chunkBytes) yield content.subarray(at, at + chunkBytes);
}

/** Gives the event loop so many turns. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** All bytes of a stream. */
export async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
