import fc from 'fast-check';
import { bytesText, clockText } from '../../../lib/runner/progress/amounts';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [99_949, '99.9 kB'],
  [99_950, '100 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [1_500_000_000, '1.5 GB'],
  [12_300_000_000_000, '12.3 TB'],
])('%i bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

it('an amount of bytes is never far from what is said', () => {
  const powers = { B: 0, kB: 1, MB: 2, GB: 3, TB: 4, PB: 5 };
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e15 }), (bytes) => {
      const [amount, unit] = bytesText(bytes).split(' ') as [string, keyof typeof powers];
      expect(Math.abs(Number(amount) * 1000 ** powers[unit] - bytes)).toBeLessThanOrEqual(bytes * 0.051);
      expect(amount.length).toBeLessThanOrEqual(4);
    }),
  );
});

it.each([
  [0.9, '0:00'],
  [62, '1:02'],
  [3599.9, '59:59'],
  [3600, '1:00:00'],
  [90_061, '25:01:01'],
])('%d seconds are %s', (seconds, text) => {
  expect(clockText(seconds)).toBe(text);
});
