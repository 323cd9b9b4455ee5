import type { BackupManifest } from '../../../lib/contract';
import type { StoredManifest } from '../../../lib/runner/manifest';
import { reportHoles } from '../../../lib/runner/verify-holes';
import { DAY, START, manifestOf } from '../manifests';

const full = manifestOf(0, 'full', 30);
const first = manifestOf(1, 'incremental', 30, full);
const second = manifestOf(2, 'incremental', 30, first);
const third = manifestOf(3, 'incremental', 30, second);
const fourth = manifestOf(4, 'incremental', 30, third);

function holes(history: readonly StoredManifest[], day = 5) {
  const found: string[] = [];
  const report = (key: string, kind: string, message: string) => void found.push(`${key} ${kind}: ${message}`);
  reportHoles(history, new Date(START + day * DAY), report);
  return found;
}

test('complete chains have no holes', () => {
  expect(holes([full, first, second])).toEqual([]);
});

test('one hole is told of once, with what lacks and what hangs on it', () => {
  expect(holes([full, second, third])).toEqual([
    " hole: the incremental of 20261123T021500Z is not verified here, and without it 20261124T021500Z-incremental, 20261125T021500Z-incremental can't be restored from here",
  ]);
  expect(holes([first, second, third, fourth])).toEqual([
    expect.stringContaining(
      'the full of 20261122T021500Z is not verified here, and without it 20261123T021500Z-incremental, 20261124T021500Z-incremental and 2 more',
    ),
  ]);
});

test('two holes are two reports', () => {
  const other = manifestOf(0, 'full', 31);
  expect(holes([first, manifestOf(2, 'differential', 30, other)])).toHaveLength(2);
});

test('what has passed its time holds nobody up', () => {
  expect(holes([first, second], 31.5)).toEqual([expect.not.stringContaining('20261123T021500Z-incremental')]);
  expect(holes([first, second], 40)).toEqual([]);
});

test('an increment that follows nothing lacks what it followed', () => {
  expect(holes([manifestOf(2, 'incremental', 30)])).toEqual([
    expect.stringContaining('what 20261124T021500Z-incremental follows is not verified here'),
  ]);
});

test('parents in a circle, which no hash allows, end all the same', () => {
  const named = (sha256: string, parent: string, of: StoredManifest): StoredManifest => ({
    ...of,
    sha256,
    manifest: {
      ...of.manifest,
      parent: { slot: of.manifest.slot, type: 'incremental', sha256: parent },
    } as BackupManifest,
  });
  expect(holes([named('a', 'b', first), named('b', 'a', second)])).toHaveLength(2);
});
