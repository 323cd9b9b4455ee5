import type { StoredObject } from '../../../lib/runner/store/store';
import { checkKept } from '../../../lib/runner/verify-kept';

/** What lies in a store of an object that was verified once: version v1 of seven bytes. */

const verified = { key: 'data/a', bytes: 7, version: 'v1' };

const seen = (version: string, changes: Partial<StoredObject> = {}): StoredObject => ({
  key: 'data/a',
  bytes: 7,
  modified: new Date(Number(version.slice(1)) * 1000),
  version,
  latest: true,
  deleteMarker: false,
  ...changes,
});

function findings(history: readonly StoredObject[], object: Parameters<typeof checkKept>[0] = verified) {
  const found: string[] = [];
  checkKept(object, history, (key, kind, message) => void found.push(`${key} ${kind}: ${message}`));
  return found;
}

test('what lies there as it was verified is nothing to tell of', () => {
  expect(findings([seen('v1')])).toEqual([]);
});

test.each<[string, StoredObject[]]>([
  ['no version of it', []],
  ['another version alone', [seen('v0')]],
  ['a delete marker under its version', [seen('v1', { deleteMarker: true })]],
])('it is missing where there is %s', (_, history) => {
  expect(findings(history)).toEqual(['data/a missing: it was verified once and is gone']);
});

test('another size under the same version is told with both sizes', () => {
  expect(findings([seen('v1', { bytes: 8 })])).toEqual(['data/a size: it has 8 bytes and had 7 when it was verified']);
});

test('each later version and delete marker is told of, in words of its own; earlier ones are nobody’s harm', () => {
  expect(findings([seen('v0'), seen('v1'), seen('v2'), seen('v3', { deleteMarker: true })])).toEqual([
    'data/a tampered: a later version lies over it; restores ignore it',
    'data/a tampered: a delete marker lies over it; restores ignore it',
  ]);
});

test('where a store has no versions, the one object is the one that was verified', () => {
  const one = { key: 'data/a', bytes: 7 };
  expect(findings([seen('v1')], one)).toEqual([]);
  expect(findings([seen('v1', { bytes: 6 })], one)).toHaveLength(1);
});
