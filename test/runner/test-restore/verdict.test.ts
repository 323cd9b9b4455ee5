import { EngineError } from '../../../lib/runner/engine/engine';
import { databaseFor, judgeQuery, withoutData, withoutEnd } from '../../../lib/runner/test-restore/verdict';
import type { Answer } from '../../../lib/runner/test-restore/verdict';

const verdictOf = async (answer: Answer) => {
  const { result, found } = await judgeQuery('q', () => Promise.resolve(answer));
  return result === 'passed' ? result : found;
};

test.each([
  [true, 'passed'],
  [1, 'passed'],
  [-3, 'passed'],
  ['t', 'passed'],
  [' ', 'passed'],
  ['0', '0'],
  ['0.00', '0'],
  [0, '0'],
  [false, 'false'],
  ['', 'an empty value'],
  [undefined, 'NULL'],
])('the first value %p: %s', async (value, said) => expect(await verdictOf({ value })).toBe(said));

test('no row is no answer', async () => expect(await verdictOf('no row')).toBe('no row'));

test.each([
  ['the server refused: invalid input syntax for type integer: "hunter2" (22P02)', 'an error, 22P02'],
  ["session with the server: ERROR 1054 (42S22) at line 9: Unknown column 'hunter2'", 'an error, 1054'],
  ['hunter2', 'an error'],
])('of an error its code alone is said: %s', async (message, said) => {
  const check = await judgeQuery('q', () => Promise.reject(new EngineError('source', message)));
  expect(check).toEqual({ kind: 'query', name: 'q', result: 'failed', found: said });
});

test('a bug is no verdict', async () => {
  await expect(judgeQuery('q', () => Promise.reject(new TypeError('bug')))).rejects.toThrow('bug');
});

test('queries with and without a semicolon are the same', () => {
  expect([' SELECT 1 ; ', 'SELECT 1', "SELECT ';'"].map(withoutEnd)).toEqual(['SELECT 1', 'SELECT 1', "SELECT ';'"]);
});

test('which database: the one that is named, else the only one', () => {
  expect(databaseFor(['a', 'b'], 'b')).toBe('b');
  expect(databaseFor(['a'], undefined)).toBe('a');
  expect(databaseFor(['a'], 'c')).toEqual({ why: 'the backup has no database c; it has a' });
  expect(databaseFor(['a', 'b'], undefined)).toEqual({
    why: 'the backup has 2 databases, and the spec does not say in which: a, b',
  });
});

test.each([
  [
    `restore of "shop": ended with 1: pg_restore: error: DETAIL: Key (mail)=(a@example.com) is duplicated. (23505)`,
    'restore of "shop" failed with 23505',
  ],
  [`load of shop: ERROR 1062 (23000) at line 3: Duplicate entry 'a@example.com'`, 'load of shop failed with 1062'],
  ['extract: tar: This does not look like a tar archive', 'extract failed'],
])('what is kept of %s quotes no row', (said, kept) => {
  expect(withoutData(said)).toBe(`${kept}: the log of the run has the words`);
});
