import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { BackupStream } from '../../contract';
import type { VerifiedBackup } from '../copy/source';
import type { Machine } from '../machine';
import { placedBy } from '../placement';
import { readBack } from '../stream/read-back';
import { Tally } from '../stream/tally';
import type { PlacedChain } from './point';

/** A backup whose streams lie in scratch as the engine wrote them, each compared with all its hashes. */
export interface SpooledBackup {
  readonly backup: VerifiedBackup;
  readonly streams: readonly SpooledStream[];
}

export interface SpooledStream {
  readonly stream: BackupStream;
  readonly file: string;
}

export interface SpoolOptions {
  /** Of this restore alone, mode 0700: what lies in it are the plain bytes of the source. */
  readonly folder: string;
  readonly wants: (stream: BackupStream) => boolean;
  readonly machine: Machine;
  /** Told of each backup before it is read. */
  readonly onBackup?: (backup: VerifiedBackup) => void;
  /** Told of bytes as they come. */
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Reads a whole chain into files before anything touches the target. Files are named by the hash of what is in them, so
 * that what a killed restore had read, or a store that broke off, is compared again and not read again.
 * Failures are those of `readBack`.
 */
export async function spoolChain(chain: PlacedChain, options: SpoolOptions): Promise<readonly SpooledBackup[]> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const spooled: SpooledBackup[] = [];
  for (const backup of chain.members) {
    options.onBackup?.(backup);
    const streams: SpooledStream[] = [];
    for (const stream of backup.manifest.streams.filter(options.wants)) {
      const file = path.join(options.folder, stream.sha256);
      if (!(await holds(file, stream))) await spoolStream(stream, file, { ...options, chain, backup });
      else options.onBytes?.(stream.bytes);
      streams.push({ stream, file });
    }
    spooled.push({ backup, streams });
  }
  return spooled;
}

async function spoolStream(
  stream: BackupStream,
  file: string,
  { chain, backup, machine, onBytes }: SpoolOptions & { readonly chain: PlacedChain; readonly backup: VerifiedBackup },
): Promise<void> {
  const part = `${file}.part`;
  const handle = await open(part, 'w', 0o600);
  try {
    const placed = placedBy(backup.entry);
    for await (const chunk of readBack(stream, chain.place.store, {
      folder: '',
      placed,
      machine,
    }) as AsyncIterable<Buffer>) {
      await writeAll(handle, chunk);
      onBytes?.(chunk.length);
    }
  } catch (error) {
    await handle.close();
    await rm(part, { force: true });
    throw error;
  }
  await handle.close();
  await rename(part, file);
}

async function writeAll(handle: FileHandle, chunk: Buffer): Promise<void> {
  for (let at = 0; at < chunk.length;) at += (await handle.write(chunk, at)).bytesWritten;
}

async function holds(file: string, { bytes, sha256 }: BackupStream): Promise<boolean> {
  const there = await stat(file).catch(() => undefined);
  if (there?.size !== bytes) return false;
  const tally = new Tally();
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>)
    tally.add(chunk);
  return tally.soFar().sha256 === sha256;
}

/** Plain bytes that a chain will take in a folder, without those that lie there already. */
export async function bytesToSpool(
  { members }: PlacedChain,
  { folder, wants }: Pick<SpoolOptions, 'folder' | 'wants'>,
): Promise<number> {
  const there = new Set(await readdir(folder).catch(() => []));
  return wantedBytes({ members }, (stream) => wants(stream) && !there.has(stream.sha256));
}

/** Plain bytes of the streams of a chain that are wanted. */
export function wantedBytes({ members }: Pick<PlacedChain, 'members'>, wants: SpoolOptions['wants']): number {
  const streams = members.flatMap(({ manifest }) => manifest.streams.filter((one) => wants(one)));
  return streams.reduce((sum, { bytes }) => sum + bytes, 0);
}
