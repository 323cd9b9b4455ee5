import { renamesIn, tangled } from '../../../lib/runner/engine/files-renames';
import type { TarRename } from '../../../lib/runner/engine/files-renames';

/** What tar says of renamed folders, as GNU tar 1.34 writes it into the list of the first folder. */

const list = (...records: string[]) => Buffer.from(`${records.join('\0')}\0\0`);

test.each<[string, Buffer, TarRename[]]>([
  ['no folder', list('Da', 'Yfile', 'NRoad', 'YTree', 'Nold\nR'), []],
  ['one', list('Dc', 'Rs/a', 'Ts/c'), [{ from: 's/a', to: 's/c' }]],
  ['one alone', list('Rs/a', 'Ts/c'), [{ from: 's/a', to: 's/c' }]],
  [
    'two that swapped',
    list('Da', 'Db', 'Xs', 'Rs/b', 'T', 'Rs/a', 'Ts/b', 'R', 'Ts/a'),
    [
      { from: 's/b', to: '' },
      { from: 's/a', to: 's/b' },
      { from: '', to: 's/a' },
    ],
  ],
])('of %s', (_, dumpdir, renames) => {
  expect(renamesIn(dumpdir)).toEqual(renames);
});

const renames = (...pairs: [string, string][]) => tangled(pairs.map(([from, to]) => ({ from, to })));

test.each<[string, [string, string][]]>([
  ['none', []],
  ['one', [['s/a', 's/c']]],
  ['one into a folder that stays', [['s/a', 's/b/a']]],
  [
    'two of different folders',
    [
      ['s/a', 's/d/a'],
      ['s/ab', 's/d/b'],
    ],
  ],
])('%s can be followed', (_, pairs) => {
  expect(renames(...pairs)).toBeUndefined();
});

test.each<[string, [string, string][], RegExp]>([
  [
    'a swap',
    [
      ['s/b', ''],
      ['s/a', 's/b'],
      ['', 's/a'],
    ],
    /swapped/,
  ],
  [
    'a name that another one had',
    [
      ['s/a', 's/c'],
      ['s/b', 's/a'],
    ],
    /touch each other at "s\/a"/,
  ],
  [
    'one into another one that was renamed',
    [
      ['s/a', 's/a/b/b'],
      ['s/b', 's/a'],
    ],
    /touch each other/,
  ],
  [
    'a folder in one that was renamed',
    [
      ['s/a', 's/c'],
      ['s/c/x', 's/c/y'],
    ],
    /touch each other at "s\/c\/x"/,
  ],
])('%s can not', (_, pairs, why) => {
  expect(renames(...pairs)).toMatch(why);
});
