import type { TaskManifest } from '../../contract';
import type { ExitCode } from '../exit-code';
import type { Machine } from '../machine';
import type { Invocation } from './arguments';

/** Where the program talks to; bin hands in the real ones. */
export interface Output {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** One command: does what was asked for, says what came of it, and ends with a code of the table. */
export type Command = (asked: Invocation, task: TaskManifest, machine: Machine, output: Output) => Promise<ExitCode>;
