import { createInterface } from 'node:readline';
import type { Machine } from '../machine';
import { startChild, statusOf } from './child';
import type { EngineError } from './engine';
import type { MysqlConnection } from './mysql-connection';
import { errorOfTalk } from './mysql-error';
import type { MysqlTools } from './mysql-tools';

export type Row = readonly string[];

/** One connection: its locks end with it, however this process ends. A statement that fails ends it too. */
export interface MysqlSession {
  query(statement: string): Promise<readonly Row[]>;
  close(): Promise<void>;
}

interface Answer {
  readonly rows: Row[];
  readonly resolve: (rows: readonly Row[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Names are compared as the server does; a server that ends idle connections after ten minutes keeps this one, since it
 * holds the lock of the run.
 */
const SETTINGS = "SET SESSION sql_mode = '', time_zone = '+00:00', wait_timeout = 2592000, lock_wait_timeout = 60";

/**
 * A session through the client's own program, driven over its standard input: the same library, option files, plugins
 * and certificates as the dump's. It ends when its input does, so a crash of this process ends the session.
 * @throws EngineError
 */
export async function openSession(
  connection: MysqlConnection,
  { client }: Pick<MysqlTools, 'client'>,
  machine: Machine,
): Promise<MysqlSession> {
  const marker = `hypdr-${machine.randomHex(16)}`;
  await connection.refresh();
  const child = await startChild(client, [...connection.args, ...CLIENT_ARGUMENTS], {
    machine,
    environment: connection.environment,
    secrets: connection.secrets,
    stdin: 'open',
  });
  const waiting: Answer[] = [];
  let lost: EngineError | undefined;
  const lines = createInterface({ input: child.stdout, crlfDelay: Infinity });
  lines.on('line', (line) => {
    if (line !== marker) waiting[0]?.rows.push(line.split('\t').map(unescape));
    else {
      const answer = waiting.shift();
      answer?.resolve(answer.rows);
    }
  });
  const gone = child.ended.then((end) => {
    lost = errorOfTalk('session with the server', end.stderr || `${client} ended with ${statusOf(end)}`);
    for (const answer of waiting.splice(0)) answer.reject(lost);
  });
  const session: MysqlSession = {
    query: (statement) =>
      new Promise((resolve, reject) => {
        if (lost) return reject(lost);
        waiting.push({ rows: [], resolve, reject });
        child.stdin?.write(`${statement};\nSELECT '${marker}';\n`);
      }),
    close: async () => {
      child.stdin?.end();
      lines.close();
      await child.stop();
      await gone;
    },
  };
  try {
    await session.query(SETTINGS);
  } catch (error) {
    await session.close();
    throw error;
  }
  return session;
}

/** Rows alone, each as it comes, and no second connection behind the caller's back. */
const CLIENT_ARGUMENTS = [
  '--batch',
  '--skip-column-names',
  '--unbuffered',
  '--skip-reconnect',
  '--no-auto-rehash',
  '--connect-timeout=30',
  '--default-character-set=utf8mb4',
];

/** What `--batch` escapes in a field. */
export function unescape(field: string): string {
  return field.replace(/\\([tn0\\])/g, (_, sign: string) => ({ t: '\t', n: '\n', '0': '\0' })[sign] ?? '\\');
}

/** Any text as a literal, in a session without NO_BACKSLASH_ESCAPES. */
export function literal(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

export function identifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** One question in a connection of its own, whose failure leaves others alone. */
export async function ask(
  connection: MysqlConnection,
  tools: Pick<MysqlTools, 'client'>,
  machine: Machine,
  statement: string,
): Promise<readonly Row[]> {
  const session = await openSession(connection, tools, machine);
  try {
    return await session.query(statement);
  } finally {
    await session.close();
  }
}
