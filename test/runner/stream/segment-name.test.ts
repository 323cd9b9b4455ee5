import fc from 'fast-check';
import { segmentName } from '../../../lib/runner/stream/segment-name';

it('keeps ordinary names and numbers them in the order of keys', () => {
  expect(segmentName('shop_db-1.old', 1)).toBe('shop_db-1.old.0001');
  expect([10, 9, 2].map((number) => segmentName('globals', number)).sort()).toEqual([
    'globals.0002',
    'globals.0009',
    'globals.0010',
  ]);
});

it.each([
  ['..', '=2E..0001'],
  ['', '=-e3b0c44298fc1c14.0001'],
  ['a/b', 'a=2Fb.0001'],
  ["o'hara=1", 'o=27hara=3D1.0001'],
  ['ü', '=C3=BC.0001'],
])('writes %j as %s', (stream, name) => {
  expect(segmentName(stream, 1)).toBe(name);
});

it('gives every stream a name of its own that each store and file system takes', () => {
  const name = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom('a'.repeat(160), 'a'.repeat(161), 'a'.repeat(162)),
  );
  fc.assert(
    fc.property(name, name, (one, two) => {
      expect(segmentName(one, 1)).toMatch(/^[A-Za-z0-9_=-][A-Za-z0-9_.=-]{0,200}$/);
      expect(segmentName(one, 1) === segmentName(two, 1)).toBe(one === two);
    }),
    { numRuns: 50 },
  );
});
