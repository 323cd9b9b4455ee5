import { renameSync, writeFileSync } from 'node:fs';

/** Writes a file that a collector reads at any moment: it sees the old text or the new one, never a part of it. */
export function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}
