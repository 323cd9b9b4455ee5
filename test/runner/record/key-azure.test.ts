import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { EngineError } from '../../../lib/runner/engine/engine';
import { openRecordKey } from '../../../lib/runner/record/key';
import { isGoodSignature } from '../../../lib/runner/record/public-key';
import { startScripted } from '../store/scripted-server';
import type { ScriptedAnswer, ScriptedServer } from '../store/scripted-server';
import { testMachine } from '../store/store-machine';

/** A vault with a key of this test, which signs what the test says that the hash is of, and the machine's identity. */
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const VERSION = '78deebed173b48e48f55abf87ed4cf71';
const message = Buffer.alloc(10_000, 'm');
let server: ScriptedServer;
let answers: ScriptedAnswer[];
let kty: string;
const before = { ...process.env };

const says = (body: object, status = 200): ScriptedAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const no = (status: number, code: string, inner?: string) =>
  says({ error: { code, message: 'no', ...(inner && { innererror: { code: inner } }) } }, status);

function vault(path: string, body: Buffer): ScriptedAnswer {
  const kid = `https://shop.vault.azure.net/keys/records/${VERSION}`;
  if (!path.endsWith('/sign')) {
    const { x, y, crv } = publicKey.export({ format: 'jwk' });
    return says({ key: { kid, kty, key_ops: ['sign', 'verify'], crv, x, y }, attributes: { enabled: true } });
  }
  const { alg, value } = JSON.parse(body.toString()) as { alg: string; value: string };
  const hash = createHash('sha256').update(message).digest('base64url');
  if (alg !== 'ES256' || value !== hash) return no(400, 'BadParameter');
  const raw = sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return says({ kid, value: raw.toString('base64url') });
}

const token = (): ScriptedAnswer =>
  says({
    access_token: 'canary-token',
    // A minute is less than the library's margin, so it asks for a new one each time.
    expires_on: `${Math.floor(Date.now() / 1000) + 60}`,
    resource: 'https://vault.azure.net',
    token_type: 'Bearer',
  });

beforeAll(async () => {
  server = await startScripted(({ path, body }) =>
    path === '/identity' ? token() : (answers.shift() ?? vault(path, body)),
  );
  // The library reads its own variables from the process.
  Object.assign(process.env, { IDENTITY_ENDPOINT: `${server.endpoint}/identity`, IDENTITY_HEADER: 'header' });
});
beforeEach(() => {
  answers = [];
  kty = 'EC';
});
afterAll(async () => {
  for (const name of ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER']) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  await server.stop();
});

const open = (machine = testMachine(), version = '') =>
  openRecordKey(`azurekms://${server.endpoint.replace('http://', '')}/records${version}`, machine);
const asked = () => server.requests.filter(({ path }) => path !== '/identity');

test('the version whose key was shown signs the hash, and its two numbers become the form of all others', async () => {
  const key = await open();
  expect(asked().at(-1)).toMatchObject({ method: 'GET', path: '/keys/records' });
  const sig = await key.sign?.(message);
  expect(sig && isGoodSignature(message, sig, key.publicKey())).toBe(true);
  const request = asked().at(-1);
  expect(request).toMatchObject({ method: 'POST', path: `/keys/records/${VERSION}/sign` });
  expect(request?.query.get('api-version')).toBe('7.4');
  expect(request?.headers.authorization).toBe('Bearer canary-token');
});

test('an older version is asked for where it is named', async () => {
  await open(testMachine(), `/${VERSION}`);
  expect(asked().at(-1)?.path).toBe(`/keys/records/${VERSION}`);
});

test('a key in hardware is a key of an elliptic curve', async () => {
  kty = 'EC-HSM';
  expect((await open()).sign).toBeDefined();
});

test.each<[string, ScriptedAnswer, RegExp, RegExp]>([
  ['a missing key', no(404, 'KeyNotFound'), /is not there$/, /az keyvault key create --name records/],
  ['no rights', no(403, 'Forbidden', 'ForbiddenByRbac'), /may not be used$/, /keys\/read/],
  ['a vault that is closed to this network', no(403, 'Forbidden', 'ForbiddenByFirewall'), /network rules/, /network/],
  ['a disabled key', no(403, 'Forbidden', 'KeyDisabled'), /is disabled$/, /enable it/],
  ['a key of RSA', says({ key: { kid: 'x', kty: 'RSA', n: 'n', e: 'AQAB' } }), /no key of an elliptic/, /P-256/],
])('%s says what to do, and is not asked again', async (_, answer, words, fix) => {
  const machine = testMachine();
  answers = [answer];
  const error = (await open(machine).catch((reason: unknown) => reason)) as EngineError;
  expect(error).toBeInstanceOf(EngineError);
  expect([error.kind, error.message, error.fix]).toEqual([
    'config',
    expect.stringMatching(words),
    expect.stringMatching(fix),
  ]);
  expect(error.message).not.toContain('canary');
  expect(machine.waits).toHaveLength(0);
});

test.each<[string, ScriptedAnswer]>([
  ['throttling', no(429, 'Throttled')],
  ['a lost answer', 'lost'],
  ['an answer without a signature', says({ kid: 'x' })],
  ['a signature of another length', says({ kid: 'x', value: 'AAAA' })],
])('%s is asked again', async (_, trouble) => {
  const machine = testMachine();
  const key = await open(machine);
  answers = [trouble];
  const sig = await key.sign?.(message);
  expect(sig && isGoodSignature(message, sig, key.publicKey())).toBe(true);
  expect(machine.waits).toHaveLength(1);
});
