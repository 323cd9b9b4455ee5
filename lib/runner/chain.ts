import type { BackupManifest, BackupType } from '../contract';
import type { StoredManifest } from './manifest';

/** All that one store knows of a data set, oldest first: manifests that were read, by their hash. */
export type History = readonly StoredManifest[];

/** A manifest with everything that a restore of it needs before it, oldest first, itself last. */
export interface Chain {
  readonly members: History;
}

export function sortHistory(manifests: Iterable<StoredManifest>): History {
  return [...manifests].sort((a, b) => compareSlots(a.manifest, b.manifest));
}

function compareSlots(a: BackupManifest, b: BackupManifest): number {
  if (a.slot !== b.slot) return a.slot < b.slot ? -1 : 1;
  return ORDER.indexOf(a.type) - ORDER.indexOf(b.type);
}

const ORDER: readonly BackupType[] = ['full', 'differential', 'incremental', 'log'];

/** Follows parents by their hashes, never by names; `undefined` where a member is missing or parents run in a circle. */
export function chainOf(history: History, last: StoredManifest): Chain | undefined {
  const byHash = new Map(history.map((one) => [one.sha256, one]));
  const members: StoredManifest[] = [];
  const seen = new Set<string>();
  for (let at: StoredManifest | undefined = last; ;) {
    if (!at || seen.has(at.sha256)) return undefined;
    seen.add(at.sha256);
    members.unshift(at);
    const { parent, type } = at.manifest;
    if (parent === null) return type === 'full' ? { members } : undefined;
    at = byHash.get(parent.sha256);
  }
}

/**
 * The manifest that a new run of a type follows: a differential the newest full, an increment the newest data backup,
 * a log the newest log or full. Degraded ones may be followed; they are never the newest good one.
 */
export function parentFor(type: BackupType, history: History): StoredManifest | undefined {
  const follows: Readonly<Record<BackupType, readonly BackupType[]>> = {
    full: [],
    differential: ['full'],
    incremental: ['full', 'incremental'],
    log: ['full', 'log'],
  };
  return [...history].reverse().find((one) => follows[type].includes(one.manifest.type));
}

/** The newest backup that can be restored and is whole; a degraded one only where nothing better is there. */
export function newestRestorable(history: History): Chain | undefined {
  const chains = [...history].reverse().flatMap((one) => {
    const chain = chainOf(history, one);
    return chain ? [chain] : [];
  });
  const whole = chains.find((chain) => chain.members.every((one) => one.manifest.degraded.length === 0));
  return whole ?? chains[0];
}

/**
 * When each member of a history may go: its own retention, and that of every later point which needs it. A point that
 * needs a member which is missing here holds the members that are there all the same.
 * @returns milliseconds since 1970, by the manifest's hash
 */
export function expiriesOf(history: History): ReadonlyMap<string, number> {
  const byHash = new Map(history.map((one) => [one.sha256, one]));
  const expiries = new Map(history.map((one) => [one.sha256, Date.parse(one.manifest.expiresAt)]));
  for (const point of history) {
    const needed = Date.parse(point.manifest.expiresAt);
    const seen = new Set<string>([point.sha256]);
    for (let at = parentOf(point, byHash); at && !seen.has(at.sha256); at = parentOf(at, byHash)) {
      seen.add(at.sha256);
      expiries.set(at.sha256, Math.max(expiries.get(at.sha256) ?? 0, needed));
    }
  }
  return expiries;
}

function parentOf(one: StoredManifest, byHash: ReadonlyMap<string, StoredManifest>): StoredManifest | undefined {
  const parent = one.manifest.parent;
  return parent ? byHash.get(parent.sha256) : undefined;
}
