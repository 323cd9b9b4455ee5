import { createInterface } from 'node:readline';
import type { Machine } from '../machine';
import { startChild, statusOf } from './child';
import type { Child } from './child';
import type { EngineError } from './engine';
import type { PostgresConnection } from './postgresql-environment';
import { errorOfState, errorOfTalk } from './postgresql-error';

/** A row as the server wrote it in JSON. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** One connection: its snapshot and its advisory locks end with it, however this process ends. */
export interface PostgresSession {
  readonly database: string;
  /** Runs one statement that returns nothing. */
  run(statement: string): Promise<void>;
  /** Runs one query. */
  query(select: string): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** Since 14: a server that counts rows for a client that is gone ends it, instead of holding its snapshot for an hour. */
const NOTICE_LOST_CLIENTS = `
  SELECT set_config(name, '10s', false) FROM pg_settings WHERE name = 'client_connection_check_interval'`;

interface Answer {
  readonly rows: Row[];
  message: string | undefined;
  readonly resolve: (rows: readonly Row[]) => void;
  readonly reject: (error: unknown) => void;
}

/** So that a question never waits behind somebody's lock for the whole window. */
const SETTINGS = [
  'statement_timeout = 0',
  'lock_timeout = 60000',
  'idle_in_transaction_session_timeout = 0',
  "client_encoding = 'UTF8'",
  "search_path = 'pg_catalog'",
  'row_security = off',
  "datestyle = 'ISO'",
  "timezone = 'UTC'",
];

/**
 * A session through psql, driven over its standard input: the client that pg_dump comes with, hence the same library, the
 * same variables, password files, services and certificates, and no second opinion on any of them. psql ends when its
 * input does, so a crash of this process ends the session.
 * @throws EngineError
 */
export async function openSession(
  connection: PostgresConnection,
  database: string,
  machine: Machine,
): Promise<PostgresSession> {
  const marker = `hypdr-${machine.randomHex(16)}`;
  const { environment, secrets } = await connection.fresh();
  const child = await startChild('psql', psqlArguments(database), {
    machine,
    environment: { ...environment, PGCLIENTENCODING: 'UTF8' },
    secrets,
    stdin: 'open',
  });
  const waiting: Answer[] = [];
  const reader = readAnswers(child, marker, waiting);
  let lost: EngineError | undefined;
  const gone = child.ended.then((end) => {
    lost = errorOfTalk(`session of database "${database}"`, end.stderr || `psql ended with ${statusOf(end)}`);
    for (const answer of waiting.splice(0)) answer.reject(lost);
  });
  const ask = (statement: string): Promise<readonly Row[]> =>
    new Promise((resolve, reject) => {
      if (lost) return reject(lost);
      waiting.push({ rows: [], message: undefined, resolve, reject });
      child.stdin?.write(
        `${statement}\n;\n\\echo ${marker} :ERROR :SQLSTATE :'LAST_ERROR_MESSAGE'\n\\echo ${marker} end\n`,
      );
    });
  const session: PostgresSession = {
    database,
    run: async (statement) => void (await ask(statement)),
    query: (select) => ask(`SELECT row_to_json(q) FROM (${select}) AS q`),
    close: async () => {
      child.stdin?.end();
      reader.close();
      await child.stop();
      await gone;
    },
  };
  try {
    for (const setting of SETTINGS) await session.run(`SET ${setting}`);
    await session.query(NOTICE_LOST_CLIENTS);
  } catch (error) {
    await session.close();
    throw error;
  }
  return session;
}

/** No start-up file of the user's, rows alone, and never a question for a password. */
function psqlArguments(database: string): readonly string[] {
  return ['--no-psqlrc', '--no-password', '--quiet', '--tuples-only', '--no-align', `--dbname=${conninfo(database)}`];
}

/** A database's name as a connection string, since a bare name with "=" or "://" in it would be read as one. */
export function conninfo(database: string): string {
  return `dbname='${database.replace(/['\\]/g, (one) => `\\${one}`)}'`;
}

/** Rows until the marker, then whether it worked; the message may have several lines, so a second marker ends it. */
function readAnswers(child: Child, marker: string, waiting: Answer[]): { close(): void } {
  const lines = createInterface({ input: child.stdout, crlfDelay: Infinity });
  let status: { failed: boolean; state: string } | undefined;
  lines.on('line', (line) => {
    const [answer] = waiting;
    if (!answer) return;
    if (status === undefined) {
      const match = line.startsWith(marker) ? /^\S+ (true|false) (\S+) (.*)$/.exec(line) : null;
      if (!match) {
        if (line !== '') answer.rows.push(JSON.parse(line) as Row);
        return;
      }
      status = { failed: match[1] === 'true', state: match[2] ?? '' };
      answer.message = match[3] ?? '';
      return;
    }
    if (line !== `${marker} end`) {
      answer.message = `${answer.message}\n${line}`;
      return;
    }
    waiting.shift();
    const { failed, state } = status;
    status = undefined;
    if (!failed) answer.resolve(answer.rows);
    else
      answer.reject(
        errorOfState('the server refused', state, (answer.message ?? '').replace(/^'|'$/g, '').replaceAll("''", "'")),
      );
  });
  return lines;
}
