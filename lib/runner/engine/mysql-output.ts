import { Readable } from 'node:stream';
import type { Child } from './child';
import { EngineError } from './engine';
import type { SourceStream } from './engine';
import { inPieces } from './in-pieces';
import { DumpCounter } from './mysql-dump-counter';
import { endedWell } from './mysql-error';

export interface CountedDump extends Pick<SourceStream, 'output' | 'ended'> {
  readonly counter: DumpCounter;
  /** All that comes before the first database. */
  readonly head: string;
}

/** Most that is read to find the first database. */
const LARGEST_HEAD = 16 * 1024 * 1024;
const FIRST_DATABASE = '\n-- Current Database: ';

/**
 * The output of a dump, of which the head has been read: the coordinate stands there, and the snapshot is taken when it
 * comes. A dump without its last line is none, whatever its exit status.
 * @throws EngineError where it ends before the first database
 */
export async function countedDump(child: Child, what: string, until: 'database' | 'nothing'): Promise<CountedDump> {
  const chunks = (inPieces(child.stdout) as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const counter = new DumpCounter();
  const first: Buffer[] = [];
  let head = '';
  while (until === 'database' && !head.includes(FIRST_DATABASE) && head.length < LARGEST_HEAD) {
    const { value, done } = await chunks.next().catch(() => ({ value: undefined, done: true }) as const);
    if (done === true || value === undefined) {
      await endedWell(child, what);
      throw new EngineError('retry', `${what} ended before its first database`);
    }
    first.push(value);
    head += value.toString('latin1');
  }
  let markScanned: () => void = () => undefined;
  const scanned = new Promise<void>((resolve) => (markScanned = resolve));
  async function* output(): AsyncGenerator<Buffer> {
    try {
      for (const chunk of first.splice(0)) {
        counter.scan(chunk);
        yield chunk;
      }
      for (;;) {
        const { value, done } = await chunks.next();
        if (done === true) return;
        counter.scan(value);
        yield value;
      }
    } catch {
      // A child that was stopped: `ended` says so.
    } finally {
      markScanned();
      await chunks.return?.();
    }
  }
  const ended = endedWell(child, what).then(async () => {
    await scanned;
    if (!counter.completed) throw new EngineError('retry', `${what} has no "-- Dump completed" at its end`);
  });
  // Nobody may be waiting yet when it fails; whoever reads the stream asks for it.
  ended.catch(() => undefined);
  return {
    output: Readable.from(output(), { objectMode: false }),
    ended,
    counter,
    head: head.split(FIRST_DATABASE)[0] ?? '',
  };
}
