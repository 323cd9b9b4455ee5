import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { EngineError } from '../../../lib/runner/engine/engine';
import { openRecordKey } from '../../../lib/runner/record/key';
import { isGoodSignature } from '../../../lib/runner/record/public-key';
import { startScripted } from '../store/scripted-server';
import type { ScriptedAnswer, ScriptedServer } from '../store/scripted-server';
import { testMachine } from '../store/store-machine';

/** KMS by its own protocol, with a key of this test. A hash is signed as it is, which Node does for no key of its own. */
const ARN = 'arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555';
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
let server: ScriptedServer;
let answers: ScriptedAnswer[];
/** What the hash in a request is of. */
let signedMessage: Buffer;

const says = (body: object, status = 200): ScriptedAnswer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify(body),
});
const no = (type: string, status = 400) => says({ __type: type, message: 'no' }, status);
const keyOf = (key: typeof publicKey) =>
  says({ KeyId: ARN, PublicKey: key.export({ type: 'spki', format: 'der' }).toString('base64') });

interface SignRequest {
  readonly KeyId: string;
  readonly Message: string;
  readonly MessageType: 'RAW' | 'DIGEST';
  readonly SigningAlgorithm: string;
}
const signRequests: SignRequest[] = [];

function signs(body: Buffer): ScriptedAnswer {
  const request = JSON.parse(body.toString()) as SignRequest;
  signRequests.push(request);
  const message = Buffer.from(request.Message, 'base64');
  if (request.MessageType === 'RAW' && message.length > 4096) return no('ValidationException');
  const given = request.MessageType === 'RAW' ? message : signedMessage;
  if (request.MessageType === 'DIGEST' && !createHash('sha256').update(given).digest().equals(message))
    return no('ValidationException');
  return says({ KeyId: ARN, Signature: sign('sha256', given, privateKey).toString('base64') });
}

beforeAll(async () => {
  server = await startScripted(({ headers, body }) => {
    const given = answers.shift();
    if (given) return given;
    return headers['x-amz-target'] === 'TrentService.Sign' ? signs(body) : keyOf(publicKey);
  });
});
beforeEach(() => {
  answers = [];
});
afterAll(() => server.stop());

const machineOf = () =>
  testMachine({
    environment: {
      AWS_ENDPOINT_URL_KMS: server.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'canary',
    },
  });
const open = (machine = machineOf()) => openRecordKey(`awskms:///${ARN}`, machine);

test('a message is signed as it is up to 4096 bytes, and by its hash from there', async () => {
  const key = await open();
  for (const [length, type] of [
    [4096, 'RAW'],
    [4097, 'DIGEST'],
  ] as const) {
    signedMessage = Buffer.alloc(length, 'x');
    const sig = await key.sign?.(signedMessage);
    expect(sig && isGoodSignature(signedMessage, sig, key.publicKey())).toBe(true);
    expect(signRequests.at(-1)).toMatchObject({ KeyId: ARN, MessageType: type, SigningAlgorithm: 'ECDSA_SHA_256' });
  }
});

test('the region is the key’s own, and not the one of the environment', async () => {
  await open();
  expect(server.requests.at(-1)?.headers.authorization).toContain('/eu-west-1/kms/');
});

test.each<[string, () => ScriptedAnswer, RegExp, RegExp]>([
  ['a key that is not there', () => no('NotFoundException'), /is not there$/, /region/],
  ['no rights', () => no('AccessDeniedException'), /may not be used/, /kms:GetPublicKey/],
  ['a disabled key', () => no('DisabledException'), /is disabled$/, /enable-key/],
  ['a key that is being deleted', () => no('KMSInvalidStateException'), /cannot be used/, /deletion/],
  ['a key that encrypts', () => no('UnsupportedOperationException'), /no key for signing/, /ECC_NIST_P256/],
  ['a key of RSA', () => keyOf(rsa.publicKey), /no key that records are signed with/, /P-256/],
  ['wrong credentials', () => no('UnrecognizedClientException'), /credentials are not valid/, /clock/],
  ['credentials of nobody', () => no('InvalidClientTokenId', 403), /credentials are not valid/, /clock/],
])('%s says what to do, and is not asked again', async (_, answer, message, fix) => {
  const machine = machineOf();
  answers = [answer()];
  const error = (await open(machine).catch((reason: unknown) => reason)) as EngineError;
  expect(error).toBeInstanceOf(EngineError);
  expect([error.kind, error.message, error.fix]).toEqual([
    'config',
    expect.stringMatching(message),
    expect.stringMatching(fix),
  ]);
  expect(machine.waits).toHaveLength(0);
});

test.each<[string, ScriptedAnswer]>([
  ['throttling', no('ThrottlingException')],
  ['a service’s own trouble', no('KMSInternalException', 500)],
  ['a lost answer', 'lost'],
])('%s is asked again', async (_, trouble) => {
  const machine = machineOf();
  answers = [trouble];
  expect((await open(machine)).sign).toBeDefined();
  expect(machine.waits).toHaveLength(1);
  expect(machine.events[0]).toMatchObject({ event: 'record_key_retry' });
});
