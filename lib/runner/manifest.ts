import { createHash } from 'node:crypto';
import { BackupManifest, LedgerEntry } from '../contract';
import type { Readable } from 'node:stream';

/** A manifest with the bytes that were stored and their hash, by which the next member of a chain names it. */
export interface StoredManifest {
  readonly manifest: BackupManifest;
  readonly bytes: Buffer;
  readonly sha256: string;
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
  return { ...manifest, entry: parsed.data };
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** All of a small object. */
export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > LARGEST_BYTES)
      throw new Error(`object larger than ${LARGEST_BYTES} bytes where a manifest was expected`);
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
