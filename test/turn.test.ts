import fc from 'fast-check';
import { inTurn, turnOf } from './suites/turn';

describe('what takes long is run in turns', () => {
  test('all turns together are everything, once', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer()), fc.integer({ min: 1, max: 7 }), (all, of) => {
        const turns = Array.from({ length: of }, (_, index) => inTurn(all, turnOf(`${index + 1}/${of}`)));
        expect(new Set(turns.flat())).toEqual(new Set(all));
        expect(turns.flat()).toHaveLength(all.length);
      }),
    );
  });

  test('everything is run where nothing is said', () => {
    expect(inTurn([1, 2, 3], turnOf(undefined))).toEqual([1, 2, 3]);
  });

  test.each(['0/3', '4/3', '1/0', 'short', '1/3 '])('%s is refused', (text) => {
    expect(() => turnOf(text)).toThrow('HYPDR_TURN');
  });
});
