import type { Writable } from 'node:stream';
import { startChild, statusOf } from '../engine/child';
import { EngineError } from '../engine/engine';
import { inPieces } from '../engine/in-pieces';
import type { Machine } from '../machine';

export interface Tool {
  readonly file: string;
  readonly args: readonly string[];
  readonly machine: Pick<Machine, 'environment' | 'signal'>;
  /** What it means that the tool says no. @default - an EngineError that is worth another try */
  readonly refused?: (why: string) => Error;
}

/**
 * What a tool makes of bytes. Ends only when the tool said so by its exit status; it gets the end of its input only
 * when the source ended well, and is ended when nobody reads on.
 */
export async function* throughTool(source: AsyncIterable<Uint8Array>, tool: Tool): AsyncGenerator<Uint8Array> {
  const child = await startChild(tool.file, tool.args, { machine: tool.machine, stdin: 'open' });
  // The signal may have come while the tool was starting.
  if (tool.machine.signal.aborted) await child.stop();
  tool.machine.signal.throwIfAborted();
  let sourceFailure: { readonly error: unknown } | undefined;
  const fed = feed(child.stdin as Writable, source).catch((error: unknown) => {
    sourceFailure = { error };
    void child.stop();
    return 'all' as const;
  });
  try {
    let broken: { readonly error: unknown } | undefined;
    try {
      for await (const chunk of inPieces(child.stdout) as AsyncIterable<Uint8Array>) yield chunk;
    } catch (error) {
      broken = { error };
    }
    const end = await child.ended;
    if (sourceFailure) throw sourceFailure.error;
    tool.machine.signal.throwIfAborted();
    if (end.exitCode !== 0) {
      const why = `${tool.file} ended with ${statusOf(end)}${end.stderr && `: ${end.stderr}`}`;
      throw end.exitCode !== null && tool.refused ? tool.refused(why) : new EngineError('retry', why);
    }
    if (broken) throw broken.error;
    if ((await fed) !== 'all') throw new EngineError('retry', `${tool.file} ended before its input did`);
  } finally {
    await child.stop();
  }
}

/** A tool that has gone takes no more; why it went, its status says. */
async function feed(stdin: Writable, source: AsyncIterable<Uint8Array>): Promise<'all' | 'gone'> {
  for await (const chunk of source) {
    if (stdin.destroyed) return 'gone';
    if (!stdin.write(chunk)) await drained(stdin);
  }
  if (stdin.destroyed) return 'gone';
  stdin.end();
  return 'all';
}

function drained(stdin: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stdin.off('drain', done);
      stdin.off('close', done);
      resolve();
    };
    stdin.on('drain', done);
    stdin.on('close', done);
  });
}
