import type { BackupManifest } from '../../../lib/contract';
import type { StoredManifest } from '../../../lib/runner/manifest';
import { reportLinks } from '../../../lib/runner/verify-links';
import { DAY, START, manifestOf } from '../manifests';

/** Backups that are whole, with parents that are whole, and can't be put on them. */

const state = { source: { identity: {}, position: { tar_state: 'kept' } } };
const full = manifestOf(0, 'full', 30, undefined, state);
const first = manifestOf(1, 'incremental', 30, full, state);
/** It says that it holds what was there before its parent. */
const crossed = manifestOf(2, 'incremental', 30, first, { ...state, pointInTime: '2026-11-22T00:00:00Z' });
const third = manifestOf(3, 'incremental', 30, crossed, state);
const fourth = manifestOf(4, 'incremental', 30, third, state);
const fifth = manifestOf(5, 'incremental', 30, fourth, state);

function links(history: readonly StoredManifest[], day = 6) {
  const found: string[] = [];
  const report = (key: string, kind: string, message: string) => void found.push(`${key} ${kind}: ${message}`);
  const placed = history.map((one) => ({ ...one, key: `${one.manifest.slot.slice(6, 8)}.json` }));
  reportLinks(placed, new Date(START + day * DAY), report);
  return found;
}

test('chains whose members follow each other are not spoken of', () => {
  expect(links([full, first])).toEqual([]);
  expect(links([])).toEqual([]);
});

test('a link that does not hold is told of once, with why, what hangs on it and what to do', () => {
  expect(links([full, first, crossed])).toEqual([
    "24.json crossed: it is of 2026-11-22T00:00:00Z, before its parent, which is of 2026-11-23T02:15:00.000Z; so 20261124T021500Z-incremental can't be restored: take a full",
  ]);
  expect(links([full, first, crossed, third, fourth, fifth])).toEqual([
    expect.stringMatching(
      /^24\.json .*; so 20261124T021500Z-incremental, 20261125T021500Z-incremental and 2 more can't be restored: take a full$/,
    ),
  ]);
});

test('the nearest of two links holds up what comes after it', () => {
  const again = manifestOf(4, 'incremental', 30, third, { ...state, pointInTime: '2026-11-22T00:00:00Z' });
  const after = manifestOf(5, 'incremental', 30, again, state);
  expect(links([full, first, crossed, third, again, after])).toEqual([
    expect.stringMatching(/^24\.json .*; so 20261124T021500Z-incremental, 20261125T021500Z-incremental can't/),
    expect.stringMatching(/^26\.json .*; so 20261126T021500Z-incremental, 20261127T021500Z-incremental can't/),
  ]);
});

test('what lacks its parent is a hole, and none of this', () => {
  expect(links([full, crossed, third])).toEqual([]);
  expect(links([first, third])).toEqual([]);
});

test('a broken link over a hole is told of: what fills the hole does not mend it', () => {
  expect(links([first, crossed])).toEqual([expect.stringMatching(/^24\.json .*: take a full$/)]);
});

test('where a full was taken since, it says which one', () => {
  const later = manifestOf(4, 'full', 30, undefined, state);
  expect(links([full, first, crossed, third, later])).toEqual([
    expect.stringMatching(/can't be restored: 20261126T021500Z-full, which was taken since, does without$/),
  ]);
  // Neither what calls itself a full and follows something, nor an increment that follows nothing, nor one of days to come.
  const odd = [manifestOf(3, 'full', 30, first, state), manifestOf(4, 'incremental', 30, undefined, state)];
  const todo = links([full, first, crossed, ...odd, manifestOf(9, 'full', 30)]).map(
    (one) => one.split('restored: ')[1],
  );
  expect(todo).toEqual(['take a full', 'take a full']);
});

test('what has passed its time is left out, and told of while something hangs on it', () => {
  const long = manifestOf(3, 'incremental', 60, crossed, state);
  expect(links([full, first, crossed, long], 40)).toEqual([
    expect.stringMatching(/^24\.json .*; so 20261125T021500Z-incremental can't be restored/),
  ]);
  expect(links([full, first, crossed, long], 32)).toEqual([expect.stringContaining('so 20261125T021500Z-incremental')]);
  expect(links([full, first, crossed, long], 31.9)).toEqual([
    expect.stringContaining('so 20261124T021500Z-incremental, 20261125T021500Z-incremental'),
  ]);
  expect(links([full, first, crossed, long], 70)).toEqual([]);
});

test('parents in a circle, which no hash allows, end all the same', () => {
  const named = (of: StoredManifest, sha256: string, parent: StoredManifest, hash: string): StoredManifest => {
    const { slot, type } = parent.manifest;
    return { ...of, sha256, manifest: { ...of.manifest, parent: { slot, type, sha256: hash } } as BackupManifest };
  };
  const at = { pointInTime: '2026-11-23T02:15:00Z' };
  const [one, two] = [1, 2].map((day) => manifestOf(day, 'incremental', 30, undefined, { ...state, ...at }));
  if (!one || !two) throw new Error('two are made');
  expect(links([named(one, 'a', two, 'b'), named(two, 'b', one, 'a')])).toEqual([]);
});
