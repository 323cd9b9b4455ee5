import type { BackupStream, Encoding, LedgerEntry, Segment } from '../contract';
import { dataFolder } from './object-key';
import { encodingAt, encodingsAt } from './placement';
import type { StoredObject } from './store/store';
import { StoreError } from './store/store';
import { digestOf } from './stream/read-segments';
import type { Checked, Published } from './verify-objects';

/**
 * Reads every object of a backup and compares it with its hash. A segment may lie there more than once, by copies that
 * were interrupted or by somebody's hand: the first object whose bytes are the backup's counts.
 */
export async function readObjects(published: Published, signal: AbortSignal): Promise<Checked> {
  const objects: LedgerEntry['objects'][number][] = [];
  const problems: Checked['problems'][number][] = [];
  let sound = true;
  const digest = digestIn(published, signal);
  for (const stream of published.stored.manifest.streams) {
    const found = await streamIn(stream, published, digest);
    problems.push(...found.problems);
    if (found.objects) objects.push(...found.objects);
    else sound = false;
  }
  return { objects: sound ? objects : undefined, method: 'full', problems };
}

/** What an object holds, by its hash; `undefined` when it is gone meanwhile. */
type Digest = (object: StoredObject) => Promise<string | undefined>;

async function streamIn(
  stream: BackupStream,
  { place: { store }, key, stored, data }: Published,
  digest: Digest,
): Promise<Pick<Checked, 'objects' | 'problems'>> {
  const candidates = (segment: string) => data.of(key, segment);
  const encodings = encodingsAt(stream, store.id, (segment) => candidates(segment).map((one) => one.bytes));
  const problems: Checked['problems'][number][] = [];
  for (const { segments } of encodings) {
    const objects: LedgerEntry['objects'][number][] = [];
    for (const segment of segments) {
      const hashes = new Set(stream.encodings.flatMap((one) => hashesIn(one, segment.name)));
      const { good, bad } = await firstGood(segment, candidates(segment.name), digest);
      // Pieces of another encoding may have the same size; what no encoding knows is somebody's.
      for (const one of bad.filter(({ sha256 }) => !hashes.has(sha256 ?? '')))
        problems.push(good ? strange(one.object, good) : wrong(one.object));
      if (!good) break;
      objects.push(entryOf(good));
    }
    if (objects.length === segments.length) {
      return { objects, problems: problems.filter((one) => one.kind === 'tampered') };
    }
  }
  if (problems.length > 0) return { objects: undefined, problems };
  const lacks = lacking(stream, store.id, dataFolder(key, stored.manifest.attempt), candidates);
  const message = `of stream ${stream.name} there are pieces of several copies, and none is whole`;
  return { objects: undefined, problems: lacks.length > 0 ? lacks : [{ key, kind: 'missing', message }] };
}

function hashesIn({ segments }: Encoding, name: string): readonly string[] {
  return segments.filter((one) => one.name === name).map((one) => one.sha256);
}

async function firstGood(segment: Segment, candidates: readonly StoredObject[], digest: Digest) {
  const bad: { readonly object: StoredObject; readonly sha256: string | undefined }[] = [];
  for (const object of candidates.filter((one) => one.bytes === segment.bytes)) {
    const sha256 = await digest(object);
    if (sha256 === segment.sha256) return { good: object, bad };
    bad.push({ object, sha256 });
  }
  return { good: undefined, bad };
}

/** Each object is read once, also where two encodings are the same bytes. */
function digestIn({ place: { store } }: Published, signal: AbortSignal): Digest {
  const known = new Map<string, string | undefined>();
  return async (object) => {
    const name = `${object.version ?? ''} ${object.key}`;
    if (known.has(name)) return known.get(name);
    const sha256 = await digestOf(store, object, signal).then(
      (one) => one.sha256,
      (error: unknown) => {
        if (error instanceof StoreError && (error.kind === 'damaged' || error.kind === 'missing')) return undefined;
        throw error;
      },
    );
    known.set(name, sha256);
    return sha256;
  };
}

function lacking(
  stream: BackupStream,
  store: string,
  folder: string,
  candidates: (segment: string) => readonly StoredObject[],
): Checked['problems'] {
  const encoding = encodingAt(stream, store) ?? stream.encodings[0];
  return (encoding?.segments ?? []).flatMap(({ name, bytes }): Checked['problems'] => {
    const there = candidates(name);
    if (there.some((one) => one.bytes === bytes)) return [];
    const [first] = there;
    if (!first) {
      return [
        {
          key: `${folder}/${name}`,
          kind: 'missing',
          message: 'the manifest names it, and no attempt or copy of it is there',
        },
      ];
    }
    return [{ key: first.key, kind: 'size', message: `it has ${first.bytes} bytes and should have ${bytes}` }];
  });
}

function wrong({ key }: StoredObject): Checked['problems'][number] {
  return { key, kind: 'checksum', message: 'read in full, its bytes are not those that were stored elsewhere' };
}

function strange({ key }: StoredObject, good: StoredObject): Checked['problems'][number] {
  return { key, kind: 'tampered', message: `it holds other bytes than the backup; ${good.key} counts` };
}

function entryOf({ key, bytes, version, checksum }: StoredObject): LedgerEntry['objects'][number] {
  return { key, bytes, ...(version !== undefined && { version }), ...(checksum !== undefined && { checksum }) };
}
