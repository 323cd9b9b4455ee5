import { EngineError } from '../../../lib/runner/engine/engine';
import { openSecrets } from '../../../lib/runner/secret/open';
import { startScripted } from '../store/scripted-server';
import type { ScriptedAnswer, ScriptedServer } from '../store/scripted-server';
import { testMachine } from '../store/store-machine';
import type { TestMachine } from '../store/store-machine';

let server: ScriptedServer;
let answers: ScriptedAnswer[];

beforeEach(async () => {
  answers = [];
  server = await startScripted(() => answers.shift() ?? { status: 500 });
});

afterEach(() => server.stop());

const machineOf = (more: Record<string, string> = {}): TestMachine =>
  testMachine({
    environment: {
      HYPDR_SECRETS: 'aws',
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIA',
      AWS_SECRET_ACCESS_KEY: 'canary-key',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: server.endpoint,
      ...more,
    },
  });

async function read(machine = machineOf()): Promise<string> {
  const store = await openSecrets(machine);
  if (!store) throw new Error('no store');
  return store.read('shop/orders');
}

async function refused(machine = machineOf()): Promise<EngineError> {
  const error = await read(machine).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EngineError);
  expect(`${(error as EngineError).message}${(error as EngineError).fix}`).not.toContain('canary');
  return error as EngineError;
}

const says = (body: object, status = 200): ScriptedAnswer => ({ status, body: JSON.stringify(body) });
const no = (type: string, Message = 'no', status = 400) => says({ __type: type, Message }, status);

test('a secret is asked for by its own name, signed for the service, and may be text or bytes', async () => {
  answers = [says({ SecretString: 'p' }), says({ SecretBinary: Buffer.from('ä').toString('base64') })];
  expect(await read()).toBe('p');
  expect(await read()).toBe('ä');
  const [first] = server.requests;
  expect(first?.headers['x-amz-target']).toBe('secretsmanager.GetSecretValue');
  expect(first?.headers.authorization).toMatch(/Credential=AKIA\/\d+\/eu-central-1\/secretsmanager\/aws4_request/);
});

test.each([
  ['ResourceNotFoundException', /it is not there$/, /create-secret --name shop\/orders/],
  ['AccessDeniedException', /may not be read$/, /secretsmanager:GetSecretValue on shop\/orders/],
  ['DecryptionFailure', /its key does not open it$/, /kms:Decrypt/],
  ['InvalidRequestException', /cannot be read: no$/, /restore it/],
  ['UnrecognizedClientException', /credentials are not valid/, /clock/],
  ['InvalidClientTokenId', /credentials are not valid/, /clock/],
  ['SomethingNew', /SomethingNew \(400\): no$/, /^$/],
])('%s says what to do, and is not asked for again', async (type, message, fix) => {
  answers = [no(type)];
  const error = await refused();
  expect([error.kind, error.message, error.fix]).toEqual([
    'config',
    expect.stringMatching(message),
    expect.stringMatching(fix),
  ]);
  expect(error.message).toMatch(/^secret shop\/orders in Secrets Manager of eu-central-1: /);
  expect(server.requests).toHaveLength(1);
});

test('a key that may not be used is told from a secret that may not be read', async () => {
  answers = [no('AccessDeniedException', 'Access to KMS is not allowed')];
  expect((await refused()).fix).toBe("grant the task's role kms:Decrypt on the secret's key");
});

test.each<[string, ScriptedAnswer]>([
  ['throttling', no('ThrottlingException')],
  ['a server’s own trouble', no('InternalServiceError', 'x', 500)],
  ['credentials that ran out', no('ExpiredTokenException')],
  ['a lost answer', 'lost'],
])('%s is asked again, with longer waits', async (_, trouble) => {
  const machine = machineOf();
  answers = [trouble, trouble, says({ SecretString: 'p' })];
  expect(await read(machine)).toBe('p');
  expect(machine.waits).toHaveLength(2);
  expect(machine.events.map((one) => one.event)).toEqual(['secret_retry', 'secret_retry']);
});

test('a store that stays away is worth another run', async () => {
  const machine = machineOf();
  expect(await refused(machine)).toMatchObject({ kind: 'retry' });
  expect(machine.waits).toHaveLength(5);
});

test('without a region nothing is asked', async () => {
  const error = await refused(machineOf({ AWS_REGION: '' }));
  expect([error.kind, error.fix]).toEqual(['config', expect.stringContaining('AWS_REGION')]);
  expect(server.requests).toEqual([]);
});
