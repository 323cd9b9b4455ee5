import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const ROOT = path.resolve(__dirname, '../..');

interface Manifest {
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as Manifest;

const BESIDE = ['typescript', '@types/node'].map((name) => `${name}@${manifest.devDependencies[name]}`);

/** The peers as this package is developed with, and what a user's own stack needs beside them. */
export function pinnedPeers(): string[] {
  return [
    ...Object.keys(manifest.peerDependencies).map((name) => `${name}@${manifest.devDependencies[name]}`),
    ...BESIDE,
  ];
}

/** The oldest version that the range of a peer allows. */
export function oldest(peer: string): string {
  const range = manifest.peerDependencies[peer];
  if (!range?.startsWith('^')) throw new Error(`the range of ${peer} is not a caret`);
  return range.slice(1);
}

export function oldestPeers(): string[] {
  return [...Object.keys(manifest.peerDependencies).map((name) => `${name}@${oldest(name)}`), ...BESIDE];
}

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in a folder with nothing of the caller's settings but what npm needs to find its cache. */
export function run(cwd: string, command: string, ...args: readonly string[]): Finished {
  const kept = Object.entries(process.env).filter(([name]) => !/^(CDK|AWS|AZURE|GOOGLE|TF|ARM)_/.test(name));
  const env = { ...Object.fromEntries(kept), CI: 'true', CDK_DISABLE_CLI_TELEMETRY: 'true' };
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (error) throw error;
  return { status, stdout, stderr };
}

/** The same, for a program that has to end well. */
export function runWell(cwd: string, command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = run(cwd, command, ...args);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

export function scratchFolder(): string {
  return realpathSync(mkdtempSync(path.join(tmpdir(), 'hypdr-pack-')));
}

/** The file that `npm publish` would send, from what is built. */
export function pack(folder: string): string {
  const output = runWell(ROOT, 'npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', folder);
  const [{ filename }] = JSON.parse(output) as [{ filename: string }];
  return path.join(folder, filename);
}

/** An empty project with the packed file and the peers in it, and a user's own files. */
export function createProject(folder: string, tarball: string, packages: readonly string[]): string {
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'user-project', private: true }));
  const flags = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact'];
  runWell(folder, 'npm', 'install', ...flags, tarball, ...packages);
  return folder;
}

/** Copies the user's own sources; they end in `.txt` here because they only compile where the package is installed. */
export function addSources(folder: string, names: readonly string[]): void {
  for (const name of names) cpSync(path.join(__dirname, 'user-project', `${name}.txt`), path.join(folder, name));
}
