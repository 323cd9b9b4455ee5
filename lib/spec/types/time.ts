import { Duration, TimeOfDay, WEEKDAYS, isTimeZone, parseCadence, timeZones } from '../../units';
import type { Cadence, Weekday } from '../../units';
import { suggestion } from '../../diagnostics';
import { choice, integer, leaf } from '../leaf';

export const duration = leaf<Duration>({
  name: 'duration',
  text: 'a duration such as "30s", "15m", "4h" or "2d"',
  examples: ['"4h"', '"90m"'],
  rejects: '"soon"',
  json: { type: 'string', pattern: '^\\d{1,9}(s|m|h|d)$' },
  read: (plain) => {
    if (typeof plain === 'number' && plain > 0)
      return { why: 'no unit', fix: `write "${plain}h" or another unit of s, m, h, d` };
    return typeof plain === 'string' ? Duration.parse(plain) : undefined;
  },
});

/** Days as the spec writes them for retention and lifecycle: bare numbers. */
export const days = leaf<number>({
  name: 'days',
  text: 'a whole number of days from 1 to 36500, without quotes',
  examples: ['30', '45'],
  rejects: '"a month"',
  json: { type: 'integer', minimum: 1, maximum: 36_500 },
  read: (plain) => {
    const whole = typeof plain === 'string' ? Duration.parse(plain)?.toWholeDays() : undefined;
    if (whole !== undefined) return { why: 'not a bare number', fix: `this key counts in days: write ${whole}` };
    return typeof plain === 'number' && Number.isInteger(plain) && plain >= 1 && plain <= 36_500 ? plain : undefined;
  },
});

export const timeOfDay = leaf<TimeOfDay>({
  name: 'time of day',
  text: 'a time from "00:00" to "23:59"',
  examples: ['"02:00"', '"05:30"'],
  rejects: '"25:00"',
  json: { type: 'string', pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' },
  read: (plain) => (typeof plain === 'string' ? TimeOfDay.parse(plain) : undefined),
});

export const timeZone = leaf<string>({
  name: 'time zone',
  text: 'a name of the IANA time-zone database such as "Europe/Berlin" or "UTC"',
  examples: ['"Europe/Berlin"', '"America/New_York"'],
  rejects: '"Europe/Berlim"',
  json: { type: 'string' },
  read: (plain) => {
    if (typeof plain !== 'string') return undefined;
    if (isTimeZone(plain)) return plain;
    return { why: 'not in the time-zone database', fix: suggestion(plain, timeZones()) };
  },
});

/** When something runs: never `as_needed`. */
export const cadence = leaf<Cadence>({
  name: 'cadence',
  text: '"hourly", "daily", "weekly", "monthly" or an interval such as "15m" or "6h"',
  examples: ['"daily"', '"weekly"', '"6h"'],
  rejects: '"sometimes"',
  json: { type: 'string', pattern: '^(hourly|daily|weekly|monthly|\\d{1,9}(s|m|h|d))$' },
  read: (plain) => {
    const read = typeof plain === 'string' ? parseCadence(plain) : undefined;
    return read?.kind === 'as_needed' ? undefined : read;
  },
});

/** How often people are told. */
export const updateCadence = leaf<Cadence>({
  name: 'update cadence',
  text: '"hourly", "daily", "weekly", "monthly", "as_needed" or an interval such as "15m"',
  examples: ['"hourly"', '"30m"', '"as_needed"'],
  rejects: '"sometimes"',
  json: { type: 'string', pattern: '^(hourly|daily|weekly|monthly|as_needed|\\d{1,9}(s|m|h|d))$' },
  read: (plain) => (typeof plain === 'string' ? parseCadence(plain) : undefined),
});

export const weekday = choice<Weekday>('weekday', WEEKDAYS);
export const dayOfMonth = integer('day of month', 'a day of the month', 1, 28);

/** Day of a weekly or monthly run. Days that some months do not have are not offered. */
export const runDay = leaf<Weekday | number>({
  name: 'day of a run',
  text: 'a weekday such as "sunday" for weekly runs, or a day from 1 to 28 for monthly ones',
  examples: ['"sunday"', '"monday"', '1'],
  rejects: '"someday"',
  json: { anyOf: [{ enum: WEEKDAYS }, { type: 'integer', minimum: 1, maximum: 28 }] },
  read: (plain) => {
    if (typeof plain === 'number') return Number.isInteger(plain) && plain >= 1 && plain <= 28 ? plain : undefined;
    const day = WEEKDAYS.find((one) => one === plain);
    if (day) return day;
    return typeof plain === 'string' ? { why: 'not a weekday', fix: suggestion(plain, WEEKDAYS) } : undefined;
  },
});
