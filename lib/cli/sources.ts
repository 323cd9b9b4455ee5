import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import type { Report, SourceFile } from '../diagnostics';

const SPEC_FILE = /\.(hyp|md)$/;

/**
 * Reads spec paths: files, and folders with all their `.hyp` and `.md` files, sorted. Names are relative to `root` and
 * have forward slashes, so that a plan never tells where it was made.
 */
export function readSources(paths: readonly string[], root: string, report: Report): readonly SourceFile[] {
  const files = new Map<string, SourceFile>();
  for (const path of paths) {
    for (const file of filesAt(path, root, report)) {
      const source = readSource(file, root, report);
      if (source) files.set(source.name, source);
    }
  }
  return [...files.values()];
}

function filesAt(path: string, root: string, report: Report): readonly string[] {
  const full = resolve(root, path);
  try {
    if (!statSync(full).isDirectory()) return [full];
    const names = readdirSync(full)
      .filter((name) => SPEC_FILE.test(name))
      .sort();
    if (names.length > 0) return names.map((name) => join(full, name));
    report(unreadable(path, 'holds no .hyp or .md file'));
  } catch (error) {
    report(unreadable(path, reasonOf(error)));
  }
  return [];
}

function readSource(file: string, root: string, report: Report): SourceFile | undefined {
  const name = relative(root, file).split(sep).join('/');
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
    return { name, text };
  } catch (error) {
    report(unreadable(name, reasonOf(error)));
    return undefined;
  }
}

function unreadable(path: string, why: string) {
  return {
    code: 'DR1016' as const,
    message: `${path} ${why}`,
    fix: 'give a .hyp file, a .md file with ```hyp fences, or a folder of such files',
  };
}

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is not UTF-8 text';
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read';
  return `cannot be read (${code ?? String(error)})`;
}
