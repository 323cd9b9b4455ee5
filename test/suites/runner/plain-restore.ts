import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { MariadbServer } from '../../servers/mariadb';
import type { PostgresServer } from '../../servers/postgres';
import { systemProgram } from '../../servers/programs';
import { streamOn } from './shelf';
import type { ShelvedBackup, Shelf } from './shelf';

/** Restores as docs/runner.md says them: the tools of the system, and what a manifest tells. */

/** Each archive of a chain over the one before. @returns the folder that stands for `source` there */
export async function restoreFiles(
  shelf: Shelf,
  chain: readonly ShelvedBackup[],
  into: string,
  source: string,
): Promise<string> {
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into);
  for (const backup of chain) {
    for (const stream of backup.manifest.streams) {
      const args = ['--extract', '--listed-incremental=/dev/null', '-C', into, '-f', '-'];
      execFileSync('tar', args, { input: await streamOn(shelf, backup, stream), stdio: ['pipe', 'ignore', 'pipe'] });
    }
  }
  return path.join(into, source);
}

/** Names, kinds and contents of two folders agree; throws with the differences. */
export function expectSameFiles(one: string, other: string): void {
  const { stdout, status } = spawnSync('diff', ['-r', '--no-dereference', one, other], { encoding: 'utf8' });
  expect([status, stdout]).toEqual([0, '']);
}

/** The dump of one database into another one, which is made for it. */
export async function restorePostgres(
  shelf: Shelf,
  backup: ShelvedBackup,
  database: string,
  into: { readonly server: PostgresServer; readonly database: string },
): Promise<void> {
  const stream = backup.manifest.streams.find((one) => one.database === database);
  if (!stream) throw new Error(`no dump of ${database}`);
  await into.server.sql(`DROP DATABASE IF EXISTS ${into.database}; CREATE DATABASE ${into.database}`);
  execFileSync(systemProgram('pg_restore'), ['--exit-on-error', '--no-owner', '-d', into.database], {
    input: await streamOn(shelf, backup, stream),
    env: { PATH: process.env.PATH, ...into.server.environment },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
}

/** A full dump and the binary logs after it, into a server of its own. */
export async function restoreMariadb(
  shelf: Shelf,
  chain: readonly ShelvedBackup[],
  into: MariadbServer,
): Promise<void> {
  const client = (input: Buffer) =>
    execFileSync('mariadb', [`--defaults-file=${into.optionFile}`, '--binary-mode'], { input });
  for (const backup of chain) {
    const { streams, source, type } = backup.manifest;
    for (const [index, stream] of streams.entries()) {
      if (stream.name === 'accounts') continue;
      const bytes = await streamOn(shelf, backup, stream);
      if (type === 'full') {
        client(bytes);
        continue;
      }
      const start = index === 0 ? [`--start-position=${source.position['binlog.from.position']}`] : [];
      client(execFileSync('mariadb-binlog', ['--no-defaults', '--disable-log-bin', ...start, '-'], { input: bytes }));
    }
  }
}
