/** Where a machine of the application finds what it was told. */
const FOLDER = '/etc/hypnoscript-dr';

/**
 * What a machine of the application runs as root when it starts: the file `site.env` tells the application where the
 * database of its site is.
 * @param databaseHost - an address or a host's name, or what the cloud makes one of
 */
export function writeSiteEnv(databaseHost: string): string {
  return [
    '#!/bin/bash',
    `mkdir -p ${FOLDER}`,
    // No backslash: not every cloud's template keeps one.
    `echo 'DATABASE_HOST=${databaseHost}' >${FOLDER}/site.env`,
    '',
  ].join('\n');
}
