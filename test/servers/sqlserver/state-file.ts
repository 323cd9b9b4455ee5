import { mkdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ServerState } from './model';

/** The server lives in a file: every sqlcmd is a process of its own, and they take turns. */

const sleeper = new Int32Array(new SharedArrayBuffer(4));

export function withState<T>(folder: string, work: (state: ServerState) => T): T {
  const turn = path.join(folder, 'turn');
  for (;;) {
    try {
      mkdirSync(turn);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      Atomics.wait(sleeper, 0, 0, 2);
    }
  }
  try {
    const file = path.join(folder, 'state.json');
    const state = JSON.parse(readFileSync(file, 'utf8')) as ServerState;
    try {
      return work(state);
    } finally {
      writeFileSync(`${file}.new`, JSON.stringify(state));
      renameSync(`${file}.new`, file);
    }
  } finally {
    rmdirSync(turn);
  }
}

export function writeState(folder: string, state: ServerState): void {
  writeFileSync(path.join(folder, 'state.json'), JSON.stringify(state));
}
