import { TIME_ZONE_DATA, TimeOfDay, clockChangesAt, isTimeZone, timeZones } from '../../lib/units';

const at = (zone: string, time: string, year: number) => {
  const clock = TimeOfDay.parse(time);
  if (!clock) throw new Error(time);
  return clockChangesAt(zone, clock, year, year).map((one) => `${one.date} ${one.kind}`);
};

describe('time zones', () => {
  test.each(['Europe/Berlin', 'UTC', 'America/New_York', 'Asia/Kolkata', 'Etc/GMT+5'])('%s is one', (name) => {
    expect(isTimeZone(name)).toBe(true);
  });

  test.each(['', 'Europe/Berlim', 'europe/berlin', 'CEST', '+01:00', '__proto__'])('%j is none', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });

  test('are listed sorted, each once, from data that has a version', () => {
    const names = timeZones();
    expect(names.length).toBeGreaterThan(400);
    expect(names).toEqual([...new Set(names)].sort());
    expect(TIME_ZONE_DATA).toMatch(/^@js-joda\/timezone \d+\.\d+\.\d+$/);
  });
});

describe('clock changes', () => {
  test.each([
    ['Europe/Berlin', '02:00', ['2026-03-29 skipped', '2026-10-25 repeated']],
    ['Europe/Berlin', '02:59', ['2026-03-29 skipped', '2026-10-25 repeated']],
    ['Europe/Berlin', '03:00', []],
    ['Europe/Berlin', '01:59', []],
    ['America/New_York', '02:30', ['2026-03-08 skipped']],
    ['America/New_York', '01:30', ['2026-11-01 repeated']],
    ['Australia/Lord_Howe', '02:15', ['2026-10-04 skipped']],
    ['UTC', '02:00', []],
    ['Asia/Kolkata', '02:00', []],
  ])('%s at %s in 2026', (zone, time, changes) => {
    expect(at(zone, time, 2026)).toEqual(changes);
  });
});
