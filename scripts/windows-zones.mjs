/**
 * Writes `lib/units/windows-zones.ts` from CLDR: which Windows time zone an IANA zone is, for the services of Azure that
 * take no other names. Run it after an update of cldr-core and cldr-bcp47; a test compares the two.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);
const read = (name) => JSON.parse(readFileSync(require.resolve(name), 'utf8'));

const { mapTimezones } = read('cldr-core/supplemental/windowsZones.json').supplemental.windowsZones;
const { version } = read('cldr-core/package.json');
const zones = Object.values(read('cldr-bcp47/bcp47/timezone.json').keyword.u.tz).filter((one) => one._alias);
/** All names of each zone, by any of them. */
const names = new Map(zones.flatMap(({ _alias }) => _alias.split(' ').map((one) => [one, _alias.split(' ')])));

const byWindows = new Map();
for (const { mapZone } of mapTimezones) {
  const found = byWindows.get(mapZone._other) ?? new Set();
  for (const zone of mapZone._type.split(' ')) for (const name of names.get(zone) ?? [zone]) found.add(name);
  byWindows.set(mapZone._other, found);
}

const entries = [...byWindows]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([windows, iana]) => `  '${windows}':\n    '${[...iana].sort().join(' ')}',`);
const text = [
  `/** Written by scripts/windows-zones.mjs from CLDR ${version} (https://cldr.unicode.org): IANA names of each Windows time zone. */`,
  'export const WINDOWS_ZONES: Readonly<Record<string, string>> = {',
  ...entries,
  '};',
  '',
].join('\n');
writeFileSync(path.resolve(import.meta.dirname, '../lib/units/windows-zones.ts'), text);
