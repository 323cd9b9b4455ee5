import { open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from './engine';
import type { FileRoot } from './files-roots';

/**
 * Roots on which a file system of its own was mounted at the last published backup. Where one is gone, what is backed up
 * now is what lies under the mount point, be it empty or not: a failure until somebody removes the note.
 */
export class MountNotes {
  private readonly file: string;

  constructor(folder: string) {
    this.file = path.join(folder, 'mounts.json');
  }

  /** @throws EngineError where a mount is gone */
  async check(roots: readonly FileRoot[]): Promise<void> {
    const noted = await this.read();
    const gone = roots
      .filter((root) => root.mount === 'of its parent' && noted.includes(root.path))
      .map((root) => root.path);
    if (gone.length === 0) return;
    const fix = `mount it, or remove ${this.file} if it is meant to be so`;
    throw new EngineError('source', `no longer a mount of its own: ${gone.join(', ')}`, fix);
  }

  async write(roots: readonly FileRoot[]): Promise<void> {
    const own = roots.filter(({ mount }) => mount === 'own').map((root) => root.path);
    const handle = await open(`${this.file}.new`, 'w', 0o600);
    try {
      await handle.writeFile(JSON.stringify(own));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(`${this.file}.new`, this.file);
  }

  private async read(): Promise<readonly unknown[]> {
    const text = await readFile(this.file, 'utf8').catch(() => '[]');
    const value = JSON.parse(text) as unknown;
    return Array.isArray(value) ? value : [];
  }
}
