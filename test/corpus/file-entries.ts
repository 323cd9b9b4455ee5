import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import type { FileEntry } from './expected';

const SLASH = Buffer.from('/');

/** Everything below a folder, with names as bytes: not every name is UTF-8. */
export function fileEntries(root: string): readonly FileEntry[] {
  const entries: FileEntry[] = [];
  const inodes = new Map<number, string>();
  const visit = (folder: Buffer, above: Buffer) => {
    for (const name of readdirSync(folder, { encoding: 'buffer' }).sort((a, b) => a.compare(b))) {
      const at = Buffer.concat([folder, SLASH, name]);
      const below = above.length > 0 ? Buffer.concat([above, SLASH, name]) : name;
      const stats = lstatSync(at);
      const shown = below.toString('latin1');
      const first = inodes.get(stats.ino);
      inodes.set(stats.ino, first ?? shown);
      entries.push({ name: shown, ...entryOf(at, stats), ...(first !== undefined && { sameAs: first }) });
      if (stats.isDirectory()) visit(at, below);
    }
  };
  visit(Buffer.from(root), Buffer.alloc(0));
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function entryOf(at: Buffer, stats: ReturnType<typeof lstatSync> & object): Omit<FileEntry, 'name'> {
  if (stats.isSymbolicLink()) {
    return { kind: 'link', target: readlinkSync(at, { encoding: 'buffer' }).toString('latin1') };
  }
  const mode = (Number(stats.mode) & 0o7777).toString(8);
  if (stats.isDirectory()) return { kind: 'folder', mode };
  return { kind: 'file', mode, sha256: createHash('sha256').update(readFileSync(at)).digest('hex') };
}
