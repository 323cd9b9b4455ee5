import type { z } from 'zod';
import type { Machine } from '../machine';
import { runChild, statusOf } from './child';
import { EngineError } from './engine';
import type { SqlServerConnection } from './sqlserver-connection';
import { errorOfTalk } from './sqlserver-error';
import { answerReader, batchOf } from './sqlserver-statement';
import type { AnswerReader } from './sqlserver-statement';
import { SQLCMD } from './sqlserver-tools';

/** A row by the names of its columns, as sqlcmd wrote it. */
export type Row = ReadonlyMap<string, string>;

/** Statements in a connection of their own each, whose failures leave others alone. */
export interface SqlServerClient {
  /** Asks for the JSON of `@answer`. */
  ask<T>(what: string, statement: string, schema: z.ZodType<T>): Promise<T>;
  /** The only row of a statement whose result the server gives in columns alone. */
  row(what: string, statement: string): Promise<Row>;
  /** All rows of such a statement. */
  rows(what: string, statement: string): Promise<readonly Row[]>;
  /** The first value of somebody's query, `NULL` as that word; `undefined` where there is no row, or an empty value. */
  first(what: string, statement: string): Promise<string | undefined>;
}

/** Separates columns: no name has it, and both kinds of sqlcmd take it. */
const SEPARATOR = '\x1f';

/** Windows takes no longer command lines than 32,767 characters. */
const LONGEST_BATCH = 30_000;

export function sqlServerClient(connection: SqlServerConnection, machine: Machine): SqlServerClient {
  const call = async (what: string, statement: string, flags: readonly string[]): Promise<AnswerReader> => {
    const { args, environment, secrets } = await connection.fresh();
    const marker = `hypdr-${machine.randomHex(16)}:`;
    const batch = batchOf(statement, marker);
    if (batch.length > LONGEST_BATCH) throw new Error(`a statement of ${batch.length} characters for a command line`);
    const end = await runChild(SQLCMD, [...args, ...flags, '-b', '-Q', batch], { machine, environment, secrets });
    const reader = answerReader(marker);
    const marked = flags.includes('-r1') ? end.stderr : '';
    let complete = marked.split(/\r?\n/).some((line) => line.trim() === `${marker}.`);
    for (const line of end.stdout.split(/\r?\n/)) complete = reader.line(line) || complete;
    if (end.exitCode === 0 && complete) return reader;
    const talk = [reader.talk(), end.stderr].filter((one) => one !== '').join('\n');
    throw errorOfTalk(what, talk || `sqlcmd ended with ${statusOf(end)}`);
  };
  return {
    first: async (what, statement) => {
      // Without messages among them, of which USE has one too: `-r1` sends all of those to stderr.
      const reader = await call(what, statement, ['-h', '-1', '-W', '-s', SEPARATOR, '-r1']);
      const [line = ''] = reader.lines();
      return line.split(SEPARATOR)[0]?.trim() || undefined;
    },
    ask: async (what, statement, schema) => {
      const reader = await call(what, statement, ['-h', '-1']);
      return parseAnswer(what, reader.json(), schema);
    },
    row: async (what, statement) => {
      const reader = await call(what, statement, ['-W', '-s', SEPARATOR]);
      const row = parseRow(reader.talk());
      if (!row) throw new EngineError('retry', `${what}: sqlcmd wrote no row: ${reader.talk().slice(-500)}`);
      return row;
    },
    rows: async (what, statement) => {
      const reader = await call(what, statement, ['-W', '-s', SEPARATOR]);
      const rows = parseRows(reader.talk());
      if (rows.length === 0)
        throw new EngineError('retry', `${what}: sqlcmd wrote no rows: ${reader.talk().slice(-500)}`);
      return rows;
    },
  };
}

export function parseAnswer<T>(what: string, answer: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${what}: an answer of another shape: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}

/** Names, a line of dashes, and one row, in which a name may hold line breaks. */
export function parseRow(text: string): Row | undefined {
  const lines = text.split('\n');
  const ruler = lines.findIndex((line) => /^-+(\x1f-+)+\s*$/.test(line));
  if (ruler < 1) return undefined;
  const names = (lines[ruler - 1] ?? '').split(SEPARATOR).map((name) => name.trim());
  const values = lines
    .slice(ruler + 1)
    .join('\n')
    .trimEnd()
    .split(SEPARATOR)
    .map((value) => value.trim());
  if (values.length !== names.length) return undefined;
  return new Map(names.map((name, index) => [name, values[index] ?? '']));
}

/** As `parseRow`, of several rows: a row ends with the line that has its last column. */
export function parseRows(text: string): readonly Row[] {
  const lines = text.split('\n');
  const ruler = lines.findIndex((line) => /^-+(\x1f-+)+\s*$/.test(line));
  if (ruler < 1) return [];
  const names = (lines[ruler - 1] ?? '').split(SEPARATOR).map((name) => name.trim());
  const rows: Row[] = [];
  let part = '';
  for (const line of lines.slice(ruler + 1)) {
    part = part === '' ? line : `${part}\n${line}`;
    const values = part.split(SEPARATOR).map((value) => value.trim());
    if (values.length < names.length) continue;
    rows.push(new Map(names.map((name, index) => [name, values[index] ?? ''])));
    part = '';
  }
  return rows;
}
