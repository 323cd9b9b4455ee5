import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface PemFiles {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** Paths of PEM files. */
  readonly privatePath: string;
  readonly publicPath: string;
}

export interface KeyFolder {
  readonly ed25519: PemFiles;
  readonly p256: PemFiles;
  /** Writes a file of any text. */
  file(name: string, text: string): string;
  stop(): void;
}

/** Keys that are made for the test, as files. */
export function makeKeys(): KeyFolder {
  const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-record-key-'));
  const file = (name: string, text: string) => {
    const full = path.join(folder, name);
    writeFileSync(full, text, { mode: 0o600 });
    return full;
  };
  const files = (name: string, { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }) => ({
    privateKey,
    publicKey,
    privatePath: file(`${name}.pem`, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    publicPath: file(`${name}.pub`, publicKey.export({ type: 'spki', format: 'pem' }).toString()),
  });
  return {
    ed25519: files('ed25519', generateKeyPairSync('ed25519')),
    p256: files('p256', generateKeyPairSync('ec', { namedCurve: 'prime256v1' })),
    file,
    stop: () => rmSync(folder, { recursive: true, force: true }),
  };
}
