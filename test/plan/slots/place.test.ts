import fc from 'fast-check';
import { place, startableRanges } from '../../../lib/plan/slots';
import { TimeOfDay } from '../../../lib/units';
import { offsetsOf } from '../../../lib/units/offsets';
import { calendarTimes, faultsOf, weeklySet, window } from './property';

const ODD_ZONES = [
  'Europe/Berlin',
  'America/Santiago',
  'Asia/Beirut',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'America/Nuuk',
  'Africa/Cairo',
  'Pacific/Chatham',
  'UTC',
];

test('02:00 to 06:00 in Berlin leaves 03:00 to 06:00', () => {
  expect(startableRanges(window(120, 240, 'Europe/Berlin'))).toEqual([{ from: 60, to: 240 }]);
});

test('a window around a clock change has two parts, and a chain stays clear of the hole', () => {
  const night = window(0, 360, 'Europe/Berlin');
  expect(startableRanges(night)).toEqual([
    { from: 0, to: 120 },
    { from: 180, to: 360 },
  ]);
  for (let index = 0; index < 40; index += 1) expect(faultsOf(`set${index}`, weeklySet(30), night)).toEqual([]);
});

test('a window wholly in a skipped hour is used as it is', () => {
  expect(startableRanges(window(125, 50, 'Europe/Berlin'))).toEqual([{ from: 0, to: 50 }]);
});

test('a window of hours that all occur twice is used as it is', () => {
  expect(startableRanges(window(60, 60, 'America/New_York'))).toEqual([{ from: 0, to: 60 }]);
});

test.each(ODD_ZONES)('starts in %s exist, once, and lie in the window', (zone) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 95 }),
      fc.integer({ min: 1, max: 32 }),
      fc.integer({ min: 1, max: 90 }),
      fc.stringMatching(/^[a-z]{1,8}$/),
      (start, length, minutes, name) => {
        expect(faultsOf(name, weeklySet(minutes), window(start * 15, length * 15, zone))).toEqual([]);
      },
    ),
    { numRuns: 6 },
  );
});

test('runs of one date follow each other, and a data set alone decides its start', () => {
  const night = window(22 * 60, 480, 'UTC');
  const { schedules } = place('orders', weeklySet(45), night);
  const [full, differential, incremental] = calendarTimes(schedules.values()).map((one) => one.minutes);
  expect(full).toBe(differential);
  expect(((incremental ?? 0) - (differential ?? 0) + 1440) % 1440).toBe(45);
  expect(place('orders', weeklySet(45), night)).toEqual(place('orders', weeklySet(45), night));
});

test('data sets spread over the window', () => {
  const night = window(60, 240, 'UTC');
  const times = Array.from({ length: 60 }, (_, index) => {
    const [time] = calendarTimes(place(`set${index}`, weeklySet(10), night).schedules.values());
    return time?.minutes ?? 0;
  });
  expect(new Set(times).size).toBeGreaterThan(30);
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(120);
});

test('a start after midnight lies on the next day', () => {
  const night = window(23 * 60 + 59, 300, 'UTC');
  const { schedules } = place('orders', weeklySet(30), night);
  const full = schedules.get('full');
  expect(full).toMatchObject({ kind: 'calendar', days: { kind: 'weekdays', weekdays: ['monday'] } });
});

test('a monthly run starts before midnight, so that its day of the month holds', () => {
  const night = window(23 * 60, 300, 'UTC');
  for (let index = 0; index < 50; index += 1) {
    const { schedules } = place(
      `set${index}`,
      [
        {
          id: 'full',
          frequency: { kind: 'monthly' },
          days: { kind: 'month_day', monthDay: 28 },
          expectedSeconds: 1800,
          chained: true,
        },
      ],
      night,
    );
    const full = schedules.get('full');
    expect(full).toMatchObject({ days: { kind: 'month_day', monthDay: 28 } });
    expect(full?.kind === 'calendar' && (TimeOfDay.parse(full.at)?.minutes ?? 0) >= 23 * 60).toBe(true);
  }
});

test('a chain that is longer than the window is said, with what it needs and what there is', () => {
  expect(place('orders', weeklySet(60), window(60, 90, 'UTC')).tooSmall).toEqual({ needed: 120, left: 90 });
  expect(place('orders', weeklySet(45), window(60, 90, 'UTC')).tooSmall).toBeUndefined();
});

test('intervals start round the clock, spread by name', () => {
  const log = {
    id: 'log',
    frequency: { kind: 'interval', everySeconds: 900 },
    days: { kind: 'all' },
    expectedSeconds: 300,
    chained: false,
  } as const;
  const night = window(60, 90, 'UTC');
  const offsets = Array.from({ length: 40 }, (_, index) => {
    const schedule = place(`set${index}`, [log], night).schedules.get('log');
    return schedule?.kind === 'interval' ? schedule.offsetSeconds : -1;
  });
  expect(offsets.every((one) => one >= 0 && one < 900 && one % 60 === 0)).toBe(true);
  expect(new Set(offsets).size).toBeGreaterThan(8);
});

describe('runs by an interval that share the lock of runs in the window', () => {
  const runs = (minutes: number, everySeconds = 3600) => [
    ...weeklySet(40),
    {
      ...({ id: 'hourly', days: { kind: 'all' }, expectedSeconds: minutes * 60, chained: true } as const),
      frequency: { kind: 'interval', everySeconds } as const,
    },
  ];
  const offsetOf = (schedules: ReadonlyMap<string, unknown>) =>
    (schedules.get('hourly') as { offsetSeconds: number }).offsetSeconds / 60;

  test.each([
    ['Europe/Berlin', 3600, 35],
    ['Asia/Kathmandu', 3600, 35],
    ['Australia/Lord_Howe', 3600, 10],
    ['UTC', 6 * 3600, 60],
  ])('in %s are never expected to be under way when one of these starts (every %d s)', (zone, every, minutes) => {
    const night = window(60, 300, zone);
    for (let index = 0; index < 60; index += 1) {
      const { schedules } = place(`set${index}`, runs(minutes, every), night);
      const chain = [...schedules].filter(([id]) => id !== 'hourly').map(([, one]) => one);
      for (const offset of [...new Set(offsetsOf(zone, 2026, 2027).map((one) => one.offset))]) {
        const [hours = 0, rest = 0] = offset.slice(1).split(':').map(Number);
        const ahead = (offset.startsWith('-') ? -1 : 1) * (hours * 60 + rest);
        for (const { minutes: local } of calendarTimes(chain)) {
          const into = (((local - ahead - offsetOf(schedules)) % (every / 60)) + every / 60) % (every / 60);
          expect(into).toBeGreaterThanOrEqual(minutes);
        }
      }
    }
  });

  test('are spread all the same, and by the hash alone where no minute is free', () => {
    const night = window(60, 300, 'UTC');
    const offsets = (minutes: number) =>
      new Set(Array.from({ length: 60 }, (_, index) => offsetOf(place(`set${index}`, runs(minutes), night).schedules)));
    expect(offsets(10).size).toBeGreaterThan(20);
    expect(offsets(60).size).toBeGreaterThan(20);
  });
});
