import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemProgram } from '../../servers/programs';

/** A tar on a host whose clock is wrong: the state that it leaves speaks of another time. */
export interface TarClock {
  /** For the front of PATH. */
  readonly folder: string;
  /** From now on the clock is ahead by so many seconds. */
  set(seconds: number): void;
}

/** The moment in a snapshot file's head, `GNU tar-1.34-2`, a line end, and seconds before a NUL. */
const SCRIPT = (tar: string) => `#!${process.execPath}
const { readFileSync, writeFileSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
const args = process.argv.slice(2);
const { status } = spawnSync(${JSON.stringify(tar)}, args, { stdio: 'inherit' });
const state = args.find((one) => one.startsWith('--listed-incremental='))?.slice('--listed-incremental='.length);
if (state) {
  const ahead = Number(readFileSync(__dirname + '/ahead', 'utf8'));
  const text = readFileSync(state, 'latin1');
  writeFileSync(state, text.replace(/^(GNU tar-.*\\n)(\\d+)/, (_, head, at) => head + (Number(at) + ahead)), 'latin1');
}
process.exit(status ?? 1);
`;

export function tarClock(parent: string): TarClock {
  const folder = path.join(parent, 'clock');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'tar'), SCRIPT(systemProgram('tar')));
  chmodSync(path.join(folder, 'tar'), 0o755);
  const set = (seconds: number) => writeFileSync(path.join(folder, 'ahead'), `${seconds}`);
  set(0);
  return { folder, set };
}
