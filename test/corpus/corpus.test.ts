import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BackupManifest } from '../../lib/contract';
import { chainOf, sortHistory } from '../../lib/runner/chain';
import { readLedger, readManifests } from '../../lib/runner/history';
import { decodeLedgerEntry, decodeManifest } from '../../lib/runner/manifest';
import { dataFolder } from '../../lib/runner/object-key';
import { placedBy } from '../../lib/runner/placement';
import { openLocal } from '../../lib/runner/store/open';
import type { Store } from '../../lib/runner/store/store';
import { IDENTITY_VARIABLE } from '../../lib/runner/stream/age';
import { readBack } from '../../lib/runner/stream/read-back';
import { verifyPlace } from '../../lib/runner/verify-place';
import { testMachine } from '../runner/test-machine';
import { testTask } from '../suites/runner/engine-machine';
import { IDENTITY_FILE, corpusSets } from './expected';
import type { CorpusSet } from './expected';

/** What every released version stored is read by the code of today: manifests, chains, streams, ledger. */

const sets = corpusSets();
const machine = testMachine({ PATH: process.env.PATH, [IDENTITY_VARIABLE]: IDENTITY_FILE });
// After the last backup of the corpus.
machine.advance(30 * 86_400);

test('the corpus holds this version and every format and encoding that it stores', () => {
  const { version } = JSON.parse(readFileSync(path.join(__dirname, '../../package.json'), 'utf8')) as {
    version: string;
  };
  const own = sets.filter((one) => one.name.startsWith(`${version} `));
  const streams = own.flatMap((one) => manifestsOf(one).flatMap((manifest) => manifest.streams));
  // SQL Server's are added with the release that has its engine.
  const formats = BackupManifest.shape.streams.unwrap().element.shape.format.options;
  expect(new Set(streams.map((one) => one.format))).toEqual(new Set(formats.filter((one) => one !== 'sqlserver')));
  const encodings = streams.flatMap(({ compression, encodings: list }) =>
    list.filter((one) => one.stores.includes('local')).map(({ encryption }) => `${compression} ${encryption}`),
  );
  for (const compression of ['none', 'gzip', 'zstd', 'internal'])
    expect(encodings.some((one) => one.startsWith(compression))).toBe(true);
  for (const encryption of ['age', 'none']) expect(encodings.some((one) => one.endsWith(encryption))).toBe(true);
  const segments = streams.flatMap((one) => one.encodings.map(({ segments: list }) => list.length));
  expect(segments.some((one) => one > 2)).toBe(true);
  expect(new Set(own.flatMap((one) => manifestsOf(one).map(({ type }) => type)))).toEqual(
    new Set(['full', 'incremental', 'differential', 'log']),
  );
});

/** Manifests as they were written, oldest first. */
function manifestsOf({ store, expected }: CorpusSet): readonly BackupManifest[] {
  return expected.points.map(
    ({ slot, type }) =>
      JSON.parse(readFileSync(path.join(store, `${slot}-${type}.manifest.json`), 'utf8')) as BackupManifest,
  );
}

describe.each(sets.map((one) => [one.name, one] as const))('%s', (_, set) => {
  const [{ engine } = { engine: 'postgresql' as const }] = manifestsOf(set);
  const task = testTask({ name: set.expected.task, engine });
  let store: Store;
  beforeAll(async () => (store = await openLocal(set.store, machine)));
  afterAll(() => store.close());

  const historyIn = async () => {
    const { manifests, unreadable } = await readManifests({ store, path: '' }, task.name);
    expect(unreadable).toEqual([]);
    return sortHistory(manifests.map((one) => one.stored));
  };

  test('every manifest is read, and its chain is complete', async () => {
    const history = await historyIn();
    expect(history.map(({ manifest: { slot, type } }) => `${slot} ${type}`)).toEqual(
      set.expected.points.map(({ slot, type }) => `${slot} ${type}`),
    );
    for (const one of history) expect(chainOf(history, one)?.members.at(-1)).toBe(one);
  });

  test('every stream reads back to what the engine wrote', async () => {
    const { entries } = await readLedger({ store, path: '' }, task.name);
    expect(entries).toHaveLength(set.expected.points.length);
    for (const { manifest, entry } of entries) {
      for (const stream of manifest.streams) {
        const folder = dataFolder(entry.manifestKey, manifest.attempt);
        // Its end is the proof: sizes and hashes of segments and stream agree.
        let bytes = 0;
        for await (const chunk of readBack(stream, store, { folder, placed: placedBy(entry), machine }))
          bytes += (chunk as Buffer).length;
        expect([stream.name, bytes]).toEqual([stream.name, stream.bytes]);
      }
    }
  });

  test('the ledger agrees with the manifests and with what lies there', async () => {
    const { entries, unreadable } = await readLedger({ store, path: '' }, task.name);
    expect(unreadable).toEqual([]);
    const history = await historyIn();
    expect(sortHistory(entries).map((one) => one.sha256)).toEqual(history.map((one) => one.sha256));
    const { verified, findings } = await verifyPlace({ store, path: '' }, task, machine);
    expect(findings).toEqual([]);
    expect(verified.map((one) => one.already)).toEqual(history.map(() => true));
  });

  test('is verified anew, by the code of today, where nobody verified it', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'corpus-'));
    try {
      cpSync(set.store, folder, { recursive: true });
      rmSync(path.join(folder, '_verified'), { recursive: true });
      const place = { store: await openLocal(folder, machine), path: '' };
      const { verified, findings } = await verifyPlace(place, task, machine);
      expect(findings).toEqual([]);
      expect(verified.map((one) => one.already)).toEqual(set.expected.points.map(() => false));
      // One byte more or less is seen.
      const [segment] = (await readLedger(place, task.name)).entries.flatMap(({ entry }) => entry.objects.slice(1));
      writeFileSync(path.join(folder, segment?.key ?? ''), 'x', { flag: 'a' });
      const again = await verifyPlace(place, task, machine);
      expect(again.findings.map(({ key, kind }) => [key, kind])).toEqual([[segment?.key, 'size']]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a version of the future is refused, and said to be one', () => {
    for (const { slot, type } of set.expected.points) {
      const name = `${slot}-${type}.manifest.json`;
      const newer = (file: string, version: number) => {
        const text = readFileSync(path.join(set.store, file), 'utf8');
        return Buffer.from(text.replace('"version": 1,', `"version": ${version},`));
      };
      expect(decodeManifest(newer(name, 1))).not.toHaveProperty('why');
      expect(decodeManifest(newer(name, 2))).toEqual({ why: 'manifest of version 2, which a newer program wrote' });
      const entry = `_verified/${task.name}/${name}`;
      expect(decodeLedgerEntry(newer(entry, 1))).not.toHaveProperty('why');
      expect(decodeLedgerEntry(newer(entry, 2))).toEqual({
        why: 'ledger entry of version 2, which a newer program wrote',
      });
    }
  });
});
