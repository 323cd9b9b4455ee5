import { PassThrough, Readable } from 'node:stream';
import fc from 'fast-check';
import { inPieces } from '../../../lib/runner/engine/in-pieces';

const PIECE = 256 * 1024;

async function read(pieces: Readable): Promise<readonly Buffer[]> {
  const all: Buffer[] = [];
  for await (const piece of pieces as AsyncIterable<Buffer>) all.push(piece);
  return all;
}

/** Chunks of these lengths, whose bytes say where they stand. */
function chunks(lengths: readonly number[]): readonly Buffer[] {
  let at = 0;
  return lengths.map((length) => Buffer.from(Buffer.alloc(length).map(() => (at += 1) % 251)));
}

const endOf = async (pieces: Readable): Promise<string> =>
  read(pieces).then(
    () => 'ended',
    (error: Error) => error.message,
  );

test('the same bytes come, however they were cut', async () => {
  const length = fc.oneof(fc.integer({ min: 1, max: 9000 }), fc.constantFrom(PIECE - 1, PIECE, PIECE + 1));
  await fc.assert(
    fc.asyncProperty(fc.array(length, { maxLength: 8 }), async (lengths) => {
      const given = chunks(lengths);
      const taken = await read(inPieces(Readable.from(given, { objectMode: false })));
      expect(Buffer.concat(taken).equals(Buffer.concat(given))).toBe(true);
    }),
    { numRuns: 20 },
  );
}, 60_000);

test('small chunks are put together, and a large one is cut', async () => {
  const small = await read(inPieces(Readable.from(chunks(Array(130).fill(4096)), { objectMode: false })));
  expect(small.map((piece) => piece.length)).toEqual([PIECE, PIECE, 2 * 4096]);
  const large = await read(inPieces(Readable.from(chunks([2 * PIECE + 1]), { objectMode: false })));
  expect(large.map((piece) => piece.length)).toEqual([PIECE, PIECE, 1]);
});

test('a source that nobody reads on is not read on either', async () => {
  let given = 0;
  const source = Readable.from(
    (function* much() {
      for (let chunk = 0; chunk < 400; chunk += 1) {
        given += 65_536;
        yield Buffer.alloc(65_536);
      }
    })(),
    { objectMode: false },
  );
  const pieces = inPieces(source);
  await new Promise((resolve) => pieces.once('readable', resolve));
  for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(given).toBeLessThan(4 * PIECE);
  pieces.destroy();
  await new Promise((resolve) => source.once('close', resolve));
  expect(source.destroyed).toBe(true);
});

test('a source that fails, or is cut off, does not look like one that ended', async () => {
  const failing = new PassThrough();
  failing.write('some');
  const failed = endOf(inPieces(failing));
  failing.destroy(new Error('the disk is gone'));
  expect(await failed).toBe('the disk is gone');

  const cut = new PassThrough();
  cut.write('some');
  const cutOff = endOf(inPieces(cut));
  cut.destroy();
  expect(await cutOff).toBe('the output was cut off');

  const ending = new PassThrough();
  ending.end('some');
  expect(await endOf(inPieces(ending))).toBe('ended');
});
