import fc from 'fast-check';
import { digest, fitName, kebab } from '../../lib/units';

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,80}$/);
const longest = fc.integer({ min: 20, max: 63 });

describe('fitName', () => {
  test('leaves a name that fits', () => {
    expect(fitName('hypnoscript-backup', 18)).toBe('hypnoscript-backup');
  });

  test('cuts a longer one and ends it with a digest of all of it', () => {
    expect(fitName('hypnoscript-backup', 17)).toBe(`hypnoscr-${digest('hypnoscript-backup')}`);
    expect(fitName('hypnoscript--backup-x', 20)).toBe(`hypnoscript-${digest('hypnoscript--backup-x')}`);
  });

  test('is never too long, never ends in a hyphen of its own, and never changes a name that fits', () => {
    fc.assert(
      fc.property(name, longest, (text, most) => {
        const fitted = fitName(text, most);
        expect(fitted.length).toBeLessThanOrEqual(most);
        expect(fitName(fitted, most)).toBe(fitted);
        if (text.length > most) expect(fitted).toMatch(/^[a-z][a-z0-9-]*-[0-9a-f]{8}$/);
        expect(fitted).not.toMatch(/--[0-9a-f]{8}$/);
      }),
      { seed: 1 },
    );
  });

  test('two long names that begin alike stay two', () => {
    fc.assert(
      fc.property(name, name, longest, (a, b, most) => {
        fc.pre(a !== b);
        const start = 'x'.repeat(64);
        expect(fitName(start + a, most)).not.toBe(fitName(start + b, most));
      }),
      { seed: 1 },
    );
  });
});

describe('kebab', () => {
  test.each([
    ['orders_db', 'orders-db'],
    ['Orders.DB', 'orders-db'],
    ['a__b--c', 'a-b-c'],
    ['_x_', 'x'],
  ])('%s becomes %s', (from, to) => {
    expect(kebab(from)).toBe(to);
  });
});

test('a digest is the beginning of the text’s SHA-256', () => {
  expect(digest('')).toBe('e3b0c442');
  expect(digest('', 12)).toBe('e3b0c44298fc');
});
