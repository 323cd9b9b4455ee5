/**
 * Installs the real servers that the runner's tests talk to: databases and tools by apt-get, object stores by Go and
 * npm and the secret store by pip into the user's cache, one folder per pinned version. What is there already is left
 * alone.
 */
import { execFileSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

const PINS = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../test/servers/pins.json'), 'utf8'));
/** Programs by the Debian package that has them. */
const PACKAGES = {
  postgresql: ['initdb', 'postgres'],
  'postgresql-client': ['pg_dump', 'psql'],
  'mariadb-server': ['mariadbd', 'mariadb-install-db'],
  'mariadb-client': ['mariadb', 'mariadb-dump', 'mariadb-binlog'],
  zstd: ['zstd'],
  pigz: ['pigz'],
  age: ['age', 'age-keygen'],
  openssl: ['openssl'],
  buildah: ['buildah'],
  debootstrap: ['debootstrap'],
  pgbackrest: ['pgbackrest'],
  shellcheck: ['shellcheck'],
  systemd: ['systemd-analyze'],
};

const servers = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'hypnoscript-dr', 'servers');
const run = (command, args, options = {}) =>
  execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });

/** Where a program is, here or where Debian keeps what has several versions. */
function find(name) {
  const clusters = '/usr/lib/postgresql';
  const versions = existsSync(clusters) ? execFileSync('ls', [clusters], { encoding: 'utf8' }).split('\n') : [];
  const folders = [
    ...versions.filter(Boolean).map((version) => path.join(clusters, version, 'bin')),
    ...(process.env.PATH ?? '').split(path.delimiter),
    '/usr/sbin',
  ];
  return folders.map((folder) => path.join(folder, name)).find(executable);
}

function executable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function installPackages() {
  install(Object.keys(PACKAGES).filter((name) => !PACKAGES[name].every(find)));
  // Extensions are for one version of the server, which is known when it is there.
  install(EXTENSIONS.filter(({ library }) => !existsSync(library())).map(({ package: named }) => named()));
}

/** The folder of the newest PostgreSQL that Debian has here. */
function postgresql() {
  return path.dirname(path.dirname(find('postgres')));
}

/** What Debian calls each, and its library. */
const EXTENSIONS = [
  ['cron', 'pg_cron'],
  ['pgaudit', 'pgaudit'],
].map(([name, library]) => ({
  package: () => `postgresql-${path.basename(postgresql())}-${name}`,
  library: () => path.join(postgresql(), `lib/${library}.so`),
}));

function install(absent) {
  if (absent.length === 0) return;
  if (!find('apt-get')) throw new Error(`install with this system's own means: ${absent.join(', ')}`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const sudo = process.getuid() === 0 ? [] : ['sudo', '--preserve-env=DEBIAN_FRONTEND,RUNLEVEL'];
  const apt = (...args) => {
    const [command, ...rest] = [...sudo, 'apt-get', ...args];
    run(command, rest, { env: environment });
  };
  apt('update', '-qq');
  // Run level 1 keeps the packages from starting servers of their own.
  apt('install', '-qq', '-y', '--no-install-recommends', ...absent);
}

/** Makes `folder` by `fill`, whole or not at all: what an installation that was cut off left is never used. */
function once(folder, fill) {
  if (existsSync(folder)) return folder;
  mkdirSync(servers, { recursive: true });
  const unfinished = mkdtempSync(path.join(servers, 'unfinished-'));
  try {
    fill(unfinished);
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}

function installGo(name, { module, version }) {
  return once(path.join(servers, `${name}-${version}`), (folder) => {
    if (!find('go')) throw new Error(`${name} is built by go, which is missing: install go 1.24 or later`);
    run('go', ['install', `${module}@${version}`], {
      cwd: folder,
      env: { ...process.env, GOBIN: folder, GOFLAGS: '' },
    });
  });
}

function installNpm(name, { package: npmPackage, version }) {
  return once(path.join(servers, `${name}-${version}`), (folder) => {
    const manifest = { private: true, dependencies: { [npmPackage]: version } };
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--omit=dev'];
    run('npm', ['install', ...flags], { cwd: folder });
  });
}

/** Not by way of `once`: a virtual environment names its own folder, so its last file says that it is whole. */
function installPip(name, { requirements, version }) {
  const folder = path.join(servers, `${name}-${version}`);
  const done = path.join(folder, 'installed');
  if (existsSync(done)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(servers, { recursive: true });
  run('python3', ['-m', 'venv', folder]);
  const file = path.resolve(import.meta.dirname, '../test/servers', requirements);
  run(path.join(folder, 'bin/pip'), ['install', '--quiet', '--no-input', '--no-deps', '-r', file]);
  writeFileSync(done, '');
  return folder;
}

installPackages();
for (const names of Object.values(PACKAGES)) for (const name of names) console.log(`${name}: ${find(name)}`);
for (const [name, pin] of Object.entries(PINS)) {
  const install = pin.module ? installGo : pin.package ? installNpm : installPip;
  // What bench compares us with is the system's own, where there is one.
  console.log(`${name}: ${(pin.program && find(pin.program)) || install(name, pin)}`);
}
