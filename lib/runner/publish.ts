import { readAll, sha256Of } from './manifest';
import type { StoredManifest } from './manifest';
import type { Store } from './store/store';
import { StoreError } from './store/store';

/** What became of the commit in one store. */
export type Published =
  | { readonly kind: 'stored' }
  /** The slot was published by another attempt: that one counts, and this one is nothing. */
  | { readonly kind: 'taken'; readonly bySha256: string }
  | { readonly kind: 'failed'; readonly why: string };

export interface Publication {
  readonly manifestKey: string;
  readonly dataFolder: string;
  readonly manifest: StoredManifest;
  readonly retainUntil: Date | undefined;
}

/**
 * Creates the manifest, last and conditionally, then looks whether the list agrees with it: a commit whose objects the
 * store does not list, or lists with other sizes, is none.
 */
export async function publish(
  store: Store,
  { manifestKey, dataFolder, manifest, retainUntil }: Publication,
): Promise<Published> {
  try {
    const missing = await disagreement(store, dataFolder, manifest);
    if (missing !== undefined) return { kind: 'failed', why: missing };
    const created = await store.create(manifestKey, manifest.bytes, {
      ...(retainUntil && { retainUntil }),
      contentType: 'application/json',
    });
    if (created.kind === 'created') return { kind: 'stored' };
    const there = sha256Of(await readAll(await store.read(manifestKey)));
    // A lost answer and a second try: the manifest that is there is this one.
    return there === manifest.sha256 ? { kind: 'stored' } : { kind: 'taken', bySha256: there };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { kind: 'failed', why: error.message };
  }
}

async function disagreement(store: Store, folder: string, { manifest }: StoredManifest): Promise<string | undefined> {
  const listed = new Map<string, number>();
  for await (const object of store.list(`${folder}/`)) listed.set(object.key, object.bytes);
  for (const stream of manifest.streams) {
    const encoding = stream.encodings.find((one) => one.stores.includes(store.id));
    if (!encoding) return `stream ${stream.name} did not get there`;
    for (const segment of encoding.segments) {
      const bytes = listed.get(`${folder}/${segment.name}`);
      if (bytes === segment.bytes) continue;
      return bytes === undefined
        ? `${segment.name} is not listed after its upload`
        : `${segment.name} is listed with ${bytes} bytes instead of ${segment.bytes}`;
    }
  }
  return undefined;
}
