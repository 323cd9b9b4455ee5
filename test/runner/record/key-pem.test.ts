import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import { EngineError } from '../../../lib/runner/engine/engine';
import { openRecordKey } from '../../../lib/runner/record/key';
import { isGoodSignature } from '../../../lib/runner/record/public-key';
import { testMachine } from '../store/store-machine';
import { makeKeys } from './keys';

const keys = makeKeys();
afterAll(() => keys.stop());

const open = (text: string) => openRecordKey(text, testMachine());
const bytes = Buffer.from('what is signed');

async function refused(text: string): Promise<EngineError> {
  const error = await open(text).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EngineError);
  return error as EngineError;
}

describe.each(['ed25519', 'p256'] as const)('a key of %s', (kind) => {
  test('signs what its public half knows, and nothing else', async () => {
    const key = await open(keys[kind].privatePath);
    const sig = await key.sign?.(bytes);
    if (!sig) throw new Error('it does not sign');
    expect(verify(kind === 'p256' ? 'sha256' : null, bytes, keys[kind].publicKey, sig)).toBe(true);
    const reader = await open(keys[kind].publicPath);
    expect(reader.sign).toBeUndefined();
    expect(isGoodSignature(bytes, sig, reader.publicKey())).toBe(true);
    expect(isGoodSignature(Buffer.from('what is signee'), sig, reader.publicKey())).toBe(false);
    expect(isGoodSignature(bytes, Buffer.from('nonsense'), reader.publicKey())).toBe(false);
  });

  test('has one id, the hash of its public half', async () => {
    const der = keys[kind].publicKey.export({ type: 'spki', format: 'der' });
    const id = createHash('sha256').update(der).digest('hex');
    expect((await open(keys[kind].privatePath)).id).toBe(id);
    expect((await open(keys[kind].publicPath)).id).toBe(id);
  });
});

test('a key in the older form of elliptic curves is read', async () => {
  const text = keys.p256.privateKey.export({ type: 'sec1', format: 'pem' }).toString();
  expect((await open(keys.file('sec1.pem', text))).sign).toBeDefined();
});

test('what is no key for records says so, and nothing of what was there', async () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const p384 = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
  const pem = { type: 'pkcs8', format: 'pem' } as const;
  const locked = keys.ed25519.privateKey.export({ ...pem, cipher: 'aes-256-cbc', passphrase: 'canary' });
  const cases: readonly [string, RegExp][] = [
    [keys.file('none.pem', 'canary'), /is no key that records are signed with$/],
    [keys.file('broken.pem', '-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----'), /is no private key of/],
    [keys.file('rsa.pem', rsa.privateKey.export(pem).toString()), /is no private key of/],
    [keys.file('rsa.pub', rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()), /is no key that/],
    [keys.file('p384.pem', p384.privateKey.export(pem).toString()), /is no private key of/],
    [keys.file('locked.pem', locked.toString()), /is locked by a passphrase/],
    ['/nowhere/key.pem', /cannot be read \(ENOENT\)/],
  ];
  for (const [path, message] of cases) {
    const error = await refused(path);
    expect([error.kind, error.message]).toEqual(['config', expect.stringMatching(message)]);
    expect(error.fix).not.toBe('');
    expect(`${error.message}${error.fix}${String(error.cause)}`).not.toContain('canary');
  }
});

test.each([
  ['pkcs11://token', /is of no kind that is known$/],
  ['awskms:///alias/name', /names no key by its ARN$/],
  ['awskms://localhost:4566/arn:aws:kms:us-east-1:111122223333:key/id', /names no key by its ARN$/],
  ['azurekms://vault.vault.azure.net', /names no key of a vault$/],
  ['azurekms://vault.vault.azure.net/key/../../secrets', /names no key of a vault$/],
  ['gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k', /names no version of a key$/],
])('%s is refused before anybody is asked', async (text, message) => {
  const error = await refused(text);
  expect([error.kind, error.message]).toEqual(['config', expect.stringMatching(message)]);
});
