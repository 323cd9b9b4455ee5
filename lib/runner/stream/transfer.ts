import type { BackupStream, Encoding } from '../../contract';
import type { SourceStream } from '../engine/engine';
import { StoreError } from '../store/store';
import { compress } from './compress';
import { encodingOf, encryptionFor } from './encodings';
import { ageLane, plainLane } from './lane';
import type { Lane } from './lane';
import type { Pace } from './pace';
import { Segmenter } from './segmenter';
import { readSource } from './source';
import type { StreamOptions } from './store-stream';
import { Tally } from './tally';

/** Ten minutes of a fast network; at parts of 8 MiB far below every store's limit of parts. */
const SEGMENT_BYTES = 4 * 1024 ** 3;

/**
 * From the source through the compressor into at most two lanes: bytes that the stores encrypt themselves, or nobody,
 * and bytes that are encrypted to a recipient. Each stage ends well before the next one does.
 */
export async function transfer(
  source: SourceStream,
  options: StreamOptions,
  pace: Pace,
  signal: AbortSignal,
): Promise<BackupStream> {
  const { recipient, segmentBytes = SEGMENT_BYTES, machine } = options;
  const encryptions = pace.destinations.map((one) => encryptionFor(one, recipient));
  const destinationsOf = (...wanted: readonly Encoding['encryption'][]) =>
    pace.destinations.filter((_, index) => wanted.includes(encryptions[index] ?? 'none'));
  const plain = destinationsOf('store', 'none');
  const toRecipient = destinationsOf('age');
  const segmenter = (own: Pace['destinations']) => new Segmenter(source.name, segmentBytes, own, pace);
  const lanes: Lane[] = [];
  try {
    if (plain.length > 0) lanes.push(plainLane(segmenter(plain)));
    if (recipient !== undefined && toRecipient.length > 0) lanes.push(await ageLane(segmenter(toRecipient), recipient));

    const raw = new Tally();
    const compression = source.compression === 'internal' ? 'internal' : options.compression;
    const stages = { environment: machine.environment, signal };
    for await (const chunk of compress(readSource(source, raw, signal), compression, stages)) {
      await Promise.all(lanes.map((lane) => lane.write(chunk)));
    }
    const ended = await Promise.all(lanes.map((lane) => lane.end()));
    await pace.stored();

    const first = plain.length > 0 ? ended[0] : undefined;
    const last = toRecipient.length > 0 ? ended.at(-1) : undefined;
    const encodings = [
      first && encodingOf('store', first, destinationsOf('store')),
      first && encodingOf('none', first, destinationsOf('none')),
      last && encodingOf('age', last, toRecipient),
    ].filter((one) => one !== undefined);
    if (encodings.length === 0) throw new StoreError('retry', `no store holds stream ${source.name}`);
    const { name, format, database } = source;
    return { name, format, ...(database !== undefined && { database }), compression, ...raw.soFar(), encodings };
  } catch (error) {
    await Promise.all(lanes.map((lane) => lane.abort(error)));
    throw error;
  }
}
