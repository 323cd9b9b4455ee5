import type { BackupType } from '../contract';

/** Where the objects of one attempt of a run lie, relative to the store. */
export interface RunKeys {
  /** Folder of the data, without a final slash; the attempt makes it this attempt's own. */
  readonly data: string;
  /** The commit point: without this object nothing else exists. */
  readonly manifest: string;
}

export function runKeys(path: string, slot: string, type: BackupType, attempt: string): RunKeys {
  return { data: `${path}${slot}-${type}-${attempt}`, manifest: `${path}${slot}-${type}.manifest.json` };
}

const MANIFEST = /(?:^|\/)(\d{8}T\d{6}Z)-(full|incremental|differential|log)\.manifest\.json$/;

/** Slot and type of a manifest's key; `undefined` for other objects. */
export function readManifestKey(key: string): { readonly slot: string; readonly type: BackupType } | undefined {
  const match = MANIFEST.exec(key);
  return match ? { slot: match[1] ?? '', type: match[2] as BackupType } : undefined;
}

const DATA = /^((?:.*\/)?(\d{8}T\d{6}Z)-(full|incremental|differential|log))-([0-9a-f]{16})\/(.+)$/;

/** What a data object's key says. */
export interface DataKey {
  /** The key of the backup's manifest, without its ending. */
  readonly run: string;
  readonly slot: string;
  readonly type: BackupType;
  /** The writer's attempt, or a copier's own. */
  readonly attempt: string;
  readonly segment: string;
}

/** Parts of a data object's key; `undefined` for other objects. */
export function readDataKey(key: string): DataKey | undefined {
  const match = DATA.exec(key);
  if (!match) return undefined;
  const [, run = '', slot = '', type, attempt = '', segment = ''] = match;
  return { run, slot, type: type as BackupType, attempt, segment };
}

/** A file of a folder that is being written, or that a crash left so: no object, and nothing refers to it. */
export function isUnfinished(key: string): boolean {
  return /(?:^|\/)\.[^/]*\.unfinished$/.test(key);
}

/** The key of a manifest without its ending, with which the folders of its data begin. */
export function runOf(manifestKey: string): string {
  return manifestKey.replace(/\.manifest\.json$/, '');
}

/** Folder of a data object's key, as `RunKeys.data` writes it, for a manifest's key and attempt. */
export function dataFolder(manifestKey: string, attempt: string): string {
  return `${runOf(manifestKey)}-${attempt}`;
}

/**
 * The fixed beginning of a path with placeholders: what is listed to find its objects, and what a writer may list. Years
 * begin with 2, and that keeps the protocol's own names at the root out of a path that starts with one.
 */
export function listPrefix(path: string): string {
  if (path.startsWith('{year}')) return '2';
  return path.slice(0, /\{|$/.exec(path)?.index ?? path.length);
}

/**
 * The verifier's ledger of a data set under a path, at the root of its store and denied to every writer. One bucket may
 * hold a data set under two paths, and each has its own.
 */
export function ledgerPrefix(task: string, path: string): string {
  return `_verified/${task}/${listPrefix(path)}`;
}

export function ledgerKey(task: string, manifestKey: string): string {
  return `_verified/${task}/${manifestKey}`;
}

/**
 * The verifier's words on full re-reads of a place: under its ledger, where it alone may create and whoever reads ages
 * may read. No path of data begins with `_`, so that no entry of the ledger has such a name.
 */
export function fullReadPrefix(task: string, store: string): string {
  return `_verified/${task}/_full-read/${store}/`;
}

export function fullReadKey(task: string, store: string, slot: string, random: string): string {
  return `${fullReadPrefix(task, store)}${slot}-${random}.json`;
}

/** Whether a key below `_verified/` is no entry of the ledger, but speaks of a full re-read. */
export function isFullRead(key: string): boolean {
  return /^_verified\/[^/]+\/_full-read\//.test(key);
}

/** What the name of a record says; what it holds is signed, and its name is not. */
export interface RecordName {
  /** The planned start of what is recorded. */
  readonly slot: string;
  readonly kind: 'test-restore' | 'drill';
  /** Hex. */
  readonly random: string;
}

/** The records of a data set's restores, at the root of their store and denied to every writer. */
export function recordPrefix(task: string): string {
  return `_records/${task}/`;
}

export function recordKey(task: string, { slot, kind, random }: RecordName): string {
  return `${recordPrefix(task)}${slot}-${kind}-${random}.json`;
}

const RECORD = /\/(\d{8}T\d{6}Z)-(test-restore|drill)-([0-9a-f]+)\.json$/;

/** Parts of a record's key; `undefined` for other objects. */
export function readRecordKey(key: string): RecordName | undefined {
  const match = RECORD.exec(key);
  return match ? { slot: match[1] ?? '', kind: match[2] as RecordName['kind'], random: match[3] ?? '' } : undefined;
}
