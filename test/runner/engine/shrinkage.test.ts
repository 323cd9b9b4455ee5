import { shrinkage } from '../../../lib/runner/engine/shrinkage';

const table = (rows: number, name = 't') => ({ database: 'd', name, rows, exact: true });
const set = (entries: number, bytes: number) => ({ name: '/srv', entries, bytes, exact: true });

describe('a backup that holds much less than the last one', () => {
  test('is told by what is less', () => {
    expect(shrinkage([table(499)], [table(1000)])).toBe('499 rows where there were 1000');
    expect(shrinkage([set(9, 0)], [set(20, 2 ** 20)])).toBe(
      '9 entries where there were 20, 0 bytes where there were 1048576',
    );
    expect(
      shrinkage(
        [table(1000, 'a')],
        ['a', 'b', 'c', 'd'].map((name) => table(250, name)),
      ),
    ).toBe('1 tables where there were 4');
  });

  test('is none with half of it, or where there was little', () => {
    expect(shrinkage([table(500)], [table(1000)])).toBeUndefined();
    expect(shrinkage([table(1)], [table(99)])).toBeUndefined();
    expect(shrinkage([], [])).toBeUndefined();
  });
});
