import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** A release in which the clients that the Dockerfile wants are packages of the distribution itself. */
const RELEASE = 'trixie';
const BASE = `localhost/debian-${RELEASE}`;

/** An image that was built, and what starts a container of it. */
export interface BuiltImage {
  /** Words of a command in a container of it, as the image's user, on the network of this host. */
  run(words: readonly string[], options?: ContainerOptions): Ended;
  /** The same words behind the image's own entry point. */
  start(words: readonly string[], options?: ContainerOptions): Ended;
  remove(): void;
}

export interface ContainerOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Folders of this host by where the container finds them. */
  readonly folders?: Readonly<Record<string, string>>;
}

export interface Ended {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Images without a registry or a service of containers: Debian's own installer makes the base, buildah the rest, both in
 * `folder`. They need root, since they change roots.
 * @throws where a program is missing, with what installs it
 */
export function imageBuilder(folder: string) {
  const environment = { PATH: process.env.PATH, HOME: folder, STORAGE_DRIVER: 'vfs', BUILDAH_ISOLATION: 'chroot' };
  const buildah = (...words: readonly string[]): Ended => {
    const storage = ['--root', path.join(folder, 'images'), '--runroot', path.join(folder, 'run')];
    const { status, stdout, stderr, error } = spawnSync('buildah', [...storage, ...words], {
      env: environment,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    if (error) throw new Error('buildah is missing: npm run servers:install', { cause: error });
    return { exit: status, stdout, stderr };
  };
  const must = (...words: readonly string[]): string => {
    const { exit, stdout, stderr } = buildah(...words);
    if (exit !== 0) throw new Error(`buildah ${words.join(' ')} ended with ${exit}\n${stderr.slice(-2000)}`);
    return stdout.trim();
  };

  return {
    /** Imports the base: fetched once, and kept with the other servers of these tests. */
    importBase(): string {
      const container = must('from', 'scratch');
      must('copy', '--quiet', container, baseFolder(), '/');
      must('commit', '--quiet', container, BASE);
      must('rm', container);
      return BASE;
    },
    /** What a build says, without an image where it fails. */
    build: (context: string, words: readonly string[]): Ended =>
      buildah('build', '--quiet', ...words, '--tag', 'localhost/built', context),
    open(): BuiltImage {
      const container = must('from', 'localhost/built');
      const { OCIv1 } = JSON.parse(must('inspect', container)) as {
        readonly OCIv1: { readonly config: { readonly Entrypoint: readonly string[] } };
      };
      const run = (words: readonly string[], { environment: variables = {}, folders = {} }: ContainerOptions = {}) =>
        buildah(
          'run',
          ...Object.entries(variables).map(([name, value]) => `--env=${name}=${value}`),
          ...Object.entries(folders).map(([there, here]) => `--volume=${here}:${there}`),
          container,
          '--',
          ...words,
        );
      return {
        run,
        start: (words, options) => run([...OCIv1.config.Entrypoint, ...words], options),
        remove: () => void buildah('rm', container),
      };
    },
  };
}

function baseFolder(): string {
  const cache = path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'hypnoscript-dr', 'servers');
  const folder = path.join(cache, `debian-${RELEASE}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const unfinished = mkdtempSync(path.join(cache, 'unfinished-'));
  try {
    execFileSync('debootstrap', ['--variant=minbase', RELEASE, unfinished], { stdio: ['ignore', 'ignore', 'pipe'] });
    renameSync(unfinished, folder);
  } catch (error) {
    throw new Error(
      'the base of the image could not be made by debootstrap, which needs root: npm run servers:install',
      {
        cause: error,
      },
    );
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}
