import { slotOf } from './slot';

/**
 * Beginning of the names of the log's segments in an archive that pgBackRest keeps, below the archive's folder. What
 * expires by age is this and nothing else: beside it lie `archive.info`, without which the archive is none, and backups.
 * @see https://pgbackrest.org/user-guide.html
 */
export function segmentsOf(site: string, version: string): string {
  return `archive/${slotOf(site, 0)}/${version}-`;
}
