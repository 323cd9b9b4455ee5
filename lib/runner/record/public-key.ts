import { createHash, createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { EngineError } from '../engine/engine';

/** A key that signs records, or only tells good signatures from others. */
export interface RecordKey {
  /** SHA-256 of the public key (DER, SubjectPublicKeyInfo) as hex: the same wherever the key is kept. */
  readonly id: string;
  /** For people: `KMS key arn:...`. */
  readonly where: string;
  /**
   * Ed25519 as it is, P-256 as ECDSA over SHA-256 in DER.
   * @default - only the public half is here
   */
  readonly sign?: (bytes: Uint8Array) => Promise<Buffer>;
  readonly publicKey: () => KeyObject;
}

/** Whether a key of this kind is one that records are signed with. */
export function isRecordKey({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  return type === 'ed25519' || (type === 'ec' && details?.namedCurve === 'prime256v1');
}

export function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/** The hash that a key's kind wants; Ed25519 has its own. */
export function hashOf({ asymmetricKeyType: type }: KeyObject): 'sha256' | null {
  return type === 'ed25519' ? null : 'sha256';
}

export function isGoodSignature(bytes: Uint8Array, sig: Uint8Array, publicKey: KeyObject): boolean {
  return verify(hashOf(publicKey), bytes, publicKey, sig);
}

/**
 * A public key as a service gives it.
 * @throws EngineError where it is of a kind that records are not signed with
 */
export function publicKeyOf(key: Parameters<typeof createPublicKey>[0], where: string): KeyObject {
  let publicKey: KeyObject | undefined;
  try {
    publicKey = createPublicKey(key);
  } catch {
    // Said below: what was there is not quoted.
  }
  if (publicKey && isRecordKey(publicKey)) return publicKey;
  const fix = 'make one for signing with the curve P-256 (in a PEM file also Ed25519)';
  throw new EngineError('config', `${where} is no key that records are signed with`, fix);
}
