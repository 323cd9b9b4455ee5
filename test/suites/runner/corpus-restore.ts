import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BackupManifest, BackupStream } from '../../../lib/contract';
import { IDENTITY_FILE } from '../../corpus/expected';
import type { CorpusSet, Point } from '../../corpus/expected';
import { systemProgram } from '../../servers/programs';

/**
 * Restores of the corpus as docs/runner.md describes them, by `cat`, `age`, `gzip` or `zstd` and the engine's own tool:
 * no code of the runner reads here what it has written, and manifests are JSON files that say what to undo.
 */

/** A manifest with the folder of its data. */
export interface Member {
  readonly manifest: BackupManifest;
  readonly folder: string;
}

/** What a restore of a point needs, oldest first: parents by the hashes of their files, as `sha256sum` says them. */
export function membersOf({ store, expected }: CorpusSet, last: Point): readonly Member[] {
  const files = new Map(
    expected.points.map(({ slot, type }) => {
      const file = path.join(store, `${slot}-${type}.manifest.json`);
      const [hash = ''] = execFileSync('sha256sum', [file], { encoding: 'utf8' }).split(' ');
      return [hash, file];
    }),
  );
  const members: Member[] = [];
  let file: string | undefined = path.join(store, `${last.slot}-${last.type}.manifest.json`);
  while (file !== undefined) {
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as BackupManifest;
    const folder = `${file.replace(/\.manifest\.json$/, '')}-${manifest.attempt}`;
    members.unshift({ manifest, folder });
    const parent: BackupManifest['parent'] = manifest.parent;
    file = parent ? files.get(parent.sha256) : undefined;
    if (parent && file === undefined) throw new Error(`no manifest has the hash ${parent.sha256}`);
  }
  return members;
}

/** The engine's bytes of a stream. */
export function bytesOf({ encodings, compression }: BackupStream, folder: string): Buffer {
  const encoding = encodings.find((one) => one.stores.includes('local'));
  if (!encoding) throw new Error('nothing is in the local store');
  const stored = run('cat', [...encoding.segments.map((one) => path.join(folder, one.name))]);
  const plain = encoding.encryption === 'age' ? run('age', ['-d', '-i', IDENTITY_FILE], stored) : stored;
  return compression === 'gzip' || compression === 'zstd' ? run(compression, ['-dcq'], plain) : plain;
}

export function run(
  tool: string,
  args: readonly string[],
  input: Buffer = Buffer.alloc(0),
  environment: Readonly<Record<string, string>> = {},
): Buffer {
  return execFileSync(systemProgram(tool), args, {
    input,
    env: { PATH: process.env.PATH, ...environment },
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** A dump of any format into an empty database. */
export function restorePostgres(
  { format }: BackupStream,
  bytes: Buffer,
  target: {
    readonly database: string;
    readonly scratch: string;
    readonly environment: Readonly<Record<string, string>>;
  },
): void {
  const { database, scratch } = target;
  const environment = { ...target.environment, PGDATABASE: database };
  if (format === 'pg_plain') {
    run('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-f', '-'], bytes, environment);
    return;
  }
  const dump = path.join(scratch, 'dump');
  if (format === 'pg_directory_tar') {
    mkdirSync(dump);
    run('tar', ['-x', '-C', dump], bytes);
  } else {
    writeFileSync(dump, bytes);
  }
  run('pg_restore', ['--exit-on-error', '-d', database, dump], Buffer.alloc(0), environment);
}
