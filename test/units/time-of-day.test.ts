import { TimeOfDay } from '../../lib/units';

describe('TimeOfDay', () => {
  test.each([
    ['00:00', 0],
    ['02:00', 120],
    ['23:59', 1439],
  ])('reads %s and shows it', (text, minutes) => {
    expect(TimeOfDay.parse(text)?.minutes).toBe(minutes);
    expect(String(TimeOfDay.parse(text))).toBe(text);
  });

  test.each(['', '2:00', '24:00', '12:60', '02:00:00', '02.00', '2am', ' 02:00', '02:00 '])('refuses %j', (text) => {
    expect(TimeOfDay.parse(text)).toBeUndefined();
  });

  test('minutes go round the clock', () => {
    expect(String(TimeOfDay.minutes(1440 + 61))).toBe('01:01');
    expect(String(TimeOfDay.minutes(-1))).toBe('23:59');
  });
});
