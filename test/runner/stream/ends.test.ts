import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { EngineError } from '../../../lib/runner/engine/engine';
import type { SourceStream } from '../../../lib/runner/engine/engine';
import { storeStream } from '../../../lib/runner/stream/store-stream';
import type { StreamOptions } from '../../../lib/runner/stream/store-stream';
import { MemoryStore } from '../memory-store';
import { testMachine } from '../test-machine';
import type { TestMachine } from '../test-machine';
import { noise, sourceOf, turns } from './sources';

const RECIPIENT = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj';
const COMPRESSIONS = ['gzip', 'zstd', 'none'] as const;

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'stream-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** A `zstd` that does what the script says, before any other on the path. */
function machineWithZstd(script: string): TestMachine {
  const file = path.join(folder, 'zstd');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return testMachine({ PATH: `${folder}:${process.env.PATH}` });
}

interface Attempt {
  readonly source: SourceStream;
  readonly machine?: TestMachine;
  readonly compression?: StreamOptions['compression'];
}

/** One store with a key and one with a recipient, so that both lanes are under way. */
function attempt({ source, machine = testMachine(), compression = 'none' }: Attempt) {
  const stores = [new MemoryStore({ id: 'cloud' }), new MemoryStore({ id: 'local', encryption: 'none' })];
  const outcome = storeStream(source, {
    targets: stores.map((store) => ({ store, folder: 'run' })),
    compression,
    recipient: RECIPIENT,
    machine,
  }).then(
    () => 'stored',
    (error: unknown) => error,
  );
  const left = () => stores.map(({ keys, openUploads }) => ({ keys, openUploads }));
  return { outcome, left, stores };
}

const NOTHING = [
  { keys: [], openUploads: 0 },
  { keys: [], openUploads: 0 },
];

describe.each(COMPRESSIONS)('compressed by %s', (compression) => {
  it.each([0, 100, 3_000_000])('a source that fails after its last of %i bytes is stored nowhere', async (bytes) => {
    const failure = new EngineError('source', 'pg_dump ended with exit code 1');
    let fail: (error: Error) => void = () => undefined;
    const ended = new Promise<void>((_, reject) => (fail = reject));
    const source = sourceOf(noise(bytes), 64 * 1024, { ended });
    const machine = testMachine();
    source.output.once('end', () => setImmediate(() => fail(failure)));
    const { outcome, left } = attempt({ source, machine, compression });
    expect(await outcome).toBe(failure);
    expect(left()).toEqual(NOTHING);
    expect(machine.waiting).toBe(0);
  });

  it('a source whose output breaks ends with what its producer says', async () => {
    const failure = new EngineError('retry', 'the server closed the connection');
    let fail: (error: Error) => void = () => undefined;
    const ended = new Promise<void>((_, reject) => (fail = reject));
    const output = new Readable({ read: () => undefined });
    output.push(noise(100_000));
    const { outcome, left } = attempt({ source: sourceOf(Buffer.alloc(0), 1, { output, ended }), compression });
    await turns(5);
    output.destroy(new Error('read ECONNRESET'));
    setImmediate(() => fail(failure));
    expect(await outcome).toBe(failure);
    expect(left()).toEqual(NOTHING);
  });

  it('a producer that fails while something holds its pipe open ends the stream', async () => {
    const failure = new EngineError('source', 'killed');
    const output = new Readable({ read: () => undefined });
    output.push(noise(100_000));
    const ended = turns(5).then(() => Promise.reject(failure));
    const { outcome, left } = attempt({ source: sourceOf(Buffer.alloc(0), 1, { output, ended }), compression });
    expect(await outcome).toBe(failure);
    expect(left()).toEqual(NOTHING);
  });

  it('an interrupted run ends although the source says nothing more', async () => {
    const machine = testMachine();
    const output = new Readable({ read: () => undefined });
    output.push(noise(100_000));
    const source = sourceOf(Buffer.alloc(0), 1, { output, ended: new Promise(() => undefined) });
    const { outcome, left } = attempt({ source, machine, compression });
    await turns(20);
    machine.interrupt();
    expect(await outcome).toMatchObject({ message: 'the run was ended' });
    expect(output.destroyed).toBe(true);
    expect(left()).toEqual(NOTHING);
    expect(machine.waiting).toBe(0);
  });
});

it('finishes nothing before the source said that it ended well', async () => {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const { outcome, left, stores } = attempt({ source: sourceOf(noise(1000), 100, { ended }) });
  while (stores[0]?.taken !== 1000) await turns(1);
  await turns(50);
  expect(left()[0]).toEqual({ keys: [], openUploads: 1 });
  end();
  expect(await outcome).toBe('stored');
});

it('does not begin in a run that was interrupted before', async () => {
  const machine = testMachine();
  machine.interrupt();
  const { outcome, left } = attempt({ source: sourceOf(noise(1000)), machine });
  expect(await outcome).toMatchObject({ message: 'the run was ended' });
  expect(left()).toEqual(NOTHING);
});

it('an interrupted run waits six seconds for aborts that hang', async () => {
  const machine = testMachine();
  const store = new MemoryStore({ fault: ({ step }) => (step === 'abort' ? new Promise(() => undefined) : undefined) });
  const output = new Readable({ read: () => undefined });
  output.push(noise(1000));
  let failure: unknown;
  const done = storeStream(sourceOf(Buffer.alloc(0), 1, { output }), {
    targets: [{ store, folder: 'run' }],
    compression: 'none',
    machine,
  }).catch((error: unknown) => (failure = error));
  await turns(5);
  machine.interrupt();
  for (let half = 1; half < 12; half += 1) {
    await turns(3);
    machine.advance(0.5);
  }
  await turns(3);
  expect(failure).toBeUndefined();
  machine.advance(0.5);
  await done;
  expect(failure).toMatchObject({ message: 'the run was ended' });
});

it.each([
  ['is killed in the middle', 'head -c 100000; kill -9 $$', 'zstd ended with SIGKILL'],
  ['is ended politely by somebody', 'head -c 100000; kill -15 $$', 'zstd ended with SIGTERM'],
  ['fails at its end', 'cat; echo "disk full" >&2; exit 1', 'zstd ended with exit code 1: disk full'],
  ['ends well before its input does', 'head -c 100000', 'zstd ended before its input did'],
])('a compressor that %s is a failure, and nothing is stored', async (_, script, message) => {
  const { outcome, left } = attempt({
    source: sourceOf(noise(3_000_000)),
    machine: machineWithZstd(script),
    compression: 'zstd',
  });
  const failure = (await outcome) as EngineError;
  expect(failure).toMatchObject({ kind: 'retry', message: expect.stringContaining(message) as string });
  expect(left()).toEqual(NOTHING);
});

it('says which tool is missing', async () => {
  const machine = testMachine({ PATH: folder });
  const { outcome, left } = attempt({ source: sourceOf(noise(1000)), machine, compression: 'zstd' });
  expect(await outcome).toMatchObject({ kind: 'config', message: 'zstd is not installed' });
  expect(left()).toEqual(NOTHING);
});

it('gives the compressor nothing of the environment that it has no use for', async () => {
  const machine = machineWithZstd(`env > ${folder}/seen; cat`);
  Object.assign(machine.environment, { PGPASSWORD: 'canary', AWS_SECRET_ACCESS_KEY: 'canary' });
  const { outcome } = attempt({ source: sourceOf(noise(1000)), machine, compression: 'zstd' });
  expect(await outcome).toBe('stored');
  expect(readFileSync(path.join(folder, 'seen'), 'utf8')).not.toContain('canary');
});
