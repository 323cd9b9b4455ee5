import { Duration, cadenceText, intervalDays, longestInterval, parseCadence } from '../../lib/units';

describe('cadences', () => {
  test.each(['hourly', 'daily', 'weekly', 'monthly', 'as_needed'])('%s is a word', (text) => {
    expect(parseCadence(text)).toEqual({ kind: text });
  });

  test.each([
    ['15m', 900],
    ['6h', 21_600],
    ['2d', 172_800],
  ])('%s is an interval', (text, seconds) => {
    expect(parseCadence(text)).toEqual({ kind: 'every', seconds });
  });

  test.each(['', 'Daily', 'yearly', 'sometimes', '0m', '15', 'every 15m'])('refuses %j', (text) => {
    expect(parseCadence(text)).toBeUndefined();
  });

  test.each([
    ['hourly', '1h', 1],
    ['daily', '1d', 1],
    ['weekly', '7d', 7],
    ['monthly', '31d', 31],
    ['36h', '36h', 2],
    ['15m', '15m', 1],
  ])('%s is at most %s apart', (text, interval, days) => {
    const cadence = parseCadence(text);
    if (!cadence) throw new Error(text);
    expect(String(longestInterval(cadence))).toBe(interval);
    expect(intervalDays(cadence)).toBe(days);
  });

  test('as needed has no interval', () => {
    expect(longestInterval({ kind: 'as_needed' })).toBeUndefined();
    expect(intervalDays({ kind: 'as_needed' })).toBe(0);
  });

  test('are shown as people say them', () => {
    expect(cadenceText({ kind: 'weekly' })).toBe('weekly');
    expect(cadenceText({ kind: 'every', seconds: Duration.minutes(90).seconds })).toBe('every 1h30m');
  });
});
