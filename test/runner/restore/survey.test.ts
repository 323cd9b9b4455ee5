import type { BackupManifest, LedgerEntry } from '../../../lib/contract';
import { encodeLedgerEntry, encodeManifest } from '../../../lib/runner/manifest';
import type { StoredManifest } from '../../../lib/runner/manifest';
import { ledgerKey, runKeys } from '../../../lib/runner/object-key';
import { brokenLink } from '../../../lib/runner/restore/link';
import { pointsOf } from '../../../lib/runner/restore/point';
import { surveyPlace } from '../../../lib/runner/restore/survey';
import { DAY, START, manifestOf } from '../manifests';
import { MemoryStore } from '../memory-store';
import { PATH, must, task } from './world';

/** Each refusal by itself, of backups that are made by hand: what is wrong with one is said of it, and of what needs it. */

let store: MemoryStore;
let clock: number;
beforeEach(() => {
  clock = START;
  store = new MemoryStore({ id: 'local', now: () => new Date((clock += 1000)) });
});

interface Planted {
  readonly key?: string;
  readonly objects?: (objects: LedgerEntry['objects']) => LedgerEntry['objects'];
}

const keysOf = ({ manifest: { slot, type, attempt } }: StoredManifest) => runKeys(PATH, slot, type, attempt);
const dataOf = (stored: StoredManifest) => `${keysOf(stored).data}/files.0001`;
const ledgerOf = (stored: StoredManifest) => ledgerKey('test', keysOf(stored).manifest);

/** A backup as a writer and a verifier leave it. */
async function plant(stored: StoredManifest, { key, objects = (all) => all }: Planted = {}): Promise<void> {
  await store.create(dataOf(stored), Buffer.alloc(0), {});
  const own = keysOf(stored).manifest;
  await store.create(own, stored.bytes, {});
  const kept = await Promise.all(
    [dataOf(stored), own].map(async (name) => {
      const { bytes, version, checksum } = must(await store.head(name));
      return {
        key: name,
        bytes,
        ...(version !== undefined && { version }),
        ...(checksum !== undefined && { checksum }),
      };
    }),
  );
  const entry: LedgerEntry = {
    ...{ version: 1, store: 'local', manifestKey: own, manifestSha256: stored.sha256 },
    ...{ manifest: stored.bytes.toString(), verifiedAt: '2026-11-23T03:00:00Z', method: 'head' },
    objects: objects(kept),
  };
  await store.create(ledgerKey('test', key ?? own), encodeLedgerEntry(entry), {});
}

const survey = () => surveyPlace({ store, path: PATH }, task, new Date(START + 5 * DAY));
async function found() {
  const seen = await survey();
  const { points, broken } = pointsOf([seen]);
  return {
    points: points.length,
    broken: broken.map(({ why }) => why),
    suspected: seen.suspected.map(({ why }) => why),
  };
}

const state = { source: { identity: {}, position: { tar_state: 'state' } } };
const full = manifestOf(0, 'full', 30, undefined, state);
const next = manifestOf(1, 'incremental', 30, full, state);
const changed = (changes: Partial<BackupManifest>, stored = full) => encodeManifest({ ...stored.manifest, ...changes });

test('what was verified and lies there is a point', async () => {
  await plant(full);
  await plant(next);
  expect(await found()).toEqual({ points: 2, broken: [], suspected: [] });
});

test.each<[string, StoredManifest, Planted, string]>([
  ['moved to another name', full, { key: keysOf(next).manifest }, 'its entry in the ledger is about'],
  ['of another data set', changed({ task: 'other' }), {}, 'its manifest is of task other'],
  ['of another engine', changed({ engine: 'postgresql' }), {}, 'its manifest is of postgresql'],
  [
    'without all its objects in the ledger',
    full,
    { objects: ([, manifest]) => [must(manifest)] },
    'the ledger does not name all objects of stream files',
  ],
  [
    'of another size than was verified',
    full,
    { objects: ([data, manifest]) => [{ ...must(data), bytes: 7 }, must(manifest)] },
    'has 0 bytes and had 7 when it was verified',
  ],
  [
    'of another checksum than was verified',
    full,
    { objects: ([data, manifest]) => [{ ...must(data), checksum: 'another' }, must(manifest)] },
    'and computed another when it was verified',
  ],
  [
    'in another version than was verified',
    full,
    { objects: ([data, manifest]) => [{ ...must(data), version: 'another' }, must(manifest)] },
    'was verified once and is gone',
  ],
])('a backup %s is none', async (_, stored, how, why) => {
  await plant(stored, how);
  const { points, broken } = await found();
  expect([points, broken]).toEqual([0, [expect.stringContaining(why)]]);
});

test.each<[string, Partial<BackupManifest>]>([
  ['slot', { slot: '20261101T021500Z' }],
  ['type', { type: 'differential', for: ['differential'] }],
])('a manifest under the name of another %s is none', async (_, changes) => {
  const other = changed(changes);
  // The names are those of the full, and so is what the entry says of itself.
  const { manifest } = keysOf(full);
  await store.create(manifest, other.bytes, {});
  const entry: LedgerEntry = {
    ...{ version: 1, store: 'local', manifestKey: manifest, manifestSha256: other.sha256 },
    ...{ manifest: other.bytes.toString(), verifiedAt: '2026-11-23T03:00:00Z', method: 'head', objects: [] },
  };
  await store.create(ledgerOf(full), encodeLedgerEntry(entry), {});
  const { points, broken } = await found();
  expect([points, broken]).toEqual([0, [expect.stringContaining('its manifest is of ')]]);
});

test('a backup that is from the future by its own words is named', async () => {
  await plant(manifestOf(9, 'full', 30));
  expect((await found()).suspected).toEqual([expect.stringContaining('from the future')]);
});

test('the first version of an entry counts, in whatever order a store lists them', async () => {
  await plant(full);
  for (const forged of ['forged', 'forged again']) store.overwrite(ledgerOf(full), Buffer.from(forged));
  const list = store.list.bind(store);
  jest.spyOn(store, 'list').mockImplementation(async function* (...asked) {
    const all = [];
    for await (const one of list(...asked)) all.push(one);
    yield* [...all].reverse();
  });
  const forwards = await found();
  jest.spyOn(store, 'list').mockImplementation(async function* (...asked) {
    const all = [];
    for await (const one of list(...asked)) all.push(one);
    yield* all;
  });
  for (const one of [forwards, await found()]) {
    expect([one.points, one.broken]).toEqual([1, []]);
    expect(one.suspected).toContainEqual(expect.stringContaining('written or deleted again'));
  }
});

test('an object that is a delete marker by now is gone', async () => {
  await plant(full, {
    objects: ([data, manifest]) => [{ ...must(data), version: 'marker' }, must(manifest)],
  });
  const list = store.list.bind(store);
  jest.spyOn(store, 'list').mockImplementation(async function* (...asked) {
    for await (const one of list(...asked))
      yield one.key === dataOf(full) ? { ...one, version: 'marker', deleteMarker: true } : one;
  });
  expect((await found()).broken).toEqual([expect.stringContaining('is gone')]);
});

describe('a chain', () => {
  test('that begins with no full is none', async () => {
    await plant(changed({ parent: null }, next));
    expect((await found()).broken).toEqual(['it follows nothing, although it is no full']);
  });

  test('whose links are broken is none', async () => {
    const late = changed({ pointInTime: '2026-11-30T00:00:00Z' });
    await plant(late);
    await plant(manifestOf(1, 'incremental', 30, late, state));
    const { points, broken } = await found();
    expect([points, broken]).toEqual([1, [expect.stringContaining('before its parent')]]);
  });

  test('names the slot and the type that its hash is of', () => {
    const parent = must(next.manifest.parent ?? undefined);
    for (const other of [{ slot: '20261101T021500Z' }, { type: 'differential' as const }])
      expect(brokenLink(full.manifest, { ...next.manifest, parent: { ...parent, ...other } })).toContain(
        'the hash beside that is of',
      );
  });

  test('of files follows a state of tar only', () => {
    const bare = manifestOf(0, 'full', 30);
    expect(brokenLink(bare.manifest, manifestOf(1, 'incremental', 30, bare, state).manifest)).toContain(
      'left no state of tar',
    );
  });

  test('of MySQL is looked at as one of MariaDB is', () => {
    const mysql = manifestOf(0, 'full', 30, undefined, {
      engine: 'mysql',
      source: { identity: { id: '1' }, position: {} },
    });
    const log = manifestOf(1, 'log', 30, mysql, { engine: 'mysql', source: { identity: { id: '2' }, position: {} } });
    expect(brokenLink(mysql.manifest, log.manifest)).toContain('it is of another server');
  });
});
