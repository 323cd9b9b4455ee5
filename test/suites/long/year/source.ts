import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileEntries } from '../../../corpus/file-entries';
import type { Random } from './random';

/** Files that stay around this number, so that no full holds less than half of the one before. */
const FILES = 12;

/** A folder that lives: files come, change, move, get other rights, and go. */
export function liveFolder(root: string, random: Random) {
  mkdirSync(path.join(root, 'deep/er'), { recursive: true });
  writeFileSync(path.join(root, 'deep/er/kept'), 'stays for the whole year');
  let made = 0;
  const files = () =>
    readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
      (name) => !name.endsWith('kept') && statSync(path.join(root, name)).isFile(),
    );
  const make = () => {
    const folder = random.one(['', 'deep', 'deep/er', `month ${random.whole(1, 5)}`]);
    mkdirSync(path.join(root, folder), { recursive: true });
    writeFileSync(path.join(root, folder, `file ${(made += 1)}`), words(random));
  };
  while (files().length < FILES) make();
  const changes: readonly (() => void)[] = [
    make,
    () => writeFileSync(path.join(root, random.one(files())), words(random)),
    () => writeFileSync(path.join(root, random.one(files())), words(random), { flag: 'a' }),
    () => renameSync(path.join(root, random.one(files())), path.join(root, `moved ${(made += 1)}`)),
    () => chmodSync(path.join(root, random.one(files())), random.one([0o600, 0o640, 0o755])),
    () => rmSync(path.join(root, random.one(files()))),
    () => swapFolders(root),
  ];
  return {
    change: () => {
      for (let left = random.whole(0, 4); left > 0; left -= 1) random.one(changes)();
      while (files().length < FILES - 2) make();
      while (files().length > FILES + 4) rmSync(path.join(root, random.one(files())));
    },
  };
}

/** A folder takes another one's name: what tar stores of it is more than its new files. */
function swapFolders(root: string): void {
  const [one, other] = ['month 1', 'month 2'].map((name) => path.join(root, name)) as [string, string];
  if (!existsSync(one) || !existsSync(other)) return;
  renameSync(one, `${one} aside`);
  renameSync(other, one);
  renameSync(`${one} aside`, other);
}

function words(random: Random): string {
  return `${random.whole(0, 1e9)} `.repeat(random.whole(1, 60));
}

/** All that a folder holds: names, kinds, rights, and the hash of each file. */
export function stateOf(root: string): string {
  return JSON.stringify(fileEntries(root));
}
