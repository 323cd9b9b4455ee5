import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The script of the Dockerfile that puts MySQL into the image, run by a shell over an archive that is made here. What it
 * would change of a system lies in a folder of the test; packages are not installed.
 */
const dockerfile = readFileSync(path.resolve(__dirname, '../../image/Dockerfile'), 'utf8').replace(/\\\n/g, ' ');
const scripts = dockerfile.split('\n').filter((line) => line.startsWith('RUN ') && line.includes('MYSQL_URL'));
const PROGRAMS = ['mysqld', 'mysqldump', 'mysql', 'mysqlbinlog'];

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'hypdr-mysql-'));
  for (const folder of ['usr/local/bin', 'usr/lib', 'var/lib/apt/lists', 'opt', 'tmp', 'fakes']) {
    mkdirSync(path.join(root, folder), { recursive: true });
  }
  writeFileSync(path.join(root, 'usr/lib/libaio.so.1t64'), 'the library');
  writeFileSync(path.join(root, 'var/lib/apt/lists/packages'), 'a list');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A program of a shell's lines. */
function program(file: string, ...lines: readonly string[]): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
}

interface Archive {
  readonly programs?: readonly string[];
  readonly says?: string;
  readonly exit?: number;
}

/** An archive as MySQL's: one folder with everything in it. */
function archive({ programs = PROGRAMS, says = 'Ver 8.4.9 for Linux on x86_64', exit = 0 }: Archive = {}) {
  for (const name of programs) {
    const file = path.join(root, 'made/mysql-8.4.9-linux-minimal/bin', name);
    program(file, '[ "$*" = "--no-defaults --version" ] || exit 9', `echo "${name}  ${says}"`, `exit ${exit}`);
  }
  const file = path.join(root, 'mysql.tar.gz');
  const folder = path.join(root, 'made');
  execFileSync('tar', ['--create', '--gzip', '--file', file, '--directory', folder, 'mysql-8.4.9-linux-minimal']);
  return { url: pathToFileURL(file).href, sum: createHash('sha256').update(readFileSync(file)).digest('hex') };
}

/** Runs the script on Debian 13, or on 12 which has libaio by its old name. */
function run(url: string, sum: string, debian: 12 | 13 = 13) {
  const fakes = path.join(root, 'fakes');
  program(path.join(fakes, 'apt-get'), `echo "$*" >> "${root}/apt"`);
  program(path.join(fakes, 'apt-cache'), `[ "$2" = libaio1t64 ] && [ ${debian} = 13 ]`);
  program(path.join(fakes, 'dpkg'), ...['', '.0.2'].map((end) => `echo ${root}/usr/lib/libaio.so.1t64${end}`));
  const [script = ''] = scripts;
  const own = script.replace(/^RUN /, '').replace(/(?<=[\s"'=>])\/(opt|usr|var)\//g, `${root}/$1/`);
  const { status, stderr } = spawnSync('/bin/sh', ['-c', own], {
    encoding: 'utf8',
    env: {
      PATH: `${fakes}:${process.env.PATH ?? ''}`,
      TMPDIR: path.join(root, 'tmp'),
      MYSQL_URL: url,
      MYSQL_SHA256: sum,
    },
  });
  return { status, stderr };
}

const opt = () => readdirSync(path.join(root, 'opt'));
const installed = () =>
  readFileSync(path.join(root, 'apt'), 'utf8')
    .split('\n')
    .find((line) => line.startsWith('install'))
    ?.split(' ')
    .filter((word) => !/^(install|--.*)$/.test(word));

test('one script, over arguments that are empty where nobody gives them', () => {
  expect(scripts).toHaveLength(1);
  expect(dockerfile).toMatch(/^ARG MYSQL_URL=$/m);
  expect(dockerfile).toMatch(/^ARG MYSQL_SHA256=$/m);
});

test('without them nothing is installed, fetched or made', () => {
  expect(run('', '')).toEqual({ status: 0, stderr: '' });
  expect([opt(), existsSync(path.join(root, 'apt'))]).toEqual([[], false]);
});

test('server and client are unpacked; the client stands before what Debian calls so, the server does not', () => {
  const { url, sum } = archive();
  expect(run(url, sum)).toEqual({ status: 0, stderr: '' });
  expect(readdirSync(path.join(root, 'opt/mysql/bin')).sort()).toEqual([...PROGRAMS].sort());
  const local = path.join(root, 'usr/local/bin');
  expect(readdirSync(local).sort()).toEqual(['mysql', 'mysqlbinlog', 'mysqldump']);
  expect(readlinkSync(path.join(local, 'mysqldump'))).toBe(path.join(root, 'opt/mysql/bin/mysqldump'));
  // Neither the archive nor lists of packages are left.
  expect(readdirSync(path.join(root, 'tmp'))).toEqual([]);
  expect(readdirSync(path.join(root, 'var/lib/apt/lists'))).toEqual([]);
});

test.each([
  [12, 'libaio1', undefined],
  [13, 'libaio1t64', 'libaio.so.1t64'],
] as const)('on Debian %s it gets %s, by the name that MySQL knows', (debian, name, link) => {
  const { url, sum } = archive();
  expect(run(url, sum, debian).status).toBe(0);
  expect(installed()).toEqual(['curl', 'xz-utils', name, 'libnuma1', 'libncurses6']);
  const there = path.join(root, 'usr/lib/libaio.so.1');
  expect(existsSync(there) ? readlinkSync(there) : undefined).toBe(link);
});

test('another checksum ends the build, and says both', () => {
  const { url, sum } = archive();
  const { status, stderr } = run(url, '0'.repeat(64));
  expect(status).not.toBe(0);
  expect(stderr).toContain(`${url} has the SHA-256 ${sum}, not ${'0'.repeat(64)}`);
  expect(opt()).toEqual([]);
});

test.each([
  ['an address alone', (url: string) => run(url, ''), /given together/],
  ['a checksum alone', (_: string, sum: string) => run('', sum), /given together/],
  ['what is not there', (url: string, sum: string) => run(`${url}.gone`, sum), /cannot be read/],
])('%s ends the build', (_, build, why) => {
  const { url, sum } = archive();
  const { status, stderr } = build(url, sum);
  expect([status === 0, stderr]).toEqual([false, expect.stringMatching(why)]);
  expect(opt()).toEqual([]);
});

test.each<[string, Archive, RegExp]>([
  ['without a server', { programs: ['mysql', 'mysqldump', 'mysqlbinlog'] }, /has no bin\/mysqld$/m],
  ['without the reader of logs', { programs: ['mysqld', 'mysql', 'mysqldump'] }, /has no bin\/mysqlbinlog$/m],
  ['whose programs miss a library', { exit: 127 }, /mysqld does not start in this image/],
  ['of MariaDB', { says: 'Ver 11.8.9-MariaDB for Linux' }, /is MariaDB's/],
])('an archive %s ends the build', (_, made, why) => {
  const { url, sum } = archive(made);
  const { status, stderr } = run(url, sum);
  expect([status === 0, stderr]).toEqual([false, expect.stringMatching(why)]);
});

test('what is no archive ends the build', () => {
  const file = path.join(root, 'page.html');
  writeFileSync(file, '<html>not found</html>');
  const sum = createHash('sha256').update('<html>not found</html>').digest('hex');
  const { status, stderr } = run(pathToFileURL(file).href, sum);
  expect([status === 0, stderr]).toEqual([false, expect.stringMatching(/is no archive that tar reads/)]);
});
