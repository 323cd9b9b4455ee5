import { createPublicKey } from 'node:crypto';
import { CreateKeyCommand, GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { decodeEnvelope, preAuthEncoding } from '../../../lib/runner/record/envelope';
import { openRecordKey } from '../../../lib/runner/record/key';
import { isGoodSignature } from '../../../lib/runner/record/public-key';
import { readRecords } from '../../../lib/runner/record/read';
import { writeRecord } from '../../../lib/runner/record/write';
import { MemoryStore } from '../../runner/memory-store';
import { recordOf } from '../../runner/record/records';
import { startMoto } from '../../servers/moto';
import type { MotoServer } from '../../servers/moto';
import { REGION } from '../../servers/s3';
import { testMachine } from './engine-machine';

/** Keys that moto's KMS makes and signs with: answers that nobody here wrote. It takes messages of 4096 bytes only. */

let moto: MotoServer;
let kms: KMSClient;

beforeAll(async () => {
  moto = await startMoto();
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = moto.environment;
  kms = new KMSClient({ endpoint: moto.endpoint, region: REGION, credentials: { accessKeyId, secretAccessKey } });
});
afterAll(async () => {
  kms.destroy();
  await moto.stop();
});

const machine = () => testMachine({ ...moto.environment, AWS_ENDPOINT_URL_KMS: moto.endpoint });

async function makeKey(spec: 'ECC_NIST_P256' | 'ECC_NIST_P384' | 'RSA_2048'): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeyUsage: 'SIGN_VERIFY', KeySpec: spec }));
  if (!KeyMetadata?.Arn) throw new Error('moto made no key');
  return KeyMetadata.Arn;
}

test('a record that KMS signed is good by the key that KMS shows, and changed by nobody', async () => {
  const arn = await makeKey('ECC_NIST_P256');
  const key = await openRecordKey(`awskms:///${arn}`, machine());
  const store = new MemoryStore();
  const name = await writeRecord(recordOf(), { store, slot: '20261123T050000Z', key, machine: machine() });
  const envelope = decodeEnvelope(store.bytesOf(name));
  if ('why' in envelope) throw new Error(envelope.why);
  const shown = await kms.send(new GetPublicKeyCommand({ KeyId: arn }));
  const publicKey = createPublicKey({ key: Buffer.from(shown.PublicKey ?? []), format: 'der', type: 'spki' });
  const signed = preAuthEncoding(envelope.payloadType, envelope.payload);
  expect(isGoodSignature(signed, envelope.signatures[0]?.sig ?? Buffer.alloc(0), publicKey)).toBe(true);
  const options = { task: 'test', keys: [key], now: new Date('2026-12-01T00:00:00Z') };
  expect(await readRecords({ store }, options)).toMatchObject({ good: [{ key: name }], problems: [] });
});

test.each(['ECC_NIST_P384', 'RSA_2048'] as const)('a key of %s is none for records', async (spec) => {
  const arn = await makeKey(spec);
  await expect(openRecordKey(`awskms:///${arn}`, machine())).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(/no key that records are signed with$/),
  });
});

test('a key that is not there says so', async () => {
  const arn = `arn:aws:kms:${REGION}:123456789012:key/00000000-0000-0000-0000-000000000000`;
  await expect(openRecordKey(`awskms:///${arn}`, machine())).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(/it is not there$/),
  });
});
