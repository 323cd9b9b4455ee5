import { joinPath } from '../engine/sqlserver-folder';
import { identifier, literal } from '../engine/sqlserver-statement';
import type { Stop } from './sqlserver-chain';
import type { PlacedSet, SetFile } from './sqlserver-sets';

export interface Move {
  readonly name: string;
  /** As the server sees it. */
  readonly to: string;
}

/**
 * One set into a database that stays in RESTORING.
 * https://learn.microsoft.com/sql/t-sql/statements/restore-statements-transact-sql
 */
export function restoreStatement(
  staging: string,
  { file, header }: PlacedSet,
  moves: readonly Move[],
  stop: Stop | undefined,
): string {
  const log = header.type === 'log';
  const options = [
    `FILE = ${header.position}`,
    ...moves.map(({ name, to }) => `MOVE ${literal(name)} TO ${literal(to)}`),
    'NORECOVERY',
    ...(header.checksums ? ['CHECKSUM'] : []),
    'STATS = 10',
    ...(log && stop ? [`STOPAT = ${literal(stop.local)}`] : []),
  ];
  const noun = log ? 'LOG' : 'DATABASE';
  return `RESTORE ${noun} ${identifier(staging)} FROM DISK = ${literal(file)} WITH ${options.join(', ')};`;
}

export function recoverStatement(staging: string): string {
  return `RESTORE DATABASE ${identifier(staging)} WITH RECOVERY;`;
}

/** Sessions in it end, so that nobody keeps it from its name. */
export function renameStatement(from: string, to: string): string {
  return [
    `ALTER DATABASE ${identifier(from)} SET SINGLE_USER WITH ROLLBACK IMMEDIATE;`,
    `ALTER DATABASE ${identifier(from)} MODIFY NAME = ${identifier(to)};`,
    `ALTER DATABASE ${identifier(to)} SET MULTI_USER;`,
  ].join(' ');
}

/** Nobody can be in a database that is being restored; one that was recovered may have visitors. */
export function dropStatement(name: string, state: string): string {
  const alone =
    state === 'ONLINE' ? `ALTER DATABASE ${identifier(name)} SET SINGLE_USER WITH ROLLBACK IMMEDIATE; ` : '';
  return `${alone}DROP DATABASE ${identifier(name)};`;
}

export interface Folders {
  readonly data: string;
  readonly log: string;
}

const ENDINGS: Readonly<Record<string, string>> = { D: '.ndf', L: '.ldf' };

/** Names that no other restore has: a database that was renamed keeps those of its files. */
export function movesOf(files: readonly SetFile[], prefix: string, { data, log }: Folders, from = 0): readonly Move[] {
  return files.map(({ name, type }, index) => {
    const number = from + index + 1;
    const ending = number === 1 && type === 'D' ? '.mdf' : (ENDINGS[type] ?? '');
    return { name, to: joinPath(type === 'L' ? log : data, `${prefix}_${number}${ending}`) };
  });
}
