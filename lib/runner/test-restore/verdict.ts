import type { RestoreCheck } from '../../contract';
import { EngineError } from '../engine/engine';

/** The first value of the first row of an answer; `undefined` for NULL, `no row` where there is none. */
export type Answer = { readonly value: string | number | boolean | undefined } | 'no row';

/**
 * Asks one query of the spec and keeps the verdict alone: what it answered, or what an error quotes, may be somebody's
 * data. Passes for a first value that is not NULL, false, 0 or empty.
 */
export async function judgeQuery(query: string, ask: () => Promise<Answer>): Promise<RestoreCheck> {
  const check = { kind: 'query', name: query } as const;
  try {
    const answer = await ask();
    const failed = answer === 'no row' ? 'no row' : flawOf(answer.value);
    return failed === undefined ? { ...check, result: 'passed' } : { ...check, result: 'failed', found: failed };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const code = codeIn(error.message);
    return { ...check, result: 'failed', found: `an error${code === undefined ? '' : `, ${code}`}` };
  }
}

/** What failed and by which code: the words of tools quote rows, and a record is kept for years. */
export function withoutData(why: string): string {
  const [what = ''] = why.split(':');
  const code = codeIn(why);
  return `${what} failed${code === undefined ? '' : ` with ${code}`}: the log of the run has the words`;
}

/** SQLSTATE or a number of SQL Server's at the end, or the number of MySQL's errors. */
function codeIn(message: string): string | undefined {
  const [, state, number] = /\((\w{5}|\d{3,5})\)$|ERROR (\d+)/.exec(message) ?? [];
  return state ?? number;
}

function flawOf(value: string | number | boolean | undefined): string | undefined {
  if (value === undefined) return 'NULL';
  if (value === '') return 'an empty value';
  if (value === false) return 'false';
  // A client that knows no types says false as 0.
  return typeof value !== 'boolean' && Number(value) === 0 && String(value).trim() !== '' ? '0' : undefined;
}

/** One query as it stands in a spec, with or without its semicolon. */
export function withoutEnd(query: string): string {
  return query.trim().replace(/[;\s]+$/, '');
}

/**
 * The database that is meant.
 * @returns why none is
 */
export function databaseFor(
  databases: readonly string[],
  named: string | undefined,
): string | { readonly why: string } {
  const held = databases.join(', ');
  if (named !== undefined)
    return databases.includes(named) ? named : { why: `the backup has no database ${named}; it has ${held}` };
  const [only] = databases;
  if (only !== undefined && databases.length === 1) return only;
  return { why: `the backup has ${databases.length} databases, and the spec does not say in which: ${held}` };
}
