import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, rmdirSync, statfsSync, writeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A file system in memory, that really says ENOSPC when it is full. */
export interface SmallDisk {
  readonly path: string;
  /** Takes all room but so many bytes, in a file of its own. */
  fill(leave?: number): void;
  /** Gives back what `fill` took. */
  free(): void;
  stop(): void;
}

/** Needs the right to mount. */
export function startSmallDisk(bytes: number): SmallDisk {
  const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'hypdr-disk', folder], { stdio: 'pipe' });
  } catch (error) {
    rmdirSync(folder);
    throw new Error('a small disk is mounted for this test: run it as root, with the capability CAP_SYS_ADMIN', {
      cause: error,
    });
  }
  // Unmounts it when the process of the tests is gone, however it ended: its end of the pipe closes then.
  const watchdog = spawn('sh', ['-c', 'cat; umount -l "$1"; rmdir "$1"', 'watchdog', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.unref();
  (watchdog.stdin as unknown as Socket).unref();
  const ballast = path.join(folder, '.ballast');
  return {
    path: folder,
    fill(leave = 0) {
      const { bavail, bsize } = statfsSync(folder);
      const file = openSync(ballast, 'w');
      const block = Buffer.alloc(bsize);
      for (let left = bavail - Math.ceil(leave / bsize); left > 0; left -= 1) writeSync(file, block);
      closeSync(file);
    },
    free: () => rmSync(ballast, { force: true }),
    stop() {
      watchdog.kill('SIGKILL');
      execFileSync('umount', ['-l', folder]);
      rmdirSync(folder);
    },
  };
}
