import { StoreError } from './store';

type Kind = StoreError['kind'];

/** https://man7.org/linux/man-pages/man3/errno.3.html */
const KINDS: Readonly<Record<string, Kind>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EFBIG: 'full',
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'denied',
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  EEXIST: 'foreign',
  ELOOP: 'refused',
  EIO: 'retry',
  ESTALE: 'retry',
  ETIMEDOUT: 'retry',
  EMFILE: 'retry',
  ENFILE: 'retry',
};

const WORDS: Readonly<Partial<Record<Kind, string>>> = {
  full: 'the disk is full',
  denied: 'not allowed',
  missing: 'not there',
  foreign: 'the name is taken',
};

/** A file system's refusal as a StoreError; anything else is a bug and stays what it is. */
export function localError(error: unknown, where: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof StoreError || code === undefined) return error;
  const kind = KINDS[code] ?? 'refused';
  return new StoreError(kind, `${where}: ${WORDS[kind] ?? 'the file system refuses'} (${code})`, { cause: error });
}

/** Runs work on files so that its failures are StoreErrors. */
export async function onDisk<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw localError(error, where);
  }
}

export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

export function isDenied(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM';
}
