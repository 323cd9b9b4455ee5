import fc from 'fast-check';
import { Size } from '../../lib/units';

describe('Size', () => {
  test('a provisioned disk of 500GB is 500 GiB, a cap of 500GB is 500 times 10^9 bytes', () => {
    const size = Size.parse('500GB');
    expect(size?.toProvisionedGibibytes()).toBe(500);
    expect(size?.toCapBytes()).toBe(500_000_000_000);
  });

  test.each([
    ['1KB', 1000, 1],
    ['1MB', 1_000_000, 1],
    ['1.5TB', 1_500_000_000_000, 1536],
    ['0.5GB', 500_000_000, 1],
    ['100.25GB', 100_250_000_000, 101],
  ])('%s is a cap of %i bytes and a disk of %i GiB', (text, bytes, gibibytes) => {
    expect(Size.parse(text)?.toCapBytes()).toBe(bytes);
    expect(Size.parse(text)?.toProvisionedGibibytes()).toBe(gibibytes);
    expect(String(Size.parse(text))).toBe(text);
  });

  test.each([
    '',
    '0GB',
    '100',
    'GB',
    '100 GB',
    '100gb',
    '100GiB',
    '100B',
    '-1GB',
    '1,5TB',
    '1.2345GB',
    '12345678GB',
    '1PB',
  ])('refuses %j', (text) => {
    expect(Size.parse(text)).toBeUndefined();
  });

  test('a disk is never smaller than asked and a cap never larger', () => {
    const units = fc.constantFrom('KB', 'MB', 'GB', 'TB');
    const powers: Record<string, number> = { KB: 1, MB: 2, GB: 3, TB: 4 };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999_999 }), units, (amount, unit) => {
        const size = Size.parse(`${amount}${unit}`);
        const power = powers[unit] ?? NaN;
        expect(size?.toCapBytes()).toBeLessThanOrEqual(amount * 1000 ** power);
        expect((size?.toProvisionedGibibytes() ?? NaN) * 1024 ** 3).toBeGreaterThanOrEqual(amount * 1000 ** power);
      }),
      { seed: 1 },
    );
  });
});
