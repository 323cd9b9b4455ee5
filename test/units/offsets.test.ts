import fc from 'fast-check';
import { timeZones } from '../../lib/units';
import { hasSameClock, offsetsOf } from '../../lib/units/offsets';

test('of a zone with summer time', () => {
  expect(offsetsOf('Europe/Berlin', 2026, 2027)).toEqual([
    { since: '2026-01-01T00:00:00Z', offset: '+01:00' },
    { since: '2026-03-29T03:00:00Z', offset: '+02:00' },
    { since: '2026-10-25T02:00:00Z', offset: '+01:00' },
    { since: '2027-03-28T03:00:00Z', offset: '+02:00' },
    { since: '2027-10-31T02:00:00Z', offset: '+01:00' },
  ]);
});

test.each([
  ['UTC', ['+00:00']],
  ['Asia/Kolkata', ['+05:30']],
  ['Australia/Lord_Howe', ['+11:00', '+10:30', '+11:00']],
  ['America/St_Johns', ['-03:30', '-02:30', '-03:30']],
])('of %s: %j', (zone, offsets) => {
  expect(offsetsOf(zone, 2026, 2026).map(({ offset }) => offset)).toEqual(offsets);
});

/** What `Intl` says of a wall time, by another data base than ours. */
function offsetBySystem(zone: string, wall: string): number {
  const asUtc = Date.parse(wall);
  const shown = (at: number) => {
    const parts = new Intl.DateTimeFormat('sv-SE', {
      timeZone: zone,
      dateStyle: 'short',
      timeStyle: 'medium',
    }).format(new Date(at));
    return Date.parse(`${parts.replace(' ', 'T')}Z`);
  };
  const first = shown(asUtc) - asUtc;
  return (shown(asUtc - first) - (asUtc - first)) / 60_000;
}

const ZONES = [
  ...['Europe/Berlin', 'Europe/London', 'America/New_York', 'America/Santiago', 'Australia/Sydney', 'Asia/Tokyo'],
  ...['Australia/Lord_Howe', 'America/St_Johns', 'Pacific/Auckland', 'Asia/Kathmandu'],
];

test('agree with the clocks of zones at noon, on any day of five years', () => {
  const offsets = new Map(ZONES.map((zone) => [zone, offsetsOf(zone, 2026, 2030)]));
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), fc.integer({ min: 0, max: 1825 }), (zone, day) => {
      const date = new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10);
      const wall = `${date}T12:00:00Z`;
      const offset = (offsets.get(zone) ?? []).filter(({ since }) => since <= wall).at(-1)?.offset;
      const [, sign = '', hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(offset ?? '') ?? [];
      expect((sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))).toBe(offsetBySystem(zone, wall));
    }),
  );
});

test('every tenth zone has one, and they are in order', () => {
  for (const zone of timeZones().filter((_, index) => index % 10 === 0)) {
    const offsets = offsetsOf(zone, 2026, 2026);
    expect(offsets[0]?.since).toBe('2026-01-01T00:00:00Z');
    expect(offsets.map(({ since }) => since)).toEqual(offsets.map(({ since }) => since).sort());
    expect(offsets.filter(({ offset }) => !/^[+-]\d\d:\d\d$/.test(offset))).toEqual([]);
  }
});

test.each([
  ['Europe/Kyiv', 'Europe/Helsinki', true],
  ['Australia/Hobart', 'Australia/Sydney', true],
  ['Europe/London', 'Europe/Lisbon', true],
  ['Europe/London', 'Europe/Berlin', false],
  ['Europe/London', 'Africa/Abidjan', false],
  // The same offset on each day's first minute, and a change at another hour.
  ['America/Havana', 'America/New_York', false],
])('the clocks of %s and %s are the same: %s', (one, other, expected) => {
  expect(hasSameClock(one, other, 2026, 2030)).toBe(expected);
});
