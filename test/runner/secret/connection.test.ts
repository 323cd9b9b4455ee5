import type { TaskManifest } from '../../../lib/contract';
import { EngineError } from '../../../lib/runner/engine/engine';
import type { Machine } from '../../../lib/runner/machine';
import { connectionOf } from '../../../lib/runner/secret/connection';
import { startScripted } from '../store/scripted-server';
import type { ScriptedAnswer, ScriptedServer } from '../store/scripted-server';
import { testMachine } from '../store/store-machine';
import type { TestMachine } from '../store/store-machine';

/** The store is AWS's, whose answers the tests give; the others answer in tests of their own. */
let server: ScriptedServer;
let answer: () => ScriptedAnswer;
let seconds: number;

const says = (value: unknown): ScriptedAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify({ SecretString: typeof value === 'string' ? value : JSON.stringify(value) }),
});
const FULL = { username: 'secret-user', password: 'secret-pw', host: 'secret-host', port: 1, dbname: 'secret-db' };

beforeEach(async () => {
  seconds = 0;
  answer = () => says(FULL);
  server = await startScripted(() => answer());
});

afterEach(() => server.stop());

type Source = Partial<Extract<TaskManifest['source'], { kind: 'database' }>>;

const taskOf = (source: Source) => ({
  name: 'orders',
  source: { kind: 'database' as const, secret: 'shop/orders', environment: [], ...source },
});

function machineWith(environment: Record<string, string>): TestMachine {
  const machine = testMachine({ environment });
  return { ...machine, seconds: () => seconds };
}

const withStore = (more: Record<string, string> = {}) =>
  machineWith({
    HYPDR_SECRETS: 'aws',
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIA',
    AWS_SECRET_ACCESS_KEY: 'key',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: server.endpoint,
    ...more,
  });

const variables = (given: Machine['environment']) => ({
  host: given.T_HOST,
  port: given.T_PORT,
  user: given.T_USER,
  password: given.T_PASSWORD,
});

const of = (source: Source, machine: Machine) => connectionOf(taskOf(source), machine, variables);

describe('without a secret store', () => {
  test('nothing is fetched: the tool’s variables, those that the spec names, the task', async () => {
    const source = { host: 'h', port: 2, user: 'u', database: 'd', tls: 'require', environment: ['DB_PASSWORD'] };
    expect(await of(source, machineWith({ DB_PASSWORD: 'p', AWS_ENDPOINT_URL: server.endpoint }))).toMatchObject({
      ...{ host: 'h', port: '2', user: 'u', password: 'p', database: 'd', firstDatabase: 'd', tls: 'require' },
      secrets: ['p'],
    });
    const given = { T_HOST: 'th', T_PORT: '3', T_USER: 'tu', T_PASSWORD: 'tp', DB_PASSWORD: 'p' };
    expect(await of(source, machineWith(given))).toMatchObject({
      ...{ host: 'th', port: '3', user: 'tu', password: 'tp', database: 'd' },
      // Both are somebody's passwords.
      secrets: ['tp', 'p'],
    });
    expect(server.requests).toEqual([]);
  });

  test('one variable of the spec is the user or the password by its name, unless the spec has a user', async () => {
    const login = async (source: Source, given: Record<string, string>) => {
      const { user, password } = await of(source, machineWith(given));
      return [user, password];
    };
    expect(await login({ environment: ['U', 'P'] }, { U: 'me', P: 'p' })).toEqual(['me', 'p']);
    expect(await login({ environment: ['DB_PASSWORD'] }, { DB_PASSWORD: 'p' })).toEqual([undefined, 'p']);
    expect(await login({ environment: ['DB_USER'] }, { DB_USER: 'u' })).toEqual(['u', undefined]);
    expect(await login({ user: 'u', environment: ['X'] }, { X: 'p' })).toEqual(['u', 'p']);
    expect(await login({ environment: ['U', 'P'] }, { U: '', P: 'p', T_USER: '' })).toEqual([undefined, 'p']);
  });

  test('a store that nobody knows is an error before anything starts', async () => {
    const error = await of({}, machineWith({ HYPDR_SECRETS: 'vault' })).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({ kind: 'config', message: 'HYPDR_SECRETS is "vault", which is no secret store' });
  });
});

describe('with a secret store', () => {
  test('a task that says nothing is reached as the secret says, and its database narrows nothing', async () => {
    expect(await of({}, withStore())).toMatchObject({
      ...{ host: 'secret-host', port: '1', user: 'secret-user', password: 'secret-pw' },
      ...{ database: undefined, firstDatabase: 'secret-db', secrets: ['secret-pw'] },
    });
    expect(JSON.parse(server.requests[0]!.body.toString())).toEqual({ SecretId: 'shop/orders' });
  });

  test('what the task says literally wins over the secret, whose password wins over all', async () => {
    const source = { host: 'h', port: 2, user: 'u', database: 'd', environment: ['U', 'P'] };
    const given = { T_USER: 'tu', T_PASSWORD: 'tp', U: 'named', P: 'named-pw' };
    expect(await of(source, withStore(given))).toMatchObject({
      ...{ host: 'h', port: '2', user: 'u', password: 'secret-pw', database: 'd', firstDatabase: 'd' },
      secrets: ['secret-pw', 'tp', 'named-pw'],
    });
  });

  test('its user belongs to its password, so the environment’s is for a secret without one', async () => {
    const given = { T_USER: 'tu', T_HOST: 'proxy' };
    expect(await of({}, withStore(given))).toMatchObject({ user: 'secret-user', host: 'proxy' });
    answer = () => says('bare');
    expect(await of({}, withStore(given))).toMatchObject({ user: 'tu', password: 'bare', port: undefined });
    expect(await of({ environment: ['DB_USER'] }, withStore({ DB_USER: 'named' }))).toMatchObject({ user: 'named' });
  });

  test('a connection late in a run has the password as it is then', async () => {
    const machine = withStore();
    const first = await of({}, machine);
    answer = () => says({ ...FULL, username: 'other', password: 'rotated' });
    seconds = 59;
    expect(await first.fresh()).toBe(first);
    seconds = 60;
    const second = await first.fresh();
    expect(second).toMatchObject({ user: 'other', password: 'rotated', secrets: ['rotated'], host: 'secret-host' });
    expect(await second.fresh()).toBe(second);
    expect(server.requests).toHaveLength(2);
  });

  test('a store that fails in the middle of a run leaves the last value in use, and says so', async () => {
    const machine = withStore();
    const first = await of({}, machine);
    answer = () => ({ status: 400, body: JSON.stringify({ __type: 'AccessDeniedException', Message: 'no' }) });
    seconds = 100;
    expect(await first.fresh()).toMatchObject({ password: 'secret-pw' });
    expect(machine.events).toEqual([expect.objectContaining({ level: 'warning', event: 'secret_stale' })]);
  });
});
