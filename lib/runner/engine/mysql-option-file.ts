import { constants } from 'node:fs';
import { access, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Machine } from '../machine';
import { EngineError } from './engine';

export interface MysqlLogin {
  readonly user?: string | undefined;
  readonly password: string;
}

/** What a crashed run left behind is removed after this time. */
const STALE_MILLISECONDS = 7 * 86_400_000;

/** A private option file of one run, mode 0600: the one way to a tool that is neither an argument nor a variable. */
export interface OptionFile {
  readonly path: string;
  /** The whole file anew, in one step: a tool that starts meanwhile reads the old or the new one. */
  write(login: MysqlLogin): Promise<void>;
  remove(): Promise<void>;
}

export async function openOptionFile(task: string, login: MysqlLogin, machine: Machine): Promise<OptionFile> {
  const folder = path.join(machine.stateFolder, 'logins', encodeURIComponent(task));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) {
    const { mtimeMs } = await stat(path.join(folder, name)).catch(() => ({ mtimeMs: Infinity }));
    if (mtimeMs < machine.now().getTime() - STALE_MILLISECONDS) await rm(path.join(folder, name), { force: true });
  }
  const file = path.join(folder, `${machine.randomHex(8)}.cnf`);
  const usual = await usualFiles(machine.environment);
  const write = async (one: MysqlLogin) => {
    const text = optionFile(one, usual);
    try {
      await writeFile(`${file}.new`, text, { mode: 0o600, flag: 'wx' });
      await rename(`${file}.new`, file);
    } catch (error) {
      await rm(`${file}.new`, { force: true });
      throw error;
    }
  };
  await write(login);
  return { path: file, write, remove: () => rm(file, { force: true }) };
}

/** The files of https://mariadb.com/kb/en/configuring-mariadb-with-option-files/ that are there, in their order. */
async function usualFiles({ MYSQL_HOME: own, HOME: home }: Machine['environment']): Promise<readonly string[]> {
  const files = [
    '/etc/my.cnf',
    '/etc/mysql/my.cnf',
    ...(own ? [path.join(own, 'my.cnf')] : []),
    ...(home ? [path.join(home, '.my.cnf')] : []),
  ];
  const there = await Promise.all(
    files.map((file) =>
      access(file, constants.R_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return files.filter((_, index) => there[index]);
}

/** Within double quotes a backslash escapes, and a number sign begins no comment. What comes last, holds. */
export function optionFile({ user, password }: MysqlLogin, includes: readonly string[]): string {
  const line = (name: string, value: string) => {
    if (/[\r\n\0]/.test(value)) throw new EngineError('config', `the ${name} has a line break in it`);
    return `${name}="${value.replace(/["\\]/g, '\\$&')}"`;
  };
  return [
    ...includes.map((file) => `!include ${file}`),
    '[client]',
    ...(user ? [line('user', user)] : []),
    line('password', password),
    '',
  ].join('\n');
}
