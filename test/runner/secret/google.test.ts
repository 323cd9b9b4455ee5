import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EngineError } from '../../../lib/runner/engine/engine';
import { openSecrets } from '../../../lib/runner/secret/open';
import { Crc32c } from '../../../lib/runner/store/crc32c';
import { startScripted } from '../store/scripted-server';
import type { ScriptedAnswer, ScriptedServer } from '../store/scripted-server';
import { testMachine } from '../store/store-machine';
import type { TestMachine } from '../store/store-machine';

/** Secret Manager and the metadata server, which hands out the tokens of a job's service account, are one server here. */
let server: ScriptedServer;
let answers: ScriptedAnswer[];
const before = { ...process.env };
const NAMES = ['GCE_METADATA_HOST', 'GOOGLE_APPLICATION_CREDENTIALS', 'GOOGLE_CLOUD_PROJECT', 'HOME'];

const says = (body: object, status = 200): ScriptedAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const no = (code: number, status: string, message = 'no') => says({ error: { code, status, message } }, code);

function payload(text: string, crc?: string): ScriptedAnswer {
  const sum = new Crc32c();
  sum.update(Buffer.from(text));
  const dataCrc32c = crc ?? `${Buffer.from(sum.base64(), 'base64').readUInt32BE()}`;
  return says({ name: 'x', payload: { data: Buffer.from(text).toString('base64'), dataCrc32c } });
}

function metadata(path: string): ScriptedAnswer {
  const headers = { 'metadata-flavor': 'Google', 'content-type': 'application/json' };
  if (path.endsWith('/project-id'))
    return { status: 200, headers: { ...headers, 'content-type': 'text/plain' }, body: 'acme' };
  if (path.endsWith('/token')) {
    const body = { access_token: 'canary-token', expires_in: 60, token_type: 'Bearer' };
    return { status: 200, headers, body: JSON.stringify(body) };
  }
  return { status: 200, headers, body: '{}' };
}

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-google-'));
  server = await startScripted((request) =>
    request.path.startsWith('/computeMetadata') ? metadata(request.path) : (answers.shift() ?? { status: 500 }),
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

const machineOf = (more: Record<string, string> = {}): TestMachine =>
  testMachine({
    environment: {
      HYPDR_SECRETS: 'google',
      GCE_METADATA_HOST: server.endpoint.replace('http://', ''),
      CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER: `${server.endpoint}/`,
      ...more,
    },
  });

async function read(machine = machineOf()): Promise<string> {
  const store = await openSecrets(machine);
  if (!store) throw new Error('no store');
  return store.read('shop/my_db');
}

async function refused(machine = machineOf()): Promise<EngineError> {
  const error = await read(machine).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EngineError);
  expect(`${(error as EngineError).message}${(error as EngineError).fix}`).not.toMatch(/canary|private/);
  return error as EngineError;
}

test('a secret is the newest version under a name that the store can hold, in the machine’s project', async () => {
  answers = [payload('pä')];
  expect(await read()).toBe('pä');
  const asked = server.requests.at(-1);
  expect(asked?.path).toBe('/v1/projects/acme/secrets/shop-my_db/versions/latest:access');
  expect(asked?.headers.authorization).toBe('Bearer canary-token');
});

test('the project may be said', async () => {
  answers = [payload('p')];
  expect(await read(machineOf({ GOOGLE_CLOUD_PROJECT: 'other' }))).toBe('p');
  expect(server.requests.at(-1)?.path).toMatch('/v1/projects/other/');
});

test.each<[string, ScriptedAnswer, RegExp, RegExp]>([
  ['a missing secret', no(404, 'NOT_FOUND'), /not there$/, /gcloud secrets create shop-my_db/],
  ['no rights', no(403, 'PERMISSION_DENIED'), /may not be read$/, /secretmanager\.secretAccessor/],
  ['an API that is off', no(403, 'PERMISSION_DENIED', 'API has not been used'), /not enabled$/, /services enable/],
  ['a disabled version', no(400, 'FAILED_PRECONDITION'), /disabled or destroyed$/, /add a version/],
  ['credentials that are not valid', no(401, 'UNAUTHENTICATED'), /not valid$/, /service account/],
])('%s says what to do, and is not asked for again', async (_, answer, message, fix) => {
  answers = [answer, payload('never')];
  const error = await refused();
  expect([error.kind, error.message, error.fix]).toEqual([
    'config',
    expect.stringMatching(message),
    expect.stringMatching(fix),
  ]);
  expect(answers).toHaveLength(1);
});

test.each<[string, () => ScriptedAnswer]>([
  ['throttling', () => no(429, 'RESOURCE_EXHAUSTED')],
  ['a server’s own trouble', () => ({ status: 503 })],
  ['a lost answer', () => 'lost'],
  ['bytes that are not those of their checksum', () => payload('p', '1')],
])('%s is asked again', async (_, trouble) => {
  const machine = machineOf();
  answers = [trouble(), payload('p')];
  expect(await read(machine)).toBe('p');
  expect(machine.waits).toHaveLength(1);
});

test('a credentials file that is no JSON is not quoted', async () => {
  const file = path.join(folder, 'credentials.json');
  writeFileSync(file, 'canary-private-key');
  process.env.GOOGLE_APPLICATION_CREDENTIALS = file;
  expect(await refused(machineOf({ GOOGLE_CLOUD_PROJECT: 'other' }))).toMatchObject({
    kind: 'config',
    message: expect.stringMatching(/the credentials are no JSON$/),
  });
});

test('a token is sent to https and to this machine alone', async () => {
  const away = { CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER: 'http://secrets.example' };
  expect(await refused(machineOf(away))).toMatchObject({ kind: 'config' });
});
