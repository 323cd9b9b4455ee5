import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Machine } from '../machine';
import { StoreError } from '../store/store';
import type { Compression } from './compress';
import { throughTool } from './through-tool';

/** The raw bytes of what was stored. */
export function decompress(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
  machine: Pick<Machine, 'environment' | 'signal'>,
): AsyncIterable<Uint8Array> {
  switch (compression) {
    case 'gzip':
      return gunzip(source);
    case 'zstd':
      return throughTool(source, { file: 'zstd', args: ['-d', '-q', '-c'], machine, refused });
    case 'none':
    case 'internal':
      return source;
  }
}

function refused(why: string): Error {
  return new StoreError('damaged', `it can not be unpacked: ${why}`);
}

/** A failure of the source ends `gunzip` with it, so nobody sees a quiet end. */
function gunzip(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const input = Readable.from(source, { objectMode: false });
  return pipeline(input, createGunzip({ chunkSize: 64 * 1024 }), () => undefined);
}
