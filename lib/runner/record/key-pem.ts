import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { EngineError } from '../engine/engine';
import { hashOf, isRecordKey, keyIdOf, publicKeyOf } from './public-key';
import type { RecordKey } from './public-key';

const FIX =
  'make one: openssl genpkey -algorithm ed25519 -out record-key.pem; its public half: openssl pkey -in record-key.pem -pubout';

/**
 * A key in a PEM file (PKCS #8 or SEC 1): a private one signs, a public one or a certificate only tells good signatures.
 * @throws EngineError
 */
export async function openPemKey(path: string): Promise<RecordKey> {
  const where = `record key ${path}`;
  const text = await readFile(path, 'utf8').catch(({ code, message }: NodeJS.ErrnoException) => {
    throw new EngineError('config', `${where}: the file cannot be read (${code ?? message})`, FIX);
  });
  if (!/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text)) {
    const publicKey = publicKeyOf(text, where);
    return { id: keyIdOf(publicKey), where, publicKey: () => publicKey };
  }
  const privateKey = privateKeyOf(text, where);
  const publicKey = createPublicKey(privateKey);
  return {
    id: keyIdOf(publicKey),
    where,
    publicKey: () => publicKey,
    sign: (bytes) => Promise.resolve(sign(hashOf(privateKey), bytes, privateKey)),
  };
}

/** What is wrong with a private key is said in words of ours: OpenSSL's may quote it. */
function privateKeyOf(text: string, where: string): KeyObject {
  if (/ENCRYPTED/.test(text)) {
    const fix = `take the passphrase off (openssl pkey -in FILE -out record-key.pem), or keep the key in a cloud's key service`;
    throw new EngineError('config', `${where} is locked by a passphrase, which a run does not know`, fix);
  }
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(text);
  } catch {
    // Said below.
  }
  if (key && isRecordKey(key)) return key;
  throw new EngineError('config', `${where} is no private key of Ed25519 or P-256`, FIX);
}
