import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Machine } from '../machine';
import { startChild } from './child';
import type { Child, ChildEnd } from './child';
import { EngineError } from './engine';
import type { SourceLock } from './engine';

const WORD = 'held\n';

/**
 * A lock of the kernel's on a file (flock(2)), which Node cannot take itself: flock(1) holds it around a `cat` that
 * echoes one word, the sign that the lock is ours, and ends when this process's end of the pipe does. So a crash frees
 * it, SIGKILL too, and on NFS 4 it holds between hosts.
 */
export async function lockFile(file: string, machine: Machine): Promise<SourceLock | 'held'> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const child = await startChild('flock', ['-n', file, 'cat'], { machine, stdin: 'open' });
  child.stdin?.write(WORD);
  const answer = await Promise.race([firstBytes(child), child.ended]);
  if (answer === WORD) return { release: () => release(child) };
  const end = typeof answer === 'string' ? await child.ended : answer;
  if (end.exitCode === 1 && end.stderr === '') return 'held';
  throw new EngineError(
    'config',
    `flock cannot lock ${file}: ${end.stderr}`,
    'check that the state folder can be written',
  );
}

function firstBytes(child: Child): Promise<string | ChildEnd> {
  return new Promise((resolve) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    child.stdout.once('end', () => void child.ended.then(resolve));
  });
}

async function release(child: Child): Promise<void> {
  child.stdin?.end();
  await child.stop();
}
