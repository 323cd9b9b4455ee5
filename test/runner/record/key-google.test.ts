import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EngineError } from '../../../lib/runner/engine/engine';
import { openRecordKey } from '../../../lib/runner/record/key';
import { isGoodSignature } from '../../../lib/runner/record/public-key';
import { Crc32c } from '../../../lib/runner/store/crc32c';
import { startScripted } from '../store/scripted-server';
import type { ScriptedAnswer, ScriptedServer } from '../store/scripted-server';
import { testMachine } from '../store/store-machine';

/** Cloud KMS with a key of this test, which signs what the test says that the hash is of, and the metadata server. */
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const KEY = 'projects/acme/locations/europe-west3/keyRings/backup/cryptoKeys/records';
const message = Buffer.alloc(10_000, 'm');
const NAMES = ['GCE_METADATA_HOST', 'GOOGLE_APPLICATION_CREDENTIALS', 'GOOGLE_CLOUD_PROJECT', 'HOME'];
const before = { ...process.env };
let server: ScriptedServer;
let answers: ScriptedAnswer[];
let folder: string;

const says = (body: object, status = 200): ScriptedAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const no = (code: number, status: string, words = 'no') => says({ error: { code, status, message: words } }, code);

function crcOf(bytes: Buffer): string {
  const sum = new Crc32c();
  sum.update(bytes);
  return `${Buffer.from(sum.base64(), 'base64').readUInt32BE()}`;
}

const keyAnswer = (algorithm = 'EC_SIGN_P256_SHA256') =>
  says({ name: 'x', algorithm, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() });

function signature(changes: object = {}): ScriptedAnswer {
  const sig = sign('sha256', message, privateKey);
  const sums = { signatureCrc32c: crcOf(sig), verifiedDigestCrc32c: true };
  return says({ signature: sig.toString('base64'), ...sums, ...changes });
}

function kms(asked: string, body: Buffer): ScriptedAnswer {
  if (asked === `/v1/${KEY}/cryptoKeyVersions/3/publicKey`) return keyAnswer();
  if (asked !== `/v1/${KEY}/cryptoKeyVersions/3:asymmetricSign`) return no(404, 'NOT_FOUND');
  const hash = createHash('sha256').update(message).digest();
  const right = { digest: { sha256: hash.toString('base64') }, digestCrc32c: crcOf(hash) };
  return body.toString() === JSON.stringify(right) ? signature() : no(400, 'INVALID_ARGUMENT');
}

function metadata(asked: string): ScriptedAnswer {
  const headers = { 'metadata-flavor': 'Google', 'content-type': 'application/json' };
  if (!asked.endsWith('/token')) return { status: 200, headers, body: '{}' };
  const body = { access_token: 'canary-token', expires_in: 60, token_type: 'Bearer' };
  return { status: 200, headers, body: JSON.stringify(body) };
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-google-'));
  server = await startScripted((request) =>
    request.path.startsWith('/computeMetadata')
      ? metadata(request.path)
      : (answers.shift() ?? kms(request.path, request.body)),
  );
});
beforeEach(() => {
  answers = [];
  delete process.env.GOOGLE_APPLICATION_CREDENTIALS;
  delete process.env.GOOGLE_CLOUD_PROJECT;
  // The library reads its own variables from the process, and credentials of whoever runs the tests from their home.
  Object.assign(process.env, { GCE_METADATA_HOST: server.endpoint.replace('http://', ''), HOME: folder });
});
afterAll(async () => {
  for (const name of NAMES) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  rmSync(folder, { recursive: true, force: true });
  await server.stop();
});

const machineOf = (endpoint = server.endpoint) =>
  testMachine({ environment: { CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS: `${endpoint}/` } });
const open = (machine = machineOf(), version = 'cryptoKeyVersions/3') =>
  openRecordKey(`gcpkms://${KEY}/${version}`, machine);

test('the version that is named signs the hash, and sums say that it was the right one', async () => {
  const key = await open();
  const sig = await key.sign?.(message);
  expect(sig && isGoodSignature(message, sig, key.publicKey())).toBe(true);
  expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer canary-token');
});

test('cosign’s shorter name of a version is the same key', async () => {
  expect((await open(machineOf(), 'versions/3')).id).toBe((await open()).id);
});

test.each<[string, ScriptedAnswer, RegExp, RegExp]>([
  ['a missing key', no(404, 'NOT_FOUND'), /is not there$/, /key ring/],
  ['no rights', no(403, 'PERMISSION_DENIED'), /may not be used$/, /publicKeyViewer/],
  ['an API that is off', no(403, 'PERMISSION_DENIED', 'API has not been used'), /not enabled$/, /cloudkms/],
  ['a disabled version', no(400, 'FAILED_PRECONDITION'), /disabled or destroyed$/, /another version/],
  ['a key of another algorithm', keyAnswer('EC_SIGN_ED25519'), /is for EC_SIGN_ED25519/, /ec-sign-p256-sha256/],
])('%s says what to do, and is not asked again', async (_, answer, words, fix) => {
  const machine = machineOf();
  answers = [answer];
  const error = (await open(machine).catch((reason: unknown) => reason)) as EngineError;
  expect(error).toBeInstanceOf(EngineError);
  expect([error.kind, error.message, error.fix]).toEqual([
    'config',
    expect.stringMatching(words),
    expect.stringMatching(fix),
  ]);
  expect(machine.waits).toHaveLength(0);
});

test.each<[string, () => ScriptedAnswer]>([
  ['throttling', () => no(429, 'RESOURCE_EXHAUSTED')],
  ['a lost answer', () => 'lost'],
  ['a signature with another sum', () => signature({ signatureCrc32c: '1' })],
  ['a hash that nobody compared on its way', () => signature({ verifiedDigestCrc32c: false })],
])('%s is asked again', async (_, trouble) => {
  const machine = machineOf();
  const key = await open(machine);
  answers = [trouble()];
  const sig = await key.sign?.(message);
  expect(sig && isGoodSignature(message, sig, key.publicKey())).toBe(true);
  expect(machine.waits).toHaveLength(1);
});

test('a token is sent to https and to this machine alone', async () => {
  const asked = server.requests.length;
  await expect(open(machineOf('http://kms.example'))).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(/CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS/),
  });
  expect(server.requests).toHaveLength(asked);
});
