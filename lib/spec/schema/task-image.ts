import { integer, pattern } from '../leaf';
import { block, list, optional, required } from '../structure';

const digestImage = pattern({
  name: 'image by digest',
  text: 'an image with its digest such as "registry.example.com/debian@sha256:<64 hex digits>"',
  pattern: /^[^\s@]+@sha256:[0-9a-f]{64}$/,
  examples: [`registry.example.com/debian@sha256:${'0'.repeat(64)}`, `registry.example.com/debian@sha256:${'1'.repeat(64)}`],
  rejects: 'debian:latest',
});
/** It becomes a word of a command, and stands in the history of the image: no quotes, and no password before a host. */
const download = pattern({
  name: 'address of a download',
  text: 'an address that starts with https:// or http://, without spaces, quotes or a password',
  pattern: /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?\/[A-Za-z0-9._~\/?=&%+,:-]{1,1000}$/,
  examples: [
    'https://downloads.example.com/mysql-8.4.9-linux-glibc2.28-x86_64-minimal.tar.xz',
    'https://mirror.example.com/mysql-8.0.46-linux-glibc2.28-x86_64-minimal.tar.xz',
  ],
  rejects: 'mysql-8.4.9.tar.xz',
});
const sha256 = pattern({
  name: 'SHA-256',
  text: 'a SHA-256 of 64 hex digits in lower case, as sha256sum says it',
  pattern: /^[0-9a-f]{64}$/,
  examples: ['0'.repeat(64), '1'.repeat(64)],
  rejects: 'ABCDEF',
});

const major = integer('PostgreSQL version', 'a major version of PostgreSQL', 12, 99);
/** https://www.debian.org/doc/debian-policy/ch-controlfields.html#source and #version */
const debianPackage = pattern({
  name: 'package',
  text: 'the name of a Debian package such as "postgresql-17-postgis-3", with a version behind = where one is meant',
  pattern: /^[a-z0-9][a-z0-9+.-]{1,99}(=[0-9][A-Za-z0-9.+:~-]{0,99})?$/,
  examples: ['postgresql-17-postgis-3', 'postgresql-17-pgvector=0.8.0-1'],
  rejects: 'PostGIS 3',
});

/** What the container of tasks is built of. Nothing is invented: neither a base nor where MySQL comes from. */
export const taskImage = block({
  base: required(digestImage, 'base image of the task container'),
  postgresql: optional(
    major,
    'PostgreSQL of the image, client and server: as new as the newest server that is backed up, or newer',
    '`17`',
  ),
  packages: optional(
    list(debianPackage),
    'what else of Debian or of apt.postgresql.org is installed, such as the extensions without which a database cannot be restored',
    'none',
  ),
  mysql: optional(
    block({
      url: required(download, 'address of MySQL\'s "Linux - Generic" tarball, best the minimal one, of the release of your servers'),
      sha256: required(sha256, 'checksum that the download must have'),
    }),
    "MySQL's own server and client in the image, which backups of MySQL in containers and their test restores need",
    "MariaDB's only",
  ),
});
