import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { BackupType } from '../../lib/contract';

/** A question to a restored database, and what the source answered when the backup was taken. */
export interface Answer {
  readonly database: string;
  readonly sql: string;
  readonly answer: string;
}

/** Something in a file set. Names and targets are bytes, written as latin1. */
export interface FileEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link';
  /** Octal. @default - a link has none of its own */
  readonly mode?: string;
  readonly sha256?: string;
  readonly target?: string;
  /** The name above that is another one of the same file. */
  readonly sameAs?: string;
}

interface Backup {
  readonly slot: string;
  readonly type: BackupType;
}

export interface DatabasePoint extends Backup {
  readonly kind: 'postgresql' | 'mariadb';
  readonly answers: readonly Answer[];
}

export interface FilesPoint extends Backup {
  readonly kind: 'files';
  readonly root: string;
  readonly entries: readonly FileEntry[];
}

/** What a restore of one backup has to bring back. */
export type Point = DatabasePoint | FilesPoint;

export interface Expected {
  readonly task: string;
  /** Oldest first. */
  readonly points: readonly Point[];
}

/** One data set as a released version stored it. */
export interface CorpusSet {
  /** `0.1.0 postgresql-custom`. */
  readonly name: string;
  /** The local store, with its ledger. */
  readonly store: string;
  readonly expected: Expected;
}

const RELEASED = path.join(__dirname, 'released');

/** Opens what is encrypted in every version: a test key. */
export const IDENTITY_FILE = path.join(__dirname, 'identity.txt');

export function corpusSets(): readonly CorpusSet[] {
  return foldersIn(RELEASED).flatMap((version) =>
    foldersIn(path.join(RELEASED, version)).map((set): CorpusSet => {
      const folder = path.join(RELEASED, version, set);
      const expected = JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')) as Expected;
      return { name: `${version} ${set}`, store: path.join(folder, 'store'), expected };
    }),
  );
}

function foldersIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}
