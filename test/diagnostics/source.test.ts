import { lineText, placeOf, positionAt } from '../../lib/diagnostics';

const file = { name: 'a.hyp', text: 'one\r\ntwo\n\nfour' };

describe('positions', () => {
  test.each([
    [0, 1, 1],
    [3, 1, 4],
    [5, 2, 1],
    [9, 3, 1],
    [10, 4, 1],
    [14, 4, 5],
    [99, 4, 5],
  ])('offset %i is line %i, column %i', (offset, line, column) => {
    expect(positionAt(file, offset)).toEqual({ line, column });
  });

  test('lines come without their breaks', () => {
    expect([1, 2, 3, 4, 5].map((line) => lineText(file, line))).toEqual(['one', 'two', '', 'four', '']);
  });

  test('a place is file, line and column', () => {
    expect(placeOf({ file, start: 5, end: 8 })).toBe('a.hyp:2:1');
  });
});
