import { z } from 'zod';
import { EngineError } from '../engine/engine';

/** One cloud's secret store. */
export interface SecretStore {
  /** For people: `Secrets Manager of us-east-1`. */
  readonly place: string;
  /**
   * The newest value of a secret, by its name in the task manifest.
   * @throws EngineError that never holds the value
   */
  read(name: string): Promise<string>;
}

/** What a secret says of a connection. The password is the least that it says. */
export interface ConnectionSecret {
  readonly password: string;
  readonly username?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly database?: string | undefined;
}

const Text = z.string().min(1).optional();

/** What RDS writes, and other keys beside it: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html */
const Json = z.object({
  password: z.string().min(1),
  username: Text,
  host: Text,
  port: z.union([z.int().min(1).max(65535), z.string().regex(/^\d{1,5}$/)]).optional(),
  dbname: Text,
  database: Text,
});

const FIX =
  'store {"username": "...", "password": "...", "host": "...", "port": 5432, "dbname": "..."}, of which the password alone has to be there, or the password as it is';

/**
 * Reads a secret's value: JSON, or the bare password. What begins with "{" is meant as JSON; one line end after a bare
 * password is what `echo` leaves.
 * @param where - for messages: `secret shop/orders in Key Vault`
 * @throws EngineError that names the key and never the value: a parser's own words quote what they stumble over
 */
export function parseSecret(value: string, where: string): ConnectionSecret {
  const malformed = (why: string) => new EngineError('config', `${where} ${why}`, FIX);
  if (!value.trimStart().startsWith('{')) {
    const password = value.replace(/\r?\n$/, '');
    if (password.trim() === '') throw malformed('is empty');
    if (/[\r\n\0]/.test(password)) throw malformed('has several lines and is no JSON');
    return { password };
  }
  let json: unknown;
  try {
    json = JSON.parse(value);
  } catch {
    throw malformed('begins like JSON and is none');
  }
  const parsed = Json.safeParse(json);
  if (!parsed.success) {
    const keys = [...new Set(parsed.error.issues.map(({ path }) => `"${path.join('.')}"`))];
    throw malformed(`has no usable ${keys.join(' and ')}`);
  }
  const { password, username, host, port, dbname, database } = parsed.data;
  return { password, username, host, port: port?.toString(), database: dbname ?? database };
}
