import { EngineError } from './engine/engine';

type Meaning = Pick<EngineError, 'kind' | 'fix'>;

const ROOM: Meaning = { kind: 'source', fix: 'make room in the folder for state and scratch files' };
const RIGHTS: Meaning = { kind: 'config', fix: 'let the runner write to its folder for state and scratch files' };
const PASSING: Meaning = { kind: 'retry', fix: '' };

/** https://man7.org/linux/man-pages/man3/errno.3.html */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  ENOSPC: ROOM,
  EDQUOT: ROOM,
  EFBIG: ROOM,
  EROFS: RIGHTS,
  EACCES: RIGHTS,
  EPERM: RIGHTS,
  EIO: PASSING,
  ESTALE: PASSING,
  EMFILE: PASSING,
  ENFILE: PASSING,
};

/** What the host's own files can do to a run, as an EngineError; `undefined` for anything else, which is a bug. */
export function hostError(error: unknown): EngineError | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  const meaning = code === undefined ? undefined : MEANINGS[code];
  return meaning && new EngineError(meaning.kind, `a file of this host: ${message}`, meaning.fix, { cause: error });
}
