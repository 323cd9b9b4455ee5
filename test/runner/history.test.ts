import { historyOf, readLedger, readManifests } from '../../lib/runner/history';
import { listPlace } from '../../lib/runner/list';
import { encodeLedgerEntry } from '../../lib/runner/manifest';
import { freeze } from './freeze';
import { manifestOf } from './manifests';
import { MemoryStore } from './memory-store';

const full = manifestOf(0, 'full', 30);
const later = manifestOf(1, 'full', 30);
const others = manifestOf(0, 'full', 30, undefined, { task: 'other' });
const keyOf = ({ manifest: { slot, type } }: typeof full) => `${slot}-${type}.manifest.json`;

/** A folder of one data set: its ledger lies under the same root. */
async function folder() {
  const store = new MemoryStore();
  for (const one of [later, full]) {
    await store.create(keyOf(one), one.bytes, {});
    const entry = encodeLedgerEntry({
      version: 1,
      store: store.id,
      manifestKey: keyOf(one),
      manifestSha256: one.sha256,
      manifest: one.bytes.toString(),
      verifiedAt: one.manifest.endedAt,
      method: 'head',
      objects: [],
    });
    await store.create(`_verified/test/${keyOf(one)}`, entry, {});
  }
  await store.create('20261122T021500Z-full-0123456789abcdef/files.0001', Buffer.from('x'), {});
  return { store, path: '' };
}

test('manifests are what is published, and nothing of the ledger', async () => {
  const read = await readManifests(await folder(), 'test');
  expect(historyOf(read).map((one) => one.sha256)).toEqual([full.sha256, later.sha256]);
  expect(read.unreadable).toEqual([]);
  expect(read.objects).toHaveLength(3);
});

test("another task's manifests are not this one's, and what is none is told of", async () => {
  const place = await folder();
  await place.store.create('others/20261122T021500Z-full.manifest.json', others.bytes, {});
  await place.store.create('20261130T021500Z-full.manifest.json', Buffer.from('{}'), {});
  const { manifests, unreadable } = await readManifests(place, 'test');
  expect(manifests).toHaveLength(2);
  expect(unreadable).toEqual([
    { key: '20261130T021500Z-full.manifest.json', why: expect.stringContaining('no manifest') },
  ]);
});

describe('a manifest that a lifecycle moved into an archive', () => {
  test('is passed over without a request, and is nobody’s failure', async () => {
    const place = await folder();
    const frozen = freeze(place.store, (key) => key === keyOf(full));
    const read = await readManifests(place, 'test');
    expect([historyOf(read).map((one) => one.sha256), read.unreadable, read.archived]).toEqual([
      [later.sha256],
      [],
      [keyOf(full)],
    ]);
    expect(frozen.inVain).toBe(0);
  });

  test('is passed over as well where only the read tells', async () => {
    const place = await folder();
    freeze(place.store, (key) => key === keyOf(full), { lists: 'silent' });
    expect((await readManifests(place, 'test')).archived).toEqual([keyOf(full)]);
  });

  test('is listed by the ledger’s copy, or named where there is none', async () => {
    const place = await folder();
    freeze(place.store, (key) => key === keyOf(full));
    const listed = await listPlace(place, 'test');
    expect(listed.backups.map(({ slot, state }) => [slot, state])).toEqual([
      [full.manifest.slot, 'verified'],
      [later.manifest.slot, 'verified'],
    ]);
    await place.store.remove(`_verified/test/${keyOf(full)}`, undefined);
    expect((await listPlace(place, 'test')).unreadable).toEqual([
      { store: 'memory', key: keyOf(full), why: expect.stringContaining('in an archive') },
    ]);
  });
});

test('the ledger is read entry by entry, and one that proves nothing is told of', async () => {
  const place = await folder();
  await place.store.create('_verified/test/20261130T021500Z-full.manifest.json', Buffer.from('{}'), {});
  const { entries, unreadable } = await readLedger(place, 'test');
  expect(entries.map(({ key, sha256 }) => [key, sha256])).toEqual([
    [`_verified/test/${keyOf(full)}`, full.sha256],
    [`_verified/test/${keyOf(later)}`, later.sha256],
  ]);
  expect(unreadable).toEqual([
    { key: '_verified/test/20261130T021500Z-full.manifest.json', why: expect.stringContaining('no ledger entry') },
  ]);
});
