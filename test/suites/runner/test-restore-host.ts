import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RestoreRecord, TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { systemUser } from '../../servers/system-user';
import { runHere, writeTask } from './program-run';
import type { Host, Ran } from './program-run';

/** A folder that servers which refuse root come through. */
export function openFolder(name: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), `hypdr-${name}-`));
  chmodSync(folder, 0o755);
  return folder;
}

export interface TestHost {
  readonly host: Host;
  readonly file: string;
  readonly key: string;
}

/** A host with a task and a key for its records. */
export function testHost(folder: string, name: string, task: TaskManifest, environment: Host['environment']): TestHost {
  const own = path.join(folder, name);
  mkdirSync(own);
  const host: Host = { folder: own, state: path.join(own, 'state'), environment };
  mkdirSync(host.state);
  const key = path.join(own, 'record.pem');
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return { host, file: writeTask(host, task), key };
}

/** A backup, verified. */
export async function take({ host, file }: TestHost, argv: readonly string[] = []): Promise<void> {
  for (const words of [
    ['backup', ...(argv.includes('--type') ? [] : ['--type', 'full']), ...argv],
    ['verify', '--quick'],
  ]) {
    const ran = await runHere(host, [...words, '--task', file]);
    expect([words[0], ran.exit, ran.stderr]).toEqual([words[0], EXIT.success, '']);
  }
}

export interface Tested extends Ran {
  readonly record: RestoreRecord;
  readonly kept: { readonly name: string; readonly store: string } | undefined;
}

/** A test restore, after which nothing of it is there. */
export async function testRestore(
  one: TestHost,
  argv: readonly string[] = [],
  changes: Parameters<typeof runHere>[2] = {},
): Promise<Tested> {
  const { host, file, key } = one;
  const words = ['test-restore', '--task', file, '--format', 'json', '--record-key', key, ...argv];
  const ran = await runHere(host, words, changes);
  expectNothing(host);
  const said = JSON.parse(ran.stdout) as Pick<Tested, 'record' | 'kept'>;
  return { ...ran, record: said.record, kept: said.kept };
}

/** No folder, no socket, no process of a test restore. */
export function expectNothing({ state }: Host): void {
  const folder = path.join(state, 'test-restore');
  expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
  expect(existsSync(path.join(state, 'restore')) ? readdirSync(path.join(state, 'restore')) : []).toEqual([]);
  expect(processesIn(state)).toEqual([]);
}

/** What was started with a path of a folder, or works in it. */
export function processesIn(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return words.includes(`${folder}/`) || readlinkSync(`/proc/${pid}/cwd`).startsWith(`${folder}/`);
      } catch {
        return false;
      }
    });
}

/** What checks say, by their names. */
export function verdicts({ checks }: RestoreRecord): readonly string[] {
  return checks.map(
    ({ kind, name, result, found }) => `${result} ${kind} ${name}${found === undefined ? '' : `: ${found}`}`,
  );
}

export function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
}

/** Sockets of TCP on which a process listens, by their inodes: https://man7.org/linux/man-pages/man5/proc_pid_net.5.html */
export function listening(pid: number): readonly string[] {
  const inodes = ['tcp', 'tcp6'].flatMap((kind) =>
    readFileSync(`/proc/net/${kind}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state]) => state === '0A')
      .map((fields) => fields[9] ?? ''),
  );
  const own = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      // It was closed meanwhile: nobody listens on it.
      return [];
    }
  });
  return inodes.filter((inode) => own.includes(`socket:[${inode}]`));
}

/** Changes a bit of the largest thing that a folder holds. */
export function damage(folder: string): void {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => lstatSync(file).isFile() && !file.includes('.manifest.json'));
  const [largest = ''] = files.sort((a, b) => lstatSync(b).size - lstatSync(a).size);
  const bytes = readFileSync(largest);
  bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
  chmodSync(largest, 0o600);
  writeFileSync(largest, bytes);
}

/** Makes all of a host somebody's who is not root, where who runs the tests may. */
export function giveAway(
  { host }: TestHost,
  ...more: readonly string[]
): { readonly uid: number; readonly gid: number } {
  const user = systemUser('nobody');
  execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, host.folder, ...more]);
  return user;
}
