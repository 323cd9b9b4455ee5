import fc from 'fast-check';
import { Duration } from '../../lib/units';

describe('Duration', () => {
  test.each([
    ['30s', 30],
    ['15m', 900],
    ['4h', 14_400],
    ['2d', 172_800],
    ['1m', 60],
  ])('reads %s', (text, seconds) => {
    expect(Duration.parse(text)?.seconds).toBe(seconds);
  });

  test.each(['', '0s', '00h', '4', 'h', '4 h', '4H', '1.5h', '-1h', '4h30m', '1w', '1y', '4h ', '9999999999s', '٣h'])(
    'refuses %j',
    (text) => {
      expect(Duration.parse(text)).toBeUndefined();
    },
  );

  test('converts to days only where nothing is lost', () => {
    expect(Duration.hours(48).toWholeDays()).toBe(2);
    expect(Duration.hours(36).toWholeDays()).toBeUndefined();
    expect(Duration.days(1).plus(Duration.seconds(1)).toWholeDays()).toBeUndefined();
  });

  test.each([
    [Duration.seconds(0), '0s'],
    [Duration.minutes(255), '4h15m'],
    [Duration.hours(36), '36h'],
    [Duration.hours(48), '2d'],
    [Duration.seconds(3661), '1h1m1s'],
  ])('shows %o as people write it', (duration, text) => {
    expect(String(duration)).toBe(text);
  });

  test('compares strictly', () => {
    expect(Duration.hours(1).isLongerThan(Duration.minutes(59))).toBe(true);
    expect(Duration.hours(1).isLongerThan(Duration.minutes(60))).toBe(false);
  });

  test('what one unit says is read back as the same time', () => {
    const units = fc.constantFrom('s', 'm', 'h', 'd');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999 }), units, (amount, unit) => {
        const read = Duration.parse(`${amount}${unit}`);
        const parts = String(read).match(/\d+[smhd]/g) ?? [];
        const sum = parts.reduce((total, part) => total + (Duration.parse(part)?.seconds ?? NaN), 0);
        expect(sum).toBe(read?.seconds);
      }),
      { seed: 1 },
    );
  });
});
