import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import pins from './pins.json';

const INSTALL = 'install it with: npm run servers:install';
const CLUSTERS = '/usr/lib/postgresql';

/** A program of the system: PostgreSQL's newest version first, since Debian's wrappers look for clusters. */
export function systemProgram(name: string): string {
  const file = candidates()
    .map((folder) => path.join(folder, name))
    .find(isExecutable);
  if (file === undefined) throw new Error(`${name} is missing; ${INSTALL}`);
  return file;
}

/** The library of an extension of the newest PostgreSQL that is here: for `shared_preload_libraries`. */
export function postgresExtension(name: string): string {
  const library = path.join(path.dirname(path.dirname(systemProgram('postgres'))), 'lib', `${name}.so`);
  if (!existsSync(library)) throw new Error(`${name} of PostgreSQL is missing; ${INSTALL}`);
  return name;
}

/** A server that Go built, in the folder of the pinned version. */
export function builtServer(name: 'minio' | 'versitygw' | 'fake-gcs-server'): string {
  const file = path.join(cache(), `${name}-${pins[name].version}`, name);
  if (!existsSync(file)) throw new Error(`${name} ${pins[name].version} is missing; ${INSTALL}`);
  return file;
}

/** A program of moto's own environment. */
export function motoServer(): string {
  const folder = path.join(cache(), `moto-${pins.moto.version}`);
  const file = path.join(folder, 'bin', 'moto_server');
  if (!existsSync(path.join(folder, 'installed'))) throw new Error(`moto ${pins.moto.version} is missing; ${INSTALL}`);
  return file;
}

/** The script of azurite's blob service, run by this node. */
export function azuriteScript(): string {
  const folder = path.join(cache(), `azurite-${pins.azurite.version}`);
  const file = path.join(folder, 'node_modules/azurite/dist/src/blob/main.js');
  if (!existsSync(file)) throw new Error(`azurite ${pins.azurite.version} is missing; ${INSTALL}`);
  return file;
}

function cache(): string {
  return path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'hypnoscript-dr', 'servers');
}

function candidates(): string[] {
  const versions = existsSync(CLUSTERS) ? readdirSync(CLUSTERS).sort((a, b) => Number(b) - Number(a)) : [];
  const searched = (process.env.PATH ?? '').split(path.delimiter);
  return [...versions.map((version) => path.join(CLUSTERS, version, 'bin')), ...searched, '/usr/sbin'];
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
