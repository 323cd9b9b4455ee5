import type { Machine } from '../machine';
import { gzip } from './gzip';
import { throughTool } from './through-tool';

export type Compression = 'gzip' | 'zstd' | 'none' | 'internal';

/** What is stored of the raw bytes, by the compression of the manifest. Zstandard uses every core (`-T0`). */
export function compress(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
  machine: Pick<Machine, 'environment' | 'signal'>,
): AsyncIterable<Uint8Array> {
  switch (compression) {
    case 'gzip':
      return gzip(source);
    case 'zstd':
      return throughTool(source, { file: 'zstd', args: ['-T0', '-q', '-c'], machine });
    case 'none':
    case 'internal':
      return source;
  }
}
