import type { BackupManifest, LedgerEntry } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import type { ExitCode } from '../../../lib/runner/exit-code';
import { encodeLedgerEntry, encodeManifest } from '../../../lib/runner/manifest';
import type { StoredManifest } from '../../../lib/runner/manifest';
import { ledgerKey } from '../../../lib/runner/object-key';
import type { VerifyFinding } from '../../../lib/runner/verify';
import { manifestOf } from '../manifests';
import type { MemoryStore } from '../memory-store';
import { PATH, dataOf, ledgerKeyOf, manifestKeyOf, must } from './world';
import type { RestoreWorld, WorldOptions } from './world';

/** Kinds of damage, each done to one store with two chains of backups over five days. */

export interface Damage extends WorldOptions {
  /** Done to a store after its backups were verified. */
  readonly damage?: (world: RestoreWorld) => void | Promise<void>;
  /** Day of the look. @default 5 */
  readonly day?: number;
  /** What the verifier calls it, among other things. */
  readonly finds: VerifyFinding['kind'];
  readonly verifies?: ExitCode;
}

export interface Refused extends Damage {
  readonly cause: string | RegExp;
  /** Day of the nearest point. */
  readonly nearest: number;
}

export interface Seen extends Damage {
  /** Day that is restored. */
  readonly restores: number;
  readonly warns: string | RegExp;
}

const flipped = (bytes: Buffer): Buffer => {
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  return bytes;
};
export const day = ({ backups }: RestoreWorld, number: number): StoredManifest => must(backups[number]);
const dataIn = (world: RestoreWorld, number: number) => dataOf(world.a, day(world, number));
export const first = (world: RestoreWorld, number: number) => must(dataIn(world, number)[0]);
export const gone = async (store: MemoryStore, key: string) => store.remove(key, (await store.head(key))?.version);
const entryOf = ({ a }: RestoreWorld, stored: StoredManifest) =>
  JSON.parse(a.bytesOf(ledgerKeyOf(stored)).toString()) as LedgerEntry;
const rewrite = (world: RestoreWorld, stored: StoredManifest, change: (entry: LedgerEntry) => object) =>
  world.a.spoil(ledgerKeyOf(stored), () =>
    Buffer.from(JSON.stringify({ ...entryOf(world, stored), ...change(entryOf(world, stored)) })),
  );
const parentOf = (manifest: BackupManifest, changes: Partial<NonNullable<BackupManifest['parent']>>) => ({
  parent: { ...must(manifest.parent ?? undefined), ...changes },
});

/** A published and verified manifest of somebody's making. */
async function plant(
  world: RestoreWorld,
  manifest: BackupManifest,
  as: { readonly key?: string; readonly objects?: LedgerEntry['objects'] } = {},
) {
  const stored = encodeManifest(manifest);
  const key = as.key ?? manifestKeyOf(stored);
  await world.a.create(key, stored.bytes, {});
  const bytes = stored.bytes.length;
  const version = must((await world.a.head(key))?.version);
  const entry = {
    version: 1,
    store: 'a',
    manifestKey: key,
    manifestSha256: stored.sha256,
    manifest: stored.bytes.toString(),
  } as const;
  const objects = [{ key, bytes, version }, ...(as.objects ?? [])];
  const full: LedgerEntry = { ...entry, verifiedAt: '2026-11-26T03:00:00Z', method: 'head', objects };
  await world.a.create(ledgerKey('test', key), encodeLedgerEntry(full), {});
}

export const REFUSED: Readonly<Record<string, Refused>> = {
  'a store that missed the full': {
    missed: { a: [2] },
    finds: 'hole',
    verifies: EXIT.degraded,
    cause: '20261124T021500Z-full, which it needs, is not verified here',
    nearest: 1,
  },
  'a store that missed an increment in the middle': {
    missed: { a: [3] },
    finds: 'hole',
    verifies: EXIT.degraded,
    cause: '20261125T021500Z-incremental, which it needs, is not verified here',
    nearest: 2,
  },
  'data of an increment in the middle gone': {
    damage: (w) => gone(w.a, first(w, 3)),
    finds: 'missing',
    cause: 'was verified once and is gone',
    nearest: 2,
  },
  'an increment in the middle gone without a trace, ledger and all': {
    damage: async (w) => {
      for (const key of [...dataIn(w, 3), manifestKeyOf(day(w, 3)), ledgerKeyOf(day(w, 3))]) await gone(w.a, key);
    },
    finds: 'hole',
    verifies: EXIT.degraded,
    cause: 'is not verified here',
    nearest: 2,
  },
  'one part of a full gone': {
    damage: (w) => gone(w.a, must(dataIn(w, 2).at(-1))),
    finds: 'missing',
    cause: 'is gone',
    nearest: 1,
  },
  'all data of a full gone': {
    damage: async (w) => {
      for (const key of dataIn(w, 2)) await gone(w.a, key);
    },
    finds: 'missing',
    cause: '20261124T021500Z-full, which it needs',
    nearest: 1,
  },
  'the last part of the newest gone': {
    damage: (w) => gone(w.a, must(dataIn(w, 4).at(-1))),
    finds: 'missing',
    cause: 'is gone',
    nearest: 3,
  },
  'the manifest of the newest gone, its ledger entry left': {
    damage: (w) => gone(w.a, manifestKeyOf(day(w, 4))),
    finds: 'missing',
    cause: '.manifest.json was verified once and is gone',
    nearest: 3,
  },
  'a truncated object': {
    damage: (w) => w.a.spoil(first(w, 4), (bytes) => bytes.subarray(0, -1)),
    finds: 'size',
    cause: /has \d+ bytes and had \d+ when it was verified/,
    nearest: 3,
  },
  'an object with something after its end': {
    damage: (w) => w.a.spoil(must(dataIn(w, 3).at(-1)), (bytes) => Buffer.concat([bytes, bytes])),
    finds: 'size',
    cause: /has \d+ bytes and had/,
    nearest: 2,
  },
  'an emptied object': {
    damage: (w) => w.a.spoil(first(w, 2), () => Buffer.alloc(0)),
    finds: 'size',
    cause: 'has 0 bytes and had 5000',
    nearest: 1,
  },
  'a flipped bit in the newest': {
    damage: (w) => w.a.spoil(first(w, 4), flipped),
    finds: 'checksum',
    cause: 'its bytes are not those that were stored',
    nearest: 3,
  },
  'a flipped bit in an increment in the middle, compressed': {
    damage: (w) => w.a.spoil(first(w, 3), flipped),
    finds: 'checksum',
    cause: 'its bytes are not those that were stored',
    nearest: 2,
  },
  'a flipped bit in the last part of a full': {
    damage: (w) => w.a.spoil(must(dataIn(w, 2).at(-1)), flipped),
    finds: 'checksum',
    cause: 'its bytes are not those that were stored',
    nearest: 1,
  },
  'a flipped bit that the store itself sees, and says in its list': {
    lists: 'checksums',
    damage: (w) => w.a.spoil(first(w, 4), flipped),
    finds: 'lost',
    cause: 'the store computes',
    nearest: 3,
  },
  'a flipped bit in the ledger': {
    damage: (w) =>
      w.a.spoil(ledgerKeyOf(day(w, 4)), (bytes) => Buffer.from(bytes.toString().replace('"objects"', '"obkects"'))),
    finds: 'unreadable',
    cause: "its entry in the ledger can't be read",
    nearest: 3,
  },
  "a flipped bit in the ledger's copy of a manifest": {
    damage: (w) =>
      rewrite(w, day(w, 4), ({ manifest }) => ({
        manifest: manifest.replace('2026-11-26T02:15:00.000Z', '2026-11-26T02:15:00.001Z'),
      })),
    finds: 'unreadable',
    cause: 'holds another manifest than its hash says',
    nearest: 3,
  },
  'a ledger entry that is cut off': {
    damage: (w) => w.a.spoil(ledgerKeyOf(day(w, 4)), (bytes) => bytes.subarray(0, 200)),
    finds: 'unreadable',
    cause: "its entry in the ledger can't be read",
    nearest: 3,
  },
  'a ledger entry that lacks an object': {
    damage: (w) => rewrite(w, day(w, 4), ({ objects }) => ({ objects: objects.slice(0, -1) })),
    finds: 'lost',
    cause: 'the ledger does not name all objects of stream files',
    nearest: 3,
  },
  'a ledger entry of a newer program': {
    damage: (w) => rewrite(w, day(w, 4), () => ({ version: 2 })),
    finds: 'unreadable',
    cause: 'which a newer program wrote',
    nearest: 3,
  },
  'a ledger entry under the name of another one': {
    damage: (w) => w.a.spoil(ledgerKeyOf(day(w, 4)), () => w.a.bytesOf(ledgerKeyOf(day(w, 3)))),
    finds: 'lost',
    cause: 'its entry in the ledger is about data/test/20261125T021500Z-incremental',
    nearest: 3,
  },
  'two parts of a backup swapped': {
    damage: (w) => {
      const [one = '', other = ''] = dataIn(w, 2).filter((key) => w.a.bytesOf(key).length === 5000);
      const bytes = Buffer.from(w.a.bytesOf(one));
      w.a.spoil(one, () => Buffer.from(w.a.bytesOf(other)));
      w.a.spoil(other, () => bytes);
    },
    finds: 'checksum',
    cause: 'its bytes are not those that were stored',
    nearest: 1,
  },
  'a part that another backup’s lies in place of': {
    damage: (w) => w.a.spoil(first(w, 2), () => Buffer.from(w.a.bytesOf(first(w, 0)))),
    finds: 'checksum',
    cause: 'its bytes are not those',
    nearest: 1,
  },
  'a parent by a hash that nobody has': {
    change: (n, m) => (n === 4 ? parentOf(m, { sha256: 'f'.repeat(64) }) : {}),
    finds: 'hole',
    cause: 'is another one here than the one that it follows',
    nearest: 3,
  },
  'a parent whose name contradicts its hash': {
    change: (n, m) => (n === 4 ? parentOf(m, { slot: '20261122T021500Z' }) : {}),
    finds: 'crossed',
    cause: 'it names 20261122T021500Z as its parent',
    nearest: 3,
  },
  'an increment that follows nothing': {
    change: (n) => (n === 4 ? { parent: null } : {}),
    finds: 'hole',
    verifies: EXIT.damaged,
    cause: 'it follows nothing, although it is no full',
    nearest: 3,
  },
  'an increment of a chain whose full left no state': {
    change: (n) => (n === 2 ? { source: { identity: {}, position: {} } } : {}),
    finds: 'crossed',
    cause: 'left no state of tar',
    nearest: 2,
  },
  'an increment before its parent in time': {
    change: (n) => (n === 4 ? { pointInTime: '2026-11-24T20:00:00Z' } : {}),
    finds: 'crossed',
    cause: 'before its parent',
    nearest: 3,
  },
  'a manifest of another task, entered into this ledger': {
    damage: (w) => plant(w, { ...manifestOf(4.5, 'full', 30).manifest, task: 'other' }),
    finds: 'lost',
    cause: 'its manifest is of task other',
    nearest: 4,
  },
  'a manifest of another engine, entered into this ledger': {
    damage: (w) => plant(w, { ...manifestOf(4.5, 'full', 30).manifest, engine: 'postgresql' }),
    finds: 'lost',
    cause: 'its manifest is of postgresql, and the task of files',
    nearest: 4,
  },
  'a manifest under the name of a newer slot, entered into the ledger': {
    damage: (w) => plant(w, day(w, 0).manifest, { key: `${PATH}20261126T141500Z-full.manifest.json` }),
    finds: 'lost',
    cause: 'its manifest is of 20261122T021500Z-full',
    nearest: 4,
  },
  'bytes that were stored wrongly, and unpack to something else': {
    change: (n, m) => (n === 4 ? { streams: m.streams.map((one) => ({ ...one, sha256: 'e'.repeat(64) })) } : {}),
    finds: 'checksum',
    cause: 'it unpacks to other bytes than the engine wrote',
    nearest: 3,
  },
  'bytes that were stored as compressed, and are not': {
    change: (n, m) => (n === 4 ? { streams: m.streams.map((one) => ({ ...one, compression: 'gzip' as const })) } : {}),
    finds: 'checksum',
    cause: 'it can not be unpacked',
    nearest: 3,
  },
  'a stream that unpacks to more than was read of the source': {
    change: (n, m) => (n === 4 ? { streams: m.streams.map((one) => ({ ...one, bytes: one.bytes - 1 })) } : {}),
    finds: 'checksum',
    cause: 'it unpacks to more than',
    nearest: 3,
  },
  'without versions: an object written over': {
    versions: 'none',
    damage: (w) => w.a.spoil(first(w, 4), (bytes) => Buffer.alloc(bytes.length, 7)),
    finds: 'checksum',
    cause: 'its bytes are not those that were stored',
    nearest: 3,
  },
  'without versions: an object deleted': {
    versions: 'none',
    damage: (w) => w.a.remove(first(w, 4), undefined),
    finds: 'missing',
    cause: 'is gone',
    nearest: 3,
  },
};

export const SEEN: Readonly<Record<string, Seen>> = {
  'a delete marker over data': {
    damage: (w) => w.a.remove(first(w, 4), undefined),
    finds: 'tampered',
    restores: 4,
    warns: 'a delete marker lies over it',
  },
  'a delete marker over a manifest': {
    damage: (w) => w.a.remove(manifestKeyOf(day(w, 4)), undefined),
    finds: 'tampered',
    restores: 4,
    warns: 'a delete marker lies over it',
  },
  'a delete marker over a ledger entry': {
    damage: (w) => w.a.remove(ledgerKeyOf(day(w, 4)), undefined),
    finds: 'tampered',
    restores: 4,
    warns: 'an entry of the ledger was written or deleted again',
  },
  'a later version of data': {
    damage: (w) => w.a.overwrite(first(w, 2), Buffer.alloc(5000, 7)),
    finds: 'tampered',
    restores: 4,
    warns: 'a later version lies over it',
  },
  'a later version of a manifest': {
    damage: (w) => w.a.overwrite(manifestKeyOf(day(w, 4)), day(w, 0).bytes),
    finds: 'tampered',
    restores: 4,
    warns: 'a later version lies over it',
  },
  'a later version of a ledger entry': {
    damage: (w) => w.a.overwrite(ledgerKeyOf(day(w, 4)), w.a.bytesOf(ledgerKeyOf(day(w, 0)))),
    finds: 'tampered',
    restores: 4,
    warns: 'an entry of the ledger was written or deleted again',
  },
  'every version of everything deleted by a marker': {
    damage: async (w) => {
      for (const key of w.a.keys) await w.a.remove(key, undefined);
    },
    finds: 'tampered',
    restores: 4,
    warns: /and \d+ more: restorable names all of them/,
  },
  'a flipped bit in a manifest, whose bytes the ledger has': {
    damage: (w) => w.a.spoil(manifestKeyOf(day(w, 4)), flipped),
    finds: 'checksum',
    restores: 4,
    warns: 'is not what was verified',
  },
  'a manifest from the future': {
    damage: (w) => plant(w, manifestOf(300, 'full', 30).manifest),
    finds: 'tampered',
    restores: 4,
    warns: 'is from the future by its own words',
  },
  'a stale newest backup': {
    day: 20,
    finds: 'stale',
    verifies: EXIT.degraded,
    restores: 4,
    warns: 'the newest full is',
  },
  'a manifest without an object, which nobody verifies': {
    damage: (w) =>
      w.a
        .create(`${PATH}20261126T141500Z-full.manifest.json`, manifestOf(4.5, 'full', 30).bytes, {})
        .then(() => undefined),
    finds: 'missing',
    restores: 4,
    warns: 'is newer and was never verified',
  },
};
