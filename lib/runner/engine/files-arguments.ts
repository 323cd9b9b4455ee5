import path from 'node:path';
import type { TaskManifest } from '../../contract';
import type { FileRoot } from './files-roots';

export type FileSource = Extract<TaskManifest['source'], { kind: 'files' }>;

export interface TarOf {
  readonly source: FileSource;
  readonly roots: readonly FileRoot[];
  /** tar's snapshot file: absent for a full, a copy of the parent's for what follows it; tar writes the new state there. */
  readonly state: string;
  /** Folders of the runner's own that may lie below a root. */
  readonly ownFolders: readonly string[];
}

/**
 * Blocks of 512 bytes that tar reads of a file and writes to its output at a time: nearly the 64 KiB in which a pipe is
 * read. Its own 20 blocks cost a tenth of a backup's processor time in calls. A multiple of those 20, so that the counter
 * can cut the archive where tar would have ended it.
 */
const RECORD_BLOCKS = 120;

/**
 * Arguments of GNU tar (https://www.gnu.org/software/tar/manual/). `--wildcards` must not be among them: said
 * outright, it makes tar 1.34 leave every folder out of a listed-incremental archive, and with the folders the
 * knowledge of what was deleted. Exclusions match with wildcards anyway.
 */
export function tarArguments({ source, roots, state, ownFolders }: TarOf): readonly string[] {
  return [
    '--create',
    '--file=-',
    '--format=posix',
    `--blocking-factor=${RECORD_BLOCKS}`,
    '--directory=/',
    `--listed-incremental=${state}`,
    '--sparse',
    '--numeric-owner',
    '--quoting-style=escape',
    ...(source.permissions
      ? ['--acls', '--xattrs', '--xattrs-include=*']
      : ['--no-acls', '--no-xattrs', '--mode=u=rwX,go=rX']),
    ...(source.ownership ? [] : ['--owner=0', '--group=0']),
    '--anchored',
    ...exclusions(source, roots, ownFolders).map((pattern) => `--exclude=${pattern}`),
    '--',
    ...roots.map(({ member }) => member),
  ];
}

/**
 * Patterns below each root, at any depth, and never the root itself: `--exclude=.*` with `.` stores nothing and
 * returns 0. A pattern that begins with a slash is a path on the host.
 */
export function exclusions(
  source: FileSource,
  roots: readonly FileRoot[],
  ownFolders: readonly string[],
): readonly string[] {
  const patterns = [
    ...(source.hidden ? [] : ['.*']),
    ...source.exclude.map((one) => (one.length > 1 ? one.replace(/\/+$/, '') : one)),
  ];
  const floating = patterns.filter((one) => !one.startsWith('/'));
  const absolute = patterns.filter((one) => one.startsWith('/')).map((one) => one.slice(1));
  const below = roots.flatMap(({ member }) => {
    const root = escapePattern(member);
    return floating.flatMap((pattern) => [`${root}/${pattern}`, `${root}/*/${pattern}`]);
  });
  const own = ownFolders
    .filter((folder) => roots.some((root) => isBelow(folder, root.path)))
    .map((folder) => escapePattern(folder.slice(1)));
  return [...below, ...absolute.filter((one) => one !== ''), ...own];
}

/** Whether a folder lies below a root, or is it. */
export function isBelow(folder: string, root: string): boolean {
  const relative = path.relative(root, folder);
  return relative === '' || (relative !== '..' && !relative.startsWith('../'));
}

function escapePattern(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}
