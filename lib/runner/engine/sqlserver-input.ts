import { constants } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Machine } from '../machine';
import { runChild } from './child';
import { EngineError } from './engine';

/**
 * Input of a tool that lives as long as this process does: it ends when this process ends, however that happens.
 * sqlcmd of Windows reads its standard input. Elsewhere its ODBC kind does not
 * (https://github.com/microsoft/homebrew-mssql-release/issues/2), but both kinds read a file that is a pipe.
 */
export interface LivingInput {
  readonly args: readonly string[];
  readonly stdin: 'open' | 'empty';
  /** Writes to the pipe; `undefined` where the child's standard input is written to. */
  readonly write?: (text: string) => Promise<void>;
  /** The tool reads: from now on a crash leaves nothing behind. */
  opened(): Promise<void>;
  close(): Promise<void>;
}

export async function livingInput(machine: Machine): Promise<LivingInput> {
  if (machine.environment.OS === 'Windows_NT')
    return { args: [], stdin: 'open', opened: () => Promise.resolve(), close: () => Promise.resolve() };
  const folder = path.join(machine.stateFolder, 'sessions');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, `${machine.randomHex(8)}.pipe`);
  const made = await runChild('mkfifo', ['-m', '600', file], { machine });
  if (made.exitCode !== 0)
    throw new EngineError(
      'config',
      `no pipe can be made in ${folder}: ${made.stderr}`,
      'set HYPDR_STATE to a folder of a local disk',
    );
  // Both ends, since a writer alone would wait for the tool; the kernel closes them with this process.
  const pipe = await open(file, constants.O_RDWR | constants.O_NONBLOCK);
  return {
    args: ['-i', file],
    stdin: 'empty',
    write: async (text) => void (await pipe.write(text)),
    opened: () => rm(file, { force: true }),
    close: async () => {
      await pipe.close();
      await rm(file, { force: true });
    },
  };
}
