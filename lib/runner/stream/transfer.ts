import type { BackupStream, Encoding } from '../../contract';
import type { SourceStream } from '../engine/engine';
import { StoreError } from '../store/store';
import { compress } from './compress';
import { encodingOf, encryptionFor } from './encodings';
import { ageLane, plainLane } from './lane';
import type { Lane } from './lane';
import type { Pace } from './pace';
import { Segmenter } from './segmenter';
import { slowDown } from './slow-down';
import { readSource } from './source';
import type { StreamOptions } from './store-stream';
import type { Reading } from './stream-view';

/** Ten minutes of a fast network; at parts of 8 MiB far below every store's limit of parts. */
const SEGMENT_BYTES = 4 * 1024 ** 3;

export interface Transfer {
  readonly pace: Pace;
  /** What is read, for whoever looks. */
  readonly reading: Reading;
  readonly signal: AbortSignal;
}

/**
 * From the source through the compressor into at most two lanes: bytes that the stores encrypt themselves, or nobody,
 * and bytes that are encrypted to a recipient. Each stage ends well before the next one does.
 */
export async function transfer(
  source: SourceStream,
  options: StreamOptions,
  { pace, reading, signal }: Transfer,
): Promise<BackupStream> {
  const { recipient, segmentBytes = SEGMENT_BYTES, slowed, machine } = options;
  const encryptions = pace.destinations.map((one) => encryptionFor(one, recipient));
  const destinationsOf = (...wanted: readonly Encoding['encryption'][]) =>
    pace.destinations.filter((_, index) => wanted.includes(encryptions[index] ?? 'none'));
  const plain = destinationsOf('store', 'none');
  const toRecipient = destinationsOf('age');
  // The same segments lie everywhere: each fits into the parts of every store.
  const most = Math.min(segmentBytes, ...pace.destinations.map(({ target }) => target.store.largestBytes ?? Infinity));
  const segmenter = (own: Pace['destinations']) => new Segmenter(source.name, most, own, pace);
  const lanes: Lane[] = [];
  try {
    if (plain.length > 0) lanes.push(plainLane(segmenter(plain)));
    if (recipient !== undefined && toRecipient.length > 0) lanes.push(await ageLane(segmenter(toRecipient), recipient));

    const compression = source.compression === 'internal' ? 'internal' : options.compression;
    const stages = { environment: machine.environment, signal };
    const read = readSource(source, reading, signal);
    const paced = slowed ? slowDown(read, slowed, { ...machine, signal }) : read;
    for await (const chunk of compress(paced, compression, stages)) {
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
    return {
      name,
      format,
      ...(database !== undefined && { database }),
      compression,
      ...reading.raw.soFar(),
      encodings,
    };
  } catch (error) {
    await Promise.all(lanes.map((lane) => lane.abort(error)));
    throw error;
  }
}
