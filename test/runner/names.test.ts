import fc from 'fast-check';
import { dataFolder, listPrefix, readDataKey, readManifestKey, runKeys } from '../../lib/runner/object-key';
import { decodeManifest, encodeManifest } from '../../lib/runner/manifest';
import { fillPath, slotDate, slotOf } from '../../lib/runner/slot';
import { manifestOf } from './manifests';

test('a slot is a moment to the second, and back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
      const date = new Date(seconds * 1000);
      expect(slotDate(slotOf(date))?.getTime()).toBe(date.getTime());
    }),
  );
  expect(slotDate('20260231T000000Z')).toBeUndefined();
  expect(slotDate('2026-02-01')).toBeUndefined();
});

test('the date in a path is that of the slot in the zone of the window', () => {
  const slot = new Date('2026-11-22T23:30:00Z');
  expect(fillPath('a/{year}/{month}/{day}/', slot, 'Europe/Berlin')).toBe('a/2026/11/23/');
  expect(fillPath('a/{year}/{month}/{day}/', slot, 'America/New_York')).toBe('a/2026/11/22/');
  expect(fillPath('plain/', slot, 'UTC')).toBe('plain/');
});

test('keys say slot, type and attempt, and the manifest finds its data', () => {
  const keys = runKeys('pg/2026/11/22/', '20261122T021500Z', 'full', '0123456789abcdef');
  expect(keys).toEqual({
    data: 'pg/2026/11/22/20261122T021500Z-full-0123456789abcdef',
    manifest: 'pg/2026/11/22/20261122T021500Z-full.manifest.json',
  });
  expect(readManifestKey(keys.manifest)).toEqual({ slot: '20261122T021500Z', type: 'full' });
  expect(readManifestKey(`${keys.data}/a.0001`)).toBeUndefined();
  expect(readDataKey(`${keys.data}/a.0001`)).toMatchObject({ attempt: '0123456789abcdef' });
  expect(dataFolder(keys.manifest, '0123456789abcdef')).toBe(keys.data);
  expect(listPrefix('pg/{year}/')).toBe('pg/');
  expect(listPrefix('{year}/{month}/')).toBe('2');
});

test('a manifest reads back as it was written, and nothing else is one', () => {
  const stored = manifestOf(0, 'full', 30);
  expect(decodeManifest(stored.bytes)).toEqual(stored);
  expect(decodeManifest(Buffer.from('{}'))).toMatchObject({ why: expect.stringContaining('no manifest') });
  expect(decodeManifest(Buffer.from('not json'))).toMatchObject({ why: expect.any(String) });
  const newer = Buffer.from(JSON.stringify({ ...stored.manifest, version: 2 }));
  expect(decodeManifest(newer)).toMatchObject({ why: expect.stringContaining('version 2') });
  expect(() => encodeManifest({ ...stored.manifest, streams: [] })).toThrow();
});
