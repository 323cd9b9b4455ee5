/** Folders of one archive that tar says were renamed since its state, in its words. */
export interface TarRename {
  /** Empty: what was put aside under a temporary name. */
  readonly from: string;
  readonly to: string;
}

/**
 * Renames in a folder's list of an archive (`GNU.dumpdir`): records that end with a NUL, `R` and `T` the names, `X` the
 * place of a temporary one. https://www.gnu.org/software/tar/manual/html_node/Dumpdir.html
 */
export function renamesIn(dumpdir: Buffer): readonly TarRename[] {
  // A folder of a million names has a long list, and hardly ever one of these.
  if (!'RX'.includes(String.fromCharCode(dumpdir[0] ?? 0)) && !dumpdir.includes('\0R')) return [];
  const renames: TarRename[] = [];
  let from: string | undefined;
  for (const record of dumpdir.toString('utf8').split('\0')) {
    if (record.startsWith('R')) from = record.slice(1);
    if (record.startsWith('T') && from !== undefined) renames.push({ from, to: record.slice(1) });
  }
  return renames;
}

/**
 * Why an archive with these renames can't be trusted, and nothing that follows it. tar (1.35 and before) notes a rename
 * by replacing the beginnings of names in its state, one after the other: where one touches another's names, the state
 * is wrong. Of two folders that swapped their names every later archive says the same again, and a restore swaps
 * them back without a word; others can't be extracted.
 */
export function tangled(renames: readonly TarRename[]): string | undefined {
  if (renames.some(({ from, to }) => from === '' || to === '')) return 'folders have swapped their names';
  const names = renames.flatMap((one, index) => [one.from, one.to].map((name) => ({ name, index })));
  const touched = names.find((one) =>
    names.some((other) => other.index !== one.index && touches(one.name, other.name)),
  );
  return touched && `the renames of folders touch each other at "${touched.name}"`;
}

function touches(name: string, other: string): boolean {
  return name === other || name.startsWith(`${other}/`);
}
