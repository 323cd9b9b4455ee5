import { compareCounts } from '../../../lib/runner/test-restore/counts';

const table = (name: string, rows: number) => ({ database: 'd', name, rows });

test('exact counts are equal or fail, others are told, and what is missing or in no manifest fails', () => {
  const checks = compareCounts(
    [
      { ...table('same', 3), exact: true },
      { ...table('fewer', 3), exact: true },
      { ...table('about', 3), exact: false },
      { ...table('gone', 0), exact: true },
    ],
    [table('same', 3), table('fewer', 2), table('about', 5), table('new', 0)],
  );
  expect(checks.map(({ name, result, expected, found }) => [name, result, expected, found])).toEqual([
    ['d: same', 'passed', '3 rows', '3 rows'],
    ['d: fewer', 'failed', '3 rows', '2 rows'],
    ['d: about', 'told', '3 rows', '5 rows'],
    ['d: gone', 'failed', '0 rows', 'missing'],
    ['d: new', 'failed', 'not in the manifest', '0 rows'],
  ]);
});

test('the same table in another database is another one; files have entries and bytes', () => {
  const [first, other] = compareCounts([{ ...table('t', 1), exact: true }], [{ database: 'e', name: 't', rows: 1 }]);
  expect([first?.found, other?.name]).toEqual(['missing', 'e: t']);
  const expected = [{ name: '/srv', entries: 4, bytes: 9, exact: true }];
  expect(compareCounts(expected, [{ name: '/srv', entries: 4, bytes: 8 }])).toEqual([
    { kind: 'count', name: '/srv', result: 'failed', expected: '4 entries, 9 bytes', found: '4 entries, 8 bytes' },
  ]);
});

test('a manifest that counts nothing proves nothing', () => {
  expect(compareCounts([], []).map(({ result }) => result)).toEqual(['failed']);
});
