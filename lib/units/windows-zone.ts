import { WINDOWS_ZONES } from './windows-zones';

const BY_IANA: ReadonlyMap<string, string> = new Map(
  Object.entries(WINDOWS_ZONES).flatMap(([windows, iana]) => iana.split(' ').map((name) => [name, windows] as const)),
);

/**
 * Windows' name of an IANA time zone, such as `W. Europe Standard Time` for `Europe/Berlin`.
 * @returns `undefined` for the few zones that Windows does not have
 * @see https://learn.microsoft.com/windows-hardware/manufacture/desktop/default-time-zones
 */
export function windowsZone(iana: string): string | undefined {
  return BY_IANA.get(iana);
}
