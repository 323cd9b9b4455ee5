import { Readable } from 'node:stream';
import {
  decodeLedgerEntry,
  decodeManifest,
  encodeLedgerEntry,
  encodeManifest,
  readAll,
} from '../../lib/runner/manifest';
import { manifestOf } from './manifests';

const stored = manifestOf(0, 'full', 30);
const entry = {
  version: 1 as const,
  store: 'a',
  manifestKey: 'data/20261122T021500Z-full.manifest.json',
  manifestSha256: stored.sha256,
  manifest: stored.bytes.toString(),
  verifiedAt: '2026-11-22T03:00:00.000Z',
  method: 'head' as const,
  objects: [],
};
const json = (value: unknown) => Buffer.from(JSON.stringify(value));

test('what is written is read again, with its hash', () => {
  expect(decodeManifest(stored.bytes)).toEqual(stored);
  expect(encodeManifest(stored.manifest).sha256).toBe(stored.sha256);
  expect(decodeLedgerEntry(encodeLedgerEntry(entry))).toEqual({ ...stored, entry, verifiedAt: entry.verifiedAt });
});

test.each([
  ['no JSON', Buffer.from('{'), 'no manifest: : Invalid input: expected object, received undefined'],
  ['null', json(null), 'no manifest: : Invalid input: expected object, received null'],
  ['another type', json({ ...stored.manifest, type: 'weekly' }), 'no manifest: type: Invalid option'],
  ['a key too many', json({ ...stored.manifest, extra: 1 }), 'no manifest: : Unrecognized key: "extra"'],
  ['a version in words', json({ ...stored.manifest, version: '2' }), 'no manifest: version: Invalid input: expected 1'],
  ['an older version', json({ ...stored.manifest, version: 0 }), 'no manifest: version: Invalid input: expected 1'],
  ['the next version', json({ ...stored.manifest, version: 2 }), 'manifest of version 2, which a newer program wrote'],
  ['a version of other keys', json({ version: 3 }), 'manifest of version 3, which a newer program wrote'],
])('bytes that are no manifest are refused with the reason: %s', (_, bytes, why) => {
  expect(decodeManifest(bytes)).toEqual({ why: expect.stringContaining(why) });
});

test.each([
  ['no JSON', Buffer.from('{'), 'no ledger entry: Invalid input'],
  ['a method of its own', json({ ...entry, method: 'guess' }), 'no ledger entry: Invalid option'],
  ['a version in words', json({ ...entry, version: '2' }), 'no ledger entry: Invalid input'],
  ['the next version', json({ ...entry, version: 2 }), 'ledger entry of version 2, which a newer program wrote'],
  ['a manifest that is none', json({ ...entry, manifest: '{}' }), 'no manifest: '],
  ['another manifest than its hash says', json({ ...entry, manifestSha256: '0'.repeat(64) }), 'than its hash says'],
])('a ledger entry that proves nothing is refused with the reason: %s', (_, bytes, why) => {
  expect(decodeLedgerEntry(bytes)).toEqual({ why: expect.stringContaining(why) });
});

test('an object that is far too large for a manifest is not read to its end', async () => {
  const chunk = Buffer.alloc(1024 * 1024);
  let sent = 0;
  const endless = new Readable({
    read() {
      sent += 1;
      this.push(sent <= 100 ? chunk : null);
    },
  });
  const outcome = readAll(endless).then(
    (bytes) => `${bytes.length} bytes`,
    (error: Error) => error.message,
  );
  expect(await outcome).toBe('object larger than 67108864 bytes where a manifest was expected');
  expect(sent).toBeLessThan(70);
});
