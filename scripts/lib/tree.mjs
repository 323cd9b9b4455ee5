import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Paths of the files under a folder, sorted, with `/` between their parts. */
export function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
}

/** The deployable templates in a synth's output; the rest of it describes them or is copied from the spec. */
export function templatesUnder(folder) {
  return filesUnder(folder).filter(
    (file) => /^aws\/.*\.template\.json$/.test(file) || /^terraform\/stacks\/[^/]+\/cdk\.tf\.json$/.test(file),
  );
}

/** What differs between two folders, of the files that `list` names in them. */
export function differences(expected, actual, list = filesUnder) {
  const before = new Set(list(expected));
  const after = new Set(list(actual));
  return [...new Set([...before, ...after])].sort().flatMap((file) => {
    if (!before.has(file)) return [`new: ${file}`];
    if (!after.has(file)) return [`gone: ${file}`];
    const same = readFileSync(path.join(expected, file)).equals(readFileSync(path.join(actual, file)));
    return same ? [] : [`changed: ${file}`];
  });
}
