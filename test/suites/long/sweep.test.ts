import { cascades, fences, lineChanges, signChanges } from '../../support/sweep';

describe.each(fences().map(([start, end], index) => [index + 1, start, end] as const))(
  'in block %i of the documentation’s spec, one mistake is one finding',
  (_number, start, end) => {
    test('a brace, bracket, quote or colon missing or too many', () => {
      expect(cascades(signChanges(start, end)).cascades).toEqual([]);
    }, 600_000);

    test('a line missing or twice, a misspelt key', () => {
      expect(cascades(lineChanges(start, end)).cascades).toEqual([]);
    }, 600_000);
  },
);
