import type { Machine } from '../machine';
import { runChild, statusOf } from './child';
import { EngineError } from './engine';

export const SQLCMD = 'sqlcmd';

/**
 * The version of sqlcmd, in words: `18.4.0001.1 (ODBC)` or `1.8.2 (Go)`.
 * @throws EngineError where there is none, or something else has its name
 */
export async function sqlcmdVersion(machine: Machine): Promise<string> {
  const end = await runChild(SQLCMD, ['-?'], { machine });
  const version = parseVersion(`${end.stdout}\n${end.stderr}`);
  if (version !== undefined) return version;
  const said = end.stdout.trim().split('\n')[0] || end.stderr.trim().split('\n')[0] || statusOf(end);
  throw new EngineError('config', `sqlcmd -? says "${said}" and no version`, 'install sqlcmd, or put it first on PATH');
}

/** `Version 18.4.0001.1 Linux` of the one, `Version: v1.8.2` of the other. */
export function parseVersion(text: string): string | undefined {
  const go = /Version:\s*v?(\d+(?:\.\d+)+)/.exec(text)?.[1];
  if (go !== undefined) return `${go} (Go)`;
  const odbc = /Version\s+(\d+(?:\.\d+)+)/.exec(text)?.[1];
  return odbc === undefined ? undefined : `${odbc} (ODBC)`;
}
