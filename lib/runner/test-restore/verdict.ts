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
    const code = /\((\w{5})\)$|ERROR (\d+)/.exec(error.message);
    return { ...check, result: 'failed', found: `an error${code ? `, ${code[1] ?? code[2]}` : ''}` };
  }
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
