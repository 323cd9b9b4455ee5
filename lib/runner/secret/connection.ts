import type { TaskManifest } from '../../contract';
import { EngineError } from '../engine/engine';
import type { Machine } from '../machine';
import { openSecrets } from './open';
import { parseSecret } from './secret';
import type { ConnectionSecret, SecretStore } from './secret';

/** What a tool's own variables say, such as PGHOST and PGPASSWORD. */
export interface StandardVariables {
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

/** How a database is reached. What is left out, the tool's own files and defaults say. */
export interface Connection extends StandardVariables {
  /** The database that the task names; all of the server otherwise. */
  readonly database: string | undefined;
  /** Of the secret: a database that is there, for a first question. It never narrows what is backed up. */
  readonly firstDatabase: string | undefined;
  readonly tls: string | undefined;
  /** Values that no message may hold. */
  readonly secrets: readonly string[];
  /** The same with the secret as it is now: for a connection that is opened late in a run, after a rotation perhaps. */
  fresh(): Promise<Connection>;
}

export type DatabaseSource = Extract<TaskManifest['source'], { kind: 'database' }>;

/** A secret that was read less long ago is not asked for again. */
const FRESH_SECONDS = 60;

/**
 * How a task's database is reached. Host and port: the tool's own variables, then the task, then the secret. User and
 * password with a secret store: the task's user, else the secret's, and always the secret's password. Without one: the
 * tool's own variables, then those that the spec names, then the task's user.
 * @throws EngineError where the task has no database, or its secret cannot be had
 */
export async function connectionOf(
  task: Pick<TaskManifest, 'name' | 'source'>,
  machine: Machine,
  variablesOf: (given: Machine['environment']) => StandardVariables,
): Promise<Connection> {
  const { source } = task;
  if (source.kind !== 'database') throw new EngineError('config', `task ${task.name} has no database as its source`);
  const store = await openSecrets(machine);
  const secret = store && (await readSecret(store, source.secret, machine));
  const given = { variables: variablesOf(machine.environment), environment: machine.environment };
  return connection(source, given, secret && { ...secret, store, machine });
}

interface Given {
  readonly variables: StandardVariables;
  readonly environment: Machine['environment'];
}

interface HeldSecret {
  readonly value: ConnectionSecret;
  /** Of the machine's clock. */
  readonly readAt: number;
  readonly store: SecretStore;
  readonly machine: Machine;
}

async function readSecret(
  store: SecretStore,
  name: string,
  machine: Machine,
): Promise<Pick<HeldSecret, 'value' | 'readAt'>> {
  const value = parseSecret(await store.read(name), `secret ${name} in ${store.place}`);
  return { value, readAt: machine.seconds() };
}

function connection(source: DatabaseSource, given: Given, secret: HeldSecret | undefined): Connection {
  const { variables } = given;
  const value = secret?.value;
  const named = namedBySpec(source, given.environment);
  const login = value
    ? { user: source.user || value.username || variables.user || named.user, password: value.password }
    : { user: variables.user || named.user || source.user, password: variables.password || named.password };
  const secrets = [login.password, variables.password, named.password].filter((one): one is string => Boolean(one));
  const self: Connection = {
    host: variables.host || source.host || value?.host,
    port: variables.port || source.port?.toString() || value?.port,
    ...login,
    database: source.database,
    firstDatabase: source.database ?? value?.database,
    tls: source.tls,
    secrets: [...new Set(secrets)],
    fresh: async () => {
      if (!secret || secret.machine.seconds() - secret.readAt < FRESH_SECONDS) return self;
      return connection(source, given, await again(source, secret));
    },
  };
  return self;
}

/** A store that cannot be asked in the middle of a run: what it said at the start is most likely still right. */
async function again(source: DatabaseSource, secret: HeldSecret): Promise<HeldSecret> {
  const { store, machine } = secret;
  try {
    return { ...secret, ...(await readSecret(store, source.secret, machine)) };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    machine.log({ level: 'warning', event: 'secret_stale', message: `${error.message}; the last value is used on` });
    return { ...secret, readAt: machine.seconds() };
  }
}

/** The spec names one variable for the user, or one for the password, or both in that order. */
export function namedBySpec(
  source: Pick<DatabaseSource, 'user' | 'environment'>,
  given: Machine['environment'],
): Pick<StandardVariables, 'user' | 'password'> {
  const [first, second] = source.environment;
  if (first === undefined) return {};
  if (second !== undefined) return { user: given[first], password: given[second] };
  const isPassword = source.user !== undefined || /pass|pwd|secret/i.test(first);
  return isPassword ? { password: given[first] } : { user: given[first] };
}
