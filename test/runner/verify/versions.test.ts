import type { Store, StoredObject } from '../../../lib/runner/store/store';
import { versionsUnder } from '../../../lib/runner/versions';

/** Stores list versions in orders of their own. */
const at = (key: string, version: string, seconds: number, latest = false): StoredObject => ({
  key,
  bytes: 1,
  modified: new Date(seconds * 1000),
  version,
  latest,
  deleteMarker: false,
});

const listing = (objects: readonly StoredObject[]) => {
  const asked: unknown[] = [];
  const store = {
    async *list(prefix: string, options: unknown) {
      asked.push([prefix, options]);
      yield* objects;
      await Promise.resolve();
    },
  } as unknown as Store;
  return { store, asked };
};

test('versions of each object come oldest first, whatever the store lists first', async () => {
  const { store, asked } = listing([
    at('a', 'new', 9, true),
    at('a', 'middle', 4),
    at('b', 'only', 5, true),
    at('a', 'old', 1),
  ]);
  const versions = await versionsUnder({ store, path: 'data/{year}/' });
  expect(asked).toEqual([['data/', { versions: 'all' }]]);
  expect([...versions].map(([key, history]) => [key, ...history.map((one) => one.version)])).toEqual([
    ['a', 'old', 'middle', 'new'],
    ['b', 'only'],
  ]);
});

test('of two versions of one second, the one that a plain read gives is the later', async () => {
  const { store } = listing([at('a', 'second', 1, true), at('a', 'first', 1)]);
  const versions = await versionsUnder({ store, path: '' });
  expect(versions.get('a')?.map((one) => one.version)).toEqual(['first', 'second']);
});

test("the verifier's own ledger is no data", async () => {
  const { store } = listing([at('_verified/test/a', 'v', 1), at('a', 'v', 1)]);
  expect([...(await versionsUnder({ store, path: '' })).keys()]).toEqual(['a']);
});
