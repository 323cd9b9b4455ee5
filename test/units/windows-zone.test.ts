import { readFileSync } from 'node:fs';
import { timeZones } from '../../lib/units';
import { windowsZone } from '../../lib/units/windows-zone';

interface MapZone {
  readonly mapZone: { readonly _other: string; readonly _type: string };
}
const cldr = JSON.parse(readFileSync(require.resolve('cldr-core/supplemental/windowsZones.json'), 'utf8')) as {
  readonly supplemental: { readonly windowsZones: { readonly mapTimezones: readonly MapZone[] } };
};

test.each([
  ['Europe/Berlin', 'W. Europe Standard Time'],
  ['America/Chicago', 'Central Standard Time'],
  ['UTC', 'UTC'],
  ['Europe/Kyiv', 'FLE Standard Time'],
  ['Europe/Kiev', 'FLE Standard Time'],
  ['Asia/Kolkata', 'India Standard Time'],
  ['Australia/Lord_Howe', 'Lord Howe Standard Time'],
])('%s is %s', (iana, windows) => {
  expect(windowsZone(iana)).toBe(windows);
});

test('every pair of CLDR is there as it is', () => {
  const pairs = cldr.supplemental.windowsZones.mapTimezones.flatMap(({ mapZone }) =>
    mapZone._type.split(' ').map((iana) => [iana, mapZone._other]),
  );
  expect(pairs.length).toBeGreaterThan(400);
  expect(pairs.filter(([iana = '', windows]) => windowsZone(iana) !== windows)).toEqual([]);
});

test('zones that Windows does not have are few, and said to have no name', () => {
  expect(timeZones().filter((zone) => windowsZone(zone) === undefined)).toEqual(['Antarctica/Troll']);
});
