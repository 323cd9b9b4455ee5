import type { TaskManifest } from '../../contract';
import type { Machine } from '../machine';
import { runChild, statusOf } from './child';
import { EngineError } from './engine';

export type Family = 'mysql' | 'mariadb';

export interface Version {
  readonly family: Family;
  /** `10.11.19` */
  readonly text: string;
}

/** The client's programs, all of one family. */
export interface MysqlTools {
  readonly family: Family;
  readonly dump: string;
  readonly client: string;
  readonly binlog: string;
  readonly version: Version;
  /** For the manifest. */
  readonly versions: Readonly<Record<string, string>>;
  /** Whether the dump can leave out a table's rows and keep its definition. */
  readonly ignoresTableData: boolean;
  /** Whether the dump can hold the history of system-versioned tables. */
  readonly dumpsHistory: boolean;
}

/** Where two versions differ in what they understand; MariaDB's dump has all that is used here since these. */
const OLDEST: Readonly<Record<Family, string>> = { mysql: '5.7', mariadb: '10.5' };

const PROGRAMS = {
  mysql: { client: 'mysql', binlog: 'mysqlbinlog' },
  mariadb: { client: 'mariadb', binlog: 'mariadb-binlog' },
} as const;

/**
 * The tool that the spec names says by itself whose it is: what Debian calls mysqldump is MariaDB's. The other programs
 * are taken from the same family.
 * @throws EngineError
 */
export async function findTools(task: Pick<TaskManifest, 'tool'>, machine: Machine): Promise<MysqlTools> {
  const dump = task.tool;
  const version = await toolVersion(dump, machine);
  const programs = PROGRAMS[version.family];
  const client = await toolVersion(programs.client, machine);
  if (client.family !== version.family) {
    throw new EngineError(
      'config',
      `${dump} is ${nameOf(version)} and ${programs.client} is ${nameOf(client)}`,
      `install the whole client of ${nameOf(version)}`,
    );
  }
  refuseOld(dump, version);
  const help = (await runChild(dump, ['--help'], { machine })).stdout;
  return {
    family: version.family,
    dump,
    ...programs,
    version,
    versions: { [dump]: nameOf(version), [programs.client]: nameOf(client) },
    ignoresTableData: help.includes('--ignore-table-data'),
    dumpsHistory: help.includes('--dump-history'),
  };
}

async function toolVersion(tool: string, machine: Machine): Promise<Version> {
  const end = await runChild(tool, ['--version'], { machine });
  const version = parseToolVersion(end.stdout);
  if (end.exitCode === 0 && version) return version;
  const said = end.stdout.trim() || end.stderr.trim();
  throw new EngineError('config', `${tool} --version ended with ${statusOf(end)}: ${said}`, `install ${tool} again`);
}

/**
 * `mysqldump  Ver 10.19 Distrib 10.11.19-MariaDB`, `mariadb-dump from 11.4.2-MariaDB, client 10.19`,
 * `mysqldump  Ver 8.0.36 for Linux`, `mysqldump  Ver 10.13 Distrib 5.7.44, for Linux`.
 */
export function parseToolVersion(text: string): Version | undefined {
  const mariadb = /(?:Distrib|from) (\d+\.\d+\.\d+)-MariaDB/.exec(text)?.[1];
  if (mariadb !== undefined) return { family: 'mariadb', text: mariadb };
  const mysql = /Distrib (\d+\.\d+\.\d+)/.exec(text)?.[1] ?? /Ver (\d+\.\d+\.\d+)/.exec(text)?.[1];
  return mysql === undefined ? undefined : { family: 'mysql', text: mysql };
}

/** `10.11.19-MariaDB-0+deb12u1-log`, `8.0.36`, and with the prefix for old replicas `5.5.5-10.6.12-MariaDB`. */
export function parseServerVersion(text: string): Version {
  const family = /mariadb/i.test(text) ? 'mariadb' : 'mysql';
  return { family, text: /^(?:5\.5\.5-(?=\d+\.))?(\d+(?:\.\d+)*)/.exec(text)?.[1] ?? text };
}

export function nameOf({ family, text }: Version): string {
  return `${family === 'mysql' ? 'MySQL' : 'MariaDB'} ${text}`;
}

/** Major and minor number as one that can be compared. */
export function releaseOf(text: string): number {
  const [major = 0, minor = 0] = text.split('.').map(Number);
  return major * 1000 + minor;
}

function refuseOld(dump: string, version: Version): void {
  if (releaseOf(version.text) >= releaseOf(OLDEST[version.family])) return;
  const oldest = nameOf({ ...version, text: OLDEST[version.family] });
  throw new EngineError('config', `${dump} is of ${nameOf(version)}, which is too old`, `install ${oldest} or newer`);
}

/**
 * Each family's dump reads its own family's servers, whose catalogues, accounts and logs differ. MySQL's must be of the
 * server's release (8.4 no longer knows the statements of 8.0), MariaDB's of its major number.
 * @throws EngineError
 */
export function checkServer({ dump, family, version }: MysqlTools, server: Version): void {
  if (family !== server.family) {
    const own = server.family === 'mariadb' ? 'mariadb-dump' : "MySQL's own mysqldump";
    throw new EngineError(
      'config',
      `${dump} is ${nameOf(version)}'s and the server is ${nameOf(server)}`,
      `install ${own} ${server.text} and put it first on PATH, or set type to the server's own tool`,
    );
  }
  const measure = (text: string) => (family === 'mysql' ? releaseOf(text) : Math.floor(releaseOf(text) / 1000));
  if (measure(version.text) >= measure(server.text)) return;
  throw new EngineError(
    'config',
    `${dump} of ${nameOf(version)} is older than the server, which is ${nameOf(server)}`,
    `install the client of ${nameOf(server)} and put it first on PATH`,
  );
}
