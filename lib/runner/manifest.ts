import { createHash } from 'node:crypto';
import { BackupManifest, LedgerEntry } from '../contract';
import type { Readable } from 'node:stream';
import { StoreError } from './store/store';

/** A manifest with the bytes that were stored and their hash, by which the next member of a chain names it. */
export interface StoredManifest {
  readonly manifest: BackupManifest;
  readonly bytes: Buffer;
  readonly sha256: string;
  /** When its verifier saw it first, by another clock than the writer's. @default - read from the store, not the ledger */
  readonly verifiedAt?: string;
}

/** Largest manifest or ledger entry that is read: tables and segments are listed in it, never data. */
const LARGEST_BYTES = 64 * 1024 * 1024;

export function encodeManifest(manifest: BackupManifest): StoredManifest {
  const bytes = Buffer.from(`${JSON.stringify(BackupManifest.parse(manifest), null, 1)}\n`);
  return { manifest, bytes, sha256: sha256Of(bytes) };
}

/** @returns the manifest, or why the bytes are none; versions of the future are refused, older ones are read */
export function decodeManifest(bytes: Buffer): StoredManifest | { readonly why: string } {
  const parsed = BackupManifest.safeParse(jsonOf(bytes));
  if (parsed.success) return { manifest: parsed.data, bytes, sha256: sha256Of(bytes) };
  const newer = newerVersion(bytes);
  if (newer !== undefined) return { why: `manifest of version ${newer}, which a newer program wrote` };
  const [issue] = parsed.error.issues;
  return { why: `no manifest: ${issue ? `${issue.path.join('.')}: ${issue.message}` : 'not JSON'}` };
}

export function encodeLedgerEntry(entry: LedgerEntry): Buffer {
  return Buffer.from(`${JSON.stringify(LedgerEntry.parse(entry), null, 1)}\n`);
}

/** A ledger entry whose manifest is what its hash says. */
export function decodeLedgerEntry(
  bytes: Buffer,
): (StoredManifest & { readonly entry: LedgerEntry }) | { readonly why: string } {
  const parsed = LedgerEntry.safeParse(jsonOf(bytes));
  if (!parsed.success) {
    const newer = newerVersion(bytes);
    if (newer !== undefined) return { why: `ledger entry of version ${newer}, which a newer program wrote` };
    return { why: `no ledger entry: ${parsed.error.issues[0]?.message ?? 'not JSON'}` };
  }
  const manifest = decodeManifest(Buffer.from(parsed.data.manifest));
  if ('why' in manifest) return manifest;
  if (manifest.sha256 !== parsed.data.manifestSha256)
    return { why: 'the entry holds another manifest than its hash says' };
  return { ...manifest, entry: parsed.data, verifiedAt: parsed.data.verifiedAt };
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** All of a small object. One that is too large was put there by somebody: what it lies beside goes on. */
export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > LARGEST_BYTES)
      throw new StoreError('damaged', `object larger than ${LARGEST_BYTES} bytes where a manifest was expected`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function newerVersion(bytes: Buffer): number | undefined {
  const version = (jsonOf(bytes) as { version?: unknown } | null | undefined)?.version;
  return typeof version === 'number' && version > 1 ? version : undefined;
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/**
 * What is read of one manifest among many: its bytes, that it is gone meanwhile, or why they can't be had. Whoever may
 * write may put something there that nobody can read, such as an object under a key of his own, and that must keep
 * nobody from the others. What may pass is thrown.
 */
export async function tryRead(read: Promise<Readable>): Promise<Buffer | 'gone' | { readonly unreadable: StoreError }> {
  try {
    return await read.then(readAll);
  } catch (error) {
    const { kind } = error as Partial<StoreError>;
    if (kind === 'missing') return 'gone';
    if (kind === 'denied' || kind === 'refused' || kind === 'damaged') return { unreadable: error as StoreError };
    throw error;
  }
}
