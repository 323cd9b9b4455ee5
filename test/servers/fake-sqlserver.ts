import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { copyBundle } from '../suites/bundles';
import { newState } from './sqlserver/model';
import type { ServerState } from './sqlserver/model';
import { withState, writeState } from './sqlserver/state-file';

export interface Call {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A `sqlcmd` on PATH with a model of SQL Server behind it. It is our own picture of the documentation, strict about
 * statements, columns and flags, and no proof of anything about a real server.
 */
export interface FakeSqlServer {
  readonly environment: Readonly<Record<'PATH' | 'SQLCMDPASSWORD', string>>;
  readonly password: string;
  /** Looks at the server, or does something to it. */
  state<T>(work: (state: ServerState) => T): T;
  /** Every start of sqlcmd since the last call of this. */
  calls(): readonly Call[];
  stop(): void;
}

export function startFakeSqlServer(): FakeSqlServer {
  const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-sqlserver-'));
  const password = "p$(x)a'ss]w;rd -C";
  copyBundle('sqlcmd', folder);
  const log = path.join(folder, 'calls.jsonl');
  writeFileSync(log, '');
  mkdirSync(path.join(folder, 'disk'));
  writeState(folder, newState(password));
  return {
    environment: { PATH: `${folder}${path.delimiter}${process.env.PATH ?? ''}`, SQLCMDPASSWORD: password },
    password,
    state: (work) => withState(folder, work),
    calls: () => {
      const lines = readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line !== '');
      writeFileSync(log, '');
      return lines.map((line) => JSON.parse(line) as Call);
    },
    stop: () => rmSync(folder, { recursive: true, force: true }),
  };
}
