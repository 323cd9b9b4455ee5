import type { BackupStream } from '../../contract';
import type { Machine } from '../machine';
import { readAll, sha256Of } from '../manifest';
import { dataFolder, runOf } from '../object-key';
import { encodingAt, placedBy, sizesBy } from '../placement';
import { indexRunData } from '../run-data';
import type { StoredObject } from '../store/store';
import { StoreError } from '../store/store';
import type { Destination } from './destination';
import { copySegment, isSegment } from './segment';
import type { CopyFailure } from './segment';
import type { CopySource, VerifiedBackup } from './source';

/** One backup on its way from one source into one destination. */
export interface BackupCopy {
  readonly backup: VerifiedBackup;
  readonly source: CopySource;
  readonly destination: Destination;
  /** Keys in the destination whose bytes were seen to be the backup's, in this or an earlier try. */
  readonly proven: Map<string, string>;
  readonly machine: Machine;
}

export type BackupCopied =
  | { readonly kind: 'copied'; readonly sent: number; readonly found: number; readonly unlocked: boolean }
  /** It is published there, and what lies there may not be read: a verifier has to say what is wrong. */
  | { readonly kind: 'unclear' }
  | { readonly kind: 'taken' }
  | ({ readonly kind: 'failed' } & CopyFailure);

interface Placed {
  readonly objects: readonly { readonly key: string; readonly bytes: number }[];
  readonly sent: number;
  readonly unlocked: boolean;
}

/**
 * Copies one backup: its data under an attempt of its own, so that whatever lies there blocks nothing, then the same
 * bytes of its manifest, conditionally. What an interrupted copy left is taken up again where it can be proven.
 */
export async function copyBackup(copy: BackupCopy): Promise<BackupCopied> {
  try {
    const placed = await placeData(copy);
    if ('kind' in placed) return placed;
    const published = await publish(copy, placed);
    if (published === 'taken') return { kind: 'taken' };
    const found = placed.objects.length - placed.sent;
    return { kind: 'copied', sent: placed.sent, found, unlocked: placed.unlocked };
  } catch (error) {
    copy.machine.signal.throwIfAborted();
    if (!(error instanceof StoreError)) throw error;
    return { kind: 'failed', side: 'destination', error };
  }
}

async function placeData(copy: BackupCopy): Promise<Placed | BackupCopied> {
  const { backup, source, destination, machine } = copy;
  const key = destination.keyOf(backup);
  const there = indexRunData(await listRun(destination, key));
  const placed = placedBy(backup.entry);
  const folder = dataFolder(key, machine.randomHex(8));
  const retainUntil = lockOf(copy);
  const known = destination.stateOf(backup);
  const objects: { key: string; bytes: number }[] = [];
  let sent = 0;
  let unlocked = false;
  for (const stream of backup.manifest.streams) {
    const encoding = encodingAt(stream, source.place.store.id, sizesBy(placed));
    if (!encoding) return unfit(source, stream);
    for (const segment of encoding.segments) {
      const held = await heldAs(copy, segment, there.of(key, segment.name));
      if (held === 'unknown' && known === 'unclear') return { kind: 'unclear' };
      const to = typeof held === 'object' ? held.key : `${folder}/${segment.name}`;
      objects.push({ key: to, bytes: segment.bytes });
      if (typeof held === 'object') continue;
      const from = placed(segment.name);
      if (!from) return unfit(source, stream);
      const answer = await copySegment({
        segment,
        source: source.place.store,
        from,
        destination: destination.place.store,
        to,
        retainUntil,
        signal: machine.signal,
      });
      if ('side' in answer) return { kind: 'failed', ...answer };
      copy.proven.set(to, segment.sha256);
      sent += 1;
      if (answer.locked === false) unlocked = true;
    }
  }
  return { objects, sent, unlocked };
}

/** An object in the destination that holds the segment already. */
async function heldAs(
  { backup, destination, proven, machine }: BackupCopy,
  segment: BackupStream['encodings'][number]['segments'][number],
  candidates: readonly StoredObject[],
): Promise<StoredObject | 'none' | 'unknown'> {
  const ownFolder = dataFolder(destination.keyOf(backup), backup.manifest.attempt);
  let answer: 'none' | 'unknown' = 'none';
  for (const object of candidates) {
    if (proven.get(object.key) === segment.sha256) return object;
    const is = await isSegment(segment, object, { ownFolder, destination, signal: machine.signal });
    if (is === 'yes') {
      proven.set(object.key, segment.sha256);
      return object;
    }
    if (is === 'unknown') answer = 'unknown';
  }
  return answer;
}

/** The commit: after everything is listed as it should be, and only if the name is free. */
async function publish(copy: BackupCopy, { objects }: Placed): Promise<'published' | 'taken'> {
  const { backup, destination } = copy;
  const { store } = destination.place;
  const key = destination.keyOf(backup);
  const listed = new Map((await listRun(destination, key)).map((one) => [one.key, one.bytes]));
  const lacking = objects.find((one) => listed.get(one.key) !== one.bytes);
  if (lacking) throw new StoreError('retry', `${store.url}/${lacking.key} is not listed as it was stored`);
  const retainUntil = lockOf(copy);
  const created = await store.create(key, backup.bytes, {
    ...(retainUntil && { retainUntil }),
    contentType: 'application/json',
  });
  if (created.kind === 'created') return 'published';
  return sha256Of(await readAll(await store.read(key))) === backup.sha256 ? 'published' : 'taken';
}

async function listRun({ place: { store } }: Destination, manifestKey: string): Promise<readonly StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const object of store.list(`${runOf(manifestKey)}-`)) objects.push(object);
  return objects;
}

/** The manifest's own lock, where single objects have one and its time is not over: no other store prolongs it. */
function lockOf({ backup, destination, machine }: BackupCopy): Date | undefined {
  const until = new Date(backup.manifest.lockedUntil);
  return destination.place.store.locks === 'objects' && until > machine.now() ? until : undefined;
}

function unfit({ place: { store } }: CopySource, { name }: BackupStream): BackupCopied {
  const error = new StoreError('damaged', `the ledger of ${store.id} does not hold all of stream ${name}`);
  return { kind: 'failed', side: 'source', error };
}
