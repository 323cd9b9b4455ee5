import { createHash } from 'node:crypto';
import { copyFile, mkdir, open, readFile, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';

/** States that are kept: the newest fulls for differentials, the newest increments for what follows them. */
const KEEP = { full: 4, incremental: 16 } as const;

export type StateKind = keyof typeof KEEP;

/**
 * tar's snapshot files on this host. A state is named by its own SHA-256, and the manifest of the backup that left it
 * names the hash. So a state counts only through a published manifest: one that a crash left behind before its manifest
 * was published is never found, and one that was saved just before the crash is found, whoever dies when.
 */
export class FileStates {
  constructor(private readonly folder: string) {}

  /**
   * Makes the folder and clears what crashed runs left; the caller holds the lock. A state from the future is dropped for
   * ever: by the time that it speaks of, files will have changed before it, and tar would take them for stored.
   */
  async open(now: Date): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.folder)) {
      const file = path.join(this.folder, name);
      if (name.startsWith('working') || (name.endsWith('.snar') && (await isAfter(file, now))))
        await rm(file, { force: true });
    }
  }

  /** The file that tar works on: empty for a full, a copy of the parent's state otherwise. */
  async working(parent: string | undefined): Promise<string> {
    const file = path.join(this.folder, 'working.snar');
    await rm(file, { force: true });
    if (parent !== undefined) {
      const found = await this.find(parent);
      if (found === undefined) throw new Error(`no state ${parent}`);
      await copyFile(found, file);
    }
    return file;
  }

  /** The moment of a state, or why it cannot be followed. */
  async check(hash: string): Promise<{ readonly takenAt: Date } | { readonly why: string }> {
    const file = await this.find(hash);
    if (file === undefined) return { why: "this host has no tar state of the newest backup's" };
    const bytes = await readFile(file);
    if (hashOf(bytes) !== hash) return { why: 'the tar state of the newest backup is damaged' };
    const takenAt = momentOf(bytes);
    return takenAt ? { takenAt } : { why: 'the tar state is of a kind that is not known' };
  }

  /** @returns the hash of what tar left in the working file, saved under it, on disk for good */
  async save(working: string, kind: StateKind): Promise<string> {
    const hash = hashOf(await readFile(working));
    const handle = await open(working, 'r+');
    await handle.sync();
    await handle.close();
    await rename(working, path.join(this.folder, `${kind}-${hash}.snar`));
    const folder = await open(this.folder, 'r');
    await folder.sync();
    await folder.close();
    return hash;
  }

  async remove(hash: string): Promise<void> {
    const file = await this.find(hash);
    if (file !== undefined) await rm(file, { force: true });
  }

  /** Keeps a state from being dropped as old. */
  async touch(hash: string, now: Date): Promise<void> {
    const file = await this.find(hash);
    if (file !== undefined) await utimes(file, now, now);
  }

  /** Drops states that nothing will follow any more. */
  async prune(): Promise<void> {
    const names = (await readdir(this.folder)).filter((name) => name.endsWith('.snar'));
    for (const kind of Object.keys(KEEP) as StateKind[]) {
      const files = await Promise.all(
        names
          .filter((name) => name.startsWith(`${kind}-`))
          .map(async (name) => ({ name, at: (await stat(path.join(this.folder, name))).mtimeMs })),
      );
      const old = files.sort((a, b) => b.at - a.at).slice(KEEP[kind]);
      for (const { name } of old) await rm(path.join(this.folder, name), { force: true });
    }
  }

  private async find(hash: string): Promise<string | undefined> {
    for (const kind of Object.keys(KEEP)) {
      const file = path.join(this.folder, `${kind}-${hash}.snar`);
      if (await stat(file).catch(() => undefined)) return file;
    }
    return undefined;
  }
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const HEAD_BYTES = 200;

/** The time in a snapshot file's head: `GNU tar-1.34-2`, a line end, seconds and nanoseconds with a NUL after each. */
export function momentOf(state: Buffer): Date | undefined {
  const match = /^GNU tar-[^\n]*-2\n(\d+)\0(\d+)\0/.exec(state.subarray(0, HEAD_BYTES).toString('latin1'));
  return match ? new Date(Number(match[1]) * 1000 + Math.floor(Number(match[2]) / 1e6)) : undefined;
}

async function isAfter(file: string, now: Date): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const takenAt = momentOf(buffer.subarray(0, bytesRead));
    return takenAt !== undefined && takenAt > now;
  } finally {
    await handle.close();
  }
}
