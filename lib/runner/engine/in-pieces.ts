import { Readable } from 'node:stream';

/** Enough for the cost of a step to be nothing beside that of its bytes, little enough to be held at each step. */
const PIECE_BYTES = 256 * 1024;

/**
 * The same bytes in pieces of 256 KiB. Tools write as little as 4 KiB at a time, and each chunk costs every stage on its
 * way as much as a large one. For what is stored: a piece waits for its last byte, so nothing that answers is read like this.
 */
export function inPieces(source: Readable): Readable {
  let piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
  let filled = 0;
  let ended = false;
  const pieces = new Readable({
    // One waits while the last one is taken; as objects, or a reader would be given several copied into one.
    objectMode: true,
    highWaterMark: 1,
    read() {
      source.resume();
    },
    destroy(error, done) {
      source.destroy();
      done(error);
    },
  });
  const pass = (): boolean => {
    const full = filled === PIECE_BYTES ? piece : piece.subarray(0, filled);
    piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
    filled = 0;
    return pieces.push(full);
  };
  source.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length;) {
      const taken = Math.min(chunk.length - at, PIECE_BYTES - filled);
      piece.set(at === 0 && taken === chunk.length ? chunk : chunk.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled === PIECE_BYTES && !pass()) source.pause();
    }
  });
  source.once('end', () => {
    ended = true;
    if (filled > 0) pass();
    pieces.push(null);
  });
  source.once('error', (error) => pieces.destroy(error));
  // A source that is destroyed ends nowhere: its reader must not take that for the end.
  source.once('close', () => {
    if (!ended && !pieces.destroyed) pieces.destroy(new Error('the output was cut off'));
  });
  return pieces;
}
