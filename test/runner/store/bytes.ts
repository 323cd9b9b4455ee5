import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Receipt, Store, StoredObject, UploadOptions } from '../../../lib/runner/store/store';

/** Bytes that no compression and no shift hides: a stream of hashes. */
export function someBytes(length: number, seed = 'seed'): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < length; at += 64) blocks.push(createHash('sha512').update(`${seed}${at}`).digest());
  return Buffer.concat(blocks).subarray(0, length);
}

/** Uploads in chunks of an odd size, as a tool writes them. */
export async function upload(store: Store, key: string, body: Buffer, options: UploadOptions = {}): Promise<Receipt> {
  const upload = store.upload(key, options);
  for (let at = 0; at < body.length; at += 65_521) await upload.write(body.subarray(at, at + 65_521));
  return upload.finish();
}

export async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function objectsOf(objects: AsyncIterable<StoredObject>): Promise<StoredObject[]> {
  const all: StoredObject[] = [];
  for await (const object of objects) all.push(object);
  return all;
}

export async function keysOf(objects: AsyncIterable<StoredObject>): Promise<string[]> {
  return (await objectsOf(objects)).map((one) => one.key);
}

/** Kind of the StoreError that work ends with; any other end is a failure of the test. */
export async function failureOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => new Error('it went well'),
    (thrown: unknown) => thrown as Error,
  );
  if (!('kind' in error)) throw error;
  return `${error.kind as string}`;
}
