import { Readable } from 'node:stream';
import type { BackupStream } from '../../contract';
import { EngineError } from '../engine/engine';
import type { Machine } from '../machine';
import { encodingAt, sizesBy } from '../placement';
import type { PlacedObject } from '../placement';
import type { Store } from '../store/store';
import { StoreError } from '../store/store';
import { decrypt } from './age';
import { decompress } from './decompress';
import { readSegments } from './read-segments';
import { Tally } from './tally';

export interface ReadBackOptions {
  /** Folder of the attempt, without a final slash. */
  readonly folder: string;
  /** Version of an object as the ledger holds it. @default - the one that the manifest names, else the newest */
  readonly version?: (key: string) => string | undefined;
  /** Where a segment lies by the ledger's word (`placedBy`): a copy has folders of its own. @default - in `folder` */
  readonly placed?: (segment: string) => PlacedObject | undefined;
  readonly machine: Pick<Machine, 'environment' | 'signal'>;
}

/**
 * The engine's bytes of a stream, as one store holds them. Size and SHA-256 of every segment, of all segments together
 * and of the raw bytes are checked on the way. Bytes are handed out before everything is checked, but the last of them
 * only when all of it agrees: the end of the stream is the proof, and whoever meets an error has to forget what it got.
 * Errors are a StoreError, `damaged` where bytes differ, or an EngineError where an identity or a tool is missing.
 */
export function readBack(stream: BackupStream, store: Store, options: ReadBackOptions): Readable {
  const { machine } = options;
  const stop = new AbortController();
  const stages = { environment: machine.environment, signal: stop.signal };
  const chunks = checked(stream, store, options, stages);
  const interrupt = () => void output.destroy(new EngineError('retry', 'the run was ended'));
  const output = new Readable({
    read() {
      chunks.next().then(
        ({ done, value }) => this.push(done ? null : value),
        (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
      );
    },
    destroy(error, done) {
      machine.signal.removeEventListener('abort', interrupt);
      // Ends a tool or a download that nobody reads any more, also one that says nothing: `return` alone would wait for it.
      stop.abort(error ?? new EngineError('retry', 'nobody reads on'));
      chunks.return(undefined).catch(() => undefined);
      done(error);
    },
  });
  machine.signal.addEventListener('abort', interrupt, { once: true });
  if (machine.signal.aborted) interrupt();
  return output;
}

type Stages = Pick<Machine, 'environment' | 'signal'>;

async function* checked(
  stream: BackupStream,
  store: Store,
  options: ReadBackOptions,
  stages: Stages,
): AsyncGenerator<Uint8Array> {
  const damaged = (why: string) => new StoreError('damaged', `stream ${stream.name} in ${store.id}: ${why}`);
  const raw = new Tally();
  let held: Uint8Array | undefined;
  try {
    for await (const chunk of stagesOf(stream, store, options, stages)) {
      if (chunk.length === 0) continue;
      raw.add(chunk);
      // A small object that unpacks without end is noticed here.
      if (raw.bytes > stream.bytes) throw damaged(`it unpacks to more than ${stream.bytes} bytes`);
      if (held) yield held;
      held = chunk;
    }
  } catch (error) {
    if (error instanceof StoreError || error instanceof EngineError) throw error;
    throw new StoreError('damaged', damaged(`it can not be unpacked: ${messageOf(error)}`).message, { cause: error });
  }
  const { bytes, sha256 } = raw.soFar();
  if (bytes !== stream.bytes) throw damaged(`it unpacks to ${bytes} bytes instead of ${stream.bytes}`);
  if (sha256 !== stream.sha256) throw damaged('it unpacks to other bytes than the engine wrote');
  if (held) yield held;
}

async function* stagesOf(
  stream: BackupStream,
  store: Store,
  options: ReadBackOptions,
  stages: Stages,
): AsyncGenerator<Uint8Array> {
  const encoding = encodingAt(stream, store.id, options.placed && sizesBy(options.placed));
  if (!encoding) throw new StoreError('missing', `the manifest says that ${store.id} does not hold ${stream.name}`);
  const stored = readSegments(encoding, store, { ...options, signal: stages.signal });
  const plain = encoding.encryption === 'age' ? decrypt(stored, stages) : stored;
  yield* decompress(plain, stream.compression, stages);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
