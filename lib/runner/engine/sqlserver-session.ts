import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Machine } from '../machine';
import { startChild, statusOf } from './child';
import { EngineError } from './engine';
import { parseAnswer } from './sqlserver-client';
import type { SqlServerConnection } from './sqlserver-connection';
import { errorOfTalk } from './sqlserver-error';
import { livingInput } from './sqlserver-input';
import { answerReader, batchOf } from './sqlserver-statement';
import type { AnswerReader } from './sqlserver-statement';
import { SQLCMD } from './sqlserver-tools';

/** One connection: its locks end with it, however this process ends. A statement that fails ends it too. */
export interface SqlServerSession {
  /** Asks for the JSON of `@answer`; statements with secrets go this way, never through arguments. */
  ask<T>(what: string, statement: string, schema: z.ZodType<T>): Promise<T>;
  close(): Promise<void>;
}

interface Waiting {
  readonly reader: AnswerReader;
  readonly resolve: (reader: AnswerReader) => void;
  readonly reject: (error: unknown) => void;
}

/** Some versions of sqlcmd wait for the end of their input; the login itself may take half a minute. */
const FIRST_ANSWER_MILLISECONDS = 90_000;

const FIRST_ANSWER = z.literal(1);

/**
 * A session through sqlcmd, driven over its input. Answers are printed as messages, which `-r1` sends to stderr: that
 * has no buffer that would hold them back until the end.
 * @throws EngineError
 */
export async function openSession(
  connection: SqlServerConnection,
  machine: Machine,
  patience = FIRST_ANSWER_MILLISECONDS,
): Promise<SqlServerSession> {
  const { args, environment, secrets } = await connection.fresh();
  const input = await livingInput(machine);
  const marker = `hypdr-${machine.randomHex(16)}:`;
  const waiting: Waiting[] = [];
  const said: string[] = [];
  let lost: EngineError | undefined;
  const onLine = (line: string) => {
    said.push(line);
    if (said.length > 100) said.shift();
    const [first] = waiting;
    if (first?.reader.line(line) !== true) return;
    waiting.shift();
    first.resolve(first.reader);
  };
  const child = await startChild(SQLCMD, [...args, '-h', '-1', '-b', '-r1', ...input.args], {
    machine,
    environment,
    secrets,
    stdin: input.stdin,
    onTalk: onLine,
  }).catch(async (error: unknown) => {
    await input.close();
    throw error;
  });
  const lines = createInterface({ input: child.stdout, crlfDelay: Infinity });
  lines.on('line', onLine);
  const gone = child.ended.then((end) => {
    const talk = said.filter((line) => !line.includes(marker)).join('\n');
    lost ??= errorOfTalk('session', talk || `sqlcmd ended with ${statusOf(end)}`);
    for (const one of waiting.splice(0)) one.reject(lost);
  });
  const write = (text: string) => (input.write ? input.write(text) : void child.stdin?.write(text));
  const close = async () => {
    child.stdin?.end();
    await input.close();
    lines.close();
    await child.stop();
    await gone;
  };
  const session: SqlServerSession = {
    ask: async (what, statement, schema) => {
      const reader = await new Promise<AnswerReader>((resolve, reject) => {
        if (lost) return reject(lost);
        waiting.push({ reader: answerReader(marker), resolve, reject });
        Promise.resolve(write(`${linesOf(batchOf(statement, marker))}\nGO\n`)).catch(reject);
      });
      return parseAnswer(what, reader.json(), schema);
    },
    close,
  };
  try {
    await firstAnswer(session, patience);
    await input.opened();
  } catch (error) {
    await close();
    throw error;
  }
  return session;
}

/** One statement a line, since not every reader of lines takes long ones. None of them begins as a command of sqlcmd. */
function linesOf(batch: string): string {
  return batch.replaceAll('; ', ';\n');
}

async function firstAnswer(session: SqlServerSession, patience: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const what = 'sqlcmd answers nothing to what it reads';
    const fix = 'use another version of sqlcmd: this one seems to wait for the end of its input';
    timer = setTimeout(() => reject(new EngineError('config', what, fix)), patience);
  });
  try {
    const answer = session.ask('a first question', "SET @answer = N'1'", FIRST_ANSWER);
    answer.catch(() => undefined);
    await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
