import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { BackupManifest, BackupStream } from '../../../lib/contract';
import type { CloudStore } from '../../servers/cloud-store';

/** A data set in one store as somebody sees it who has no program of ours: names, and the bytes under them. */
export interface Shelf {
  /** Id of the store in manifests. */
  readonly id: string;
  keys(): Promise<readonly string[]>;
  bytes(key: string): Promise<Buffer>;
}

export function folderShelf(folder: string): Shelf {
  return {
    id: 'local',
    keys: () => Promise.resolve(filesBelow(folder)),
    bytes: (key) => Promise.resolve(readFileSync(path.join(folder, key))),
  };
}

export function cloudShelf(store: CloudStore, bucket: string, prefix: string): Shelf {
  return {
    id: store.id,
    keys: () => store.keys(bucket, prefix),
    bytes: (key) => store.bytes(bucket, key),
  };
}

function filesBelow(folder: string, below = ''): string[] {
  return readdirSync(path.join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(folder, name) : [name];
  });
}

/** A manifest with its key and the hash by which its children name it. */
export interface ShelvedBackup {
  readonly key: string;
  readonly sha256: string;
  readonly manifest: BackupManifest;
}

/** Every backup that a store publishes, by slot; the verifier's ledger lies beside them. */
export async function backupsOn(shelf: Shelf): Promise<readonly ShelvedBackup[]> {
  const keys = (await shelf.keys()).filter((key) => !key.startsWith('_') && key.endsWith('.manifest.json'));
  const backups = await Promise.all(
    keys.map(async (key) => {
      const bytes = await shelf.bytes(key);
      const manifest = JSON.parse(bytes.toString()) as BackupManifest;
      return { key, manifest, sha256: createHash('sha256').update(bytes).digest('hex') };
    }),
  );
  return backups.sort((a, b) => (a.manifest.slot < b.manifest.slot ? -1 : 1));
}

/** What a restore of one backup needs in its order: parents by their hashes. @default last - the newest */
export async function chainOn(shelf: Shelf, last?: string): Promise<readonly ShelvedBackup[]> {
  const backups = await backupsOn(shelf);
  const at = last === undefined ? backups.at(-1) : backups.find(({ manifest }) => manifest.slot === last);
  const chain = chainIn(backups, at);
  if (!chain) throw new Error(`${shelf.id}: a member of the chain of ${at?.key ?? 'nothing'} is missing`);
  return chain;
}

/** The same among backups that were read; `undefined` where a member is missing. */
export function chainIn(
  backups: readonly ShelvedBackup[],
  last: ShelvedBackup | undefined,
): readonly ShelvedBackup[] | undefined {
  const chain: ShelvedBackup[] = [];
  for (let at = last; at;) {
    chain.unshift(at);
    const { parent } = at.manifest;
    if (parent === null) return chain;
    at = backups.find(({ sha256 }) => sha256 === parent.sha256);
  }
  return undefined;
}

/** A stream's segments one after the other, unpacked by the tools of the system. */
export async function streamOn(shelf: Shelf, { key, manifest }: ShelvedBackup, stream: BackupStream): Promise<Buffer> {
  const encoding = stream.encodings.find((one) => one.stores.includes(shelf.id));
  if (!encoding) throw new Error(`${shelf.id} holds no stream ${stream.name}`);
  const folder = key.replace(/\.manifest\.json$/, `-${manifest.attempt}`);
  const segments = await Promise.all(encoding.segments.map(({ name }) => shelf.bytes(`${folder}/${name}`)));
  const packed = Buffer.concat(segments);
  if (stream.compression !== 'gzip' && stream.compression !== 'zstd') return packed;
  return execFileSync(stream.compression, ['-dc'], { input: packed, maxBuffer: 1024 ** 3 });
}
