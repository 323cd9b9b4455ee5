import { digest } from '../../units';

/** Longest name in PostgreSQL, in bytes: https://www.postgresql.org/docs/current/limits.html */
const LONGEST = 63;

/**
 * Name of the physical slot of a site's database machine at the server that it follows, and of the archive's stanza: small
 * letters, digits and underscores. Two sites never share one.
 * @param index - number of the machine, from 0
 */
export function slotOf(site: string, index: number): string {
  const word = site.toLowerCase().replace(/[^a-z0-9]+/g, '_');
  const own = word === site ? word : `${word}_${digest(site, 6)}`;
  const end = index === 0 ? '' : `_${index + 1}`;
  const name = `hypdr_${own}`;
  return name.length + end.length <= LONGEST ? `${name}${end}` : `${name.slice(0, 50)}_${digest(site, 6)}${end}`;
}
