import { indexRunData } from '../../lib/runner/run-data';
import type { StoredObject } from '../../lib/runner/store/store';

const MANIFEST = 'data/20261122T021500Z-full.manifest.json';

const at = (attempt: string, seconds: number, changes: Partial<StoredObject> = {}): StoredObject => ({
  key: `data/20261122T021500Z-full-${attempt.repeat(16)}/files.0001`,
  bytes: 1,
  modified: new Date(seconds * 1000),
  latest: true,
  deleteMarker: false,
  ...changes,
});

const attempts = (objects: readonly StoredObject[]) =>
  indexRunData(objects)
    .of(MANIFEST, 'files.0001')
    .map((one) => one.version ?? one.key.charAt(27));

test('objects of every attempt are candidates, oldest first', () => {
  expect(attempts([at('c', 3), at('a', 1), at('b', 2)])).toEqual(['a', 'b', 'c']);
});

test('of two versions of one second, the one that a plain read gives is the later', () => {
  expect(attempts([at('a', 1, { version: 'second' }), at('a', 1, { version: 'first', latest: false })])).toEqual([
    'first',
    'second',
  ]);
});

test('delete markers and objects of other names hold nothing', () => {
  const others = [at('b', 2, { deleteMarker: true }), { ...at('c', 3), key: MANIFEST }];
  expect(attempts([at('a', 1), ...others])).toEqual(['a']);
  expect(indexRunData([at('a', 1), ...others]).keysOf(MANIFEST)).toEqual([at('a', 1).key]);
  expect(indexRunData(others).keysOf(MANIFEST)).toEqual([]);
});
