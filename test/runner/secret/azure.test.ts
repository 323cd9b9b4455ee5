import { EngineError } from '../../../lib/runner/engine/engine';
import { openSecrets } from '../../../lib/runner/secret/open';
import { startScripted } from '../store/scripted-server';
import type { ScriptedAnswer, ScriptedServer } from '../store/scripted-server';
import { testMachine } from '../store/store-machine';
import type { TestMachine } from '../store/store-machine';

/** The vault and the identity of the machine (as App Service and Container Apps hand it out) are one server here. */
let server: ScriptedServer;
let answers: ScriptedAnswer[];
let token: () => ScriptedAnswer;
const before = { ...process.env };

const says = (body: object, status = 200): ScriptedAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const no = (status: number, code: string, inner?: string) =>
  says({ error: { code, message: 'no', ...(inner && { innererror: { code: inner } }) } }, status);

beforeAll(async () => {
  server = await startScripted((request) =>
    request.path === '/identity' ? token() : (answers.shift() ?? { status: 500 }),
  );
  // The library reads its own variables from the process.
  Object.assign(process.env, { IDENTITY_ENDPOINT: `${server.endpoint}/identity`, IDENTITY_HEADER: 'header' });
});

beforeEach(() => {
  answers = [];
  // A minute is less than the library's margin, so it asks for a new one each time.
  token = () =>
    says({
      access_token: 'canary-token',
      expires_on: `${Math.floor(Date.now() / 1000) + 60}`,
      resource: 'https://vault.azure.net',
      token_type: 'Bearer',
    });
});

afterAll(async () => {
  for (const name of ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER']) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  await server.stop();
});

const machineOf = (vault = server.endpoint): TestMachine =>
  testMachine({ environment: { HYPDR_SECRETS: 'azure', HYPDR_KEY_VAULT_URL: vault } });

async function read(machine = machineOf()): Promise<string> {
  const store = await openSecrets(machine);
  if (!store) throw new Error('no store');
  return store.read('shop/my_db');
}

async function refused(machine = machineOf()): Promise<EngineError> {
  const error = await read(machine).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EngineError);
  expect(`${(error as EngineError).message}${(error as EngineError).fix}`).not.toContain('canary');
  return error as EngineError;
}

test('a secret is asked for under a name that a vault can hold, with a token for vaults', async () => {
  answers = [says({ value: 'p', id: 'x' })];
  expect(await read()).toBe('p');
  const [identity, secret] = server.requests.slice(-2);
  expect(identity?.query.get('resource')).toBe('https://vault.azure.net');
  expect(secret?.path).toBe('/secrets/shop-my-db');
  expect(secret?.headers.authorization).toBe('Bearer canary-token');
});

test.each<[string, ScriptedAnswer, RegExp, RegExp]>([
  ['a missing secret', no(404, 'SecretNotFound'), /not there$/, /az keyvault secret set --name shop-my-db/],
  ['no rights', no(403, 'Forbidden', 'ForbiddenByRbac'), /may not be read$/, /Key Vault Secrets User/],
  ['no rights on the secret', no(403, 'Forbidden'), /may not be read$/, /Key Vault Secrets User/],
  ['a vault that is closed to this network', no(403, 'Forbidden', 'ForbiddenByFirewall'), /network rules/, /network/],
  ['a disabled secret', no(403, 'Forbidden', 'SecretDisabled'), /is disabled$/, /enable it/],
  ['another tenant', no(401, 'Unauthorized'), /does not take the identity$/, /tenant/],
])('%s says what to do, and is not asked for again', async (_, answer, message, fix) => {
  answers = [answer];
  const asked = server.requests.length;
  const error = await refused();
  expect([error.kind, error.message, error.fix]).toEqual([
    'config',
    expect.stringMatching(message),
    expect.stringMatching(fix),
  ]);
  expect(server.requests.slice(asked).filter((one) => one.path !== '/identity')).toHaveLength(1);
});

test.each<[string, ScriptedAnswer]>([
  ['throttling', no(429, 'Throttled')],
  ['a server’s own trouble', { status: 503 }],
  ['a lost answer', 'lost'],
  ['half an answer', { status: 200, body: '{"value": "can' }],
])('%s is asked again', async (_, trouble) => {
  const machine = machineOf();
  answers = [trouble, says({ value: 'p' })];
  expect(await read(machine)).toBe('p');
  expect(machine.waits).toHaveLength(1);
});

test('a token is sent to https and to this machine alone', async () => {
  for (const vault of ['http://vault.example', 'vault.example', 'http://127.0.0.1.example']) {
    const asked = server.requests.length;
    expect(await refused(machineOf(vault))).toMatchObject({
      kind: 'config',
      message: expect.stringMatching(/HYPDR_KEY_VAULT_URL/),
    });
    expect(server.requests).toHaveLength(asked);
  }
  expect(await refused(machineOf(''))).toMatchObject({ kind: 'config', message: expect.stringMatching(/is not set$/) });
});

test('a redirection is not followed with the token', async () => {
  answers = [{ status: 302, headers: { location: `${server.endpoint}/elsewhere` } }, says({ value: 'x' })];
  await refused(machineOf()).catch(() => undefined);
  expect(server.requests.map((one) => one.path)).not.toContain('/elsewhere');
});
