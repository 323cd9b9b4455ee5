import { orphansIn } from '../../lib/runner/prune-orphans';
import type { StoredObject } from '../../lib/runner/store/store';

const NOW = new Date('2026-11-25T12:00:00Z');
const HOUR = 3_600_000;

function left(key: string, hours: number): StoredObject {
  const modified = new Date(NOW.getTime() - hours * HOUR);
  return { key, bytes: 1, modified, latest: true, deleteMarker: false };
}

test('a file that was never finished goes a day after it was last written, and not before', () => {
  const folder = '20261120T020000Z-full-0011223344556677';
  const manifest = '.20261120T020000Z-full.manifest.json.0a1b2c3d.unfinished';
  const segment = `${folder}/.tar.0001.0a1b2c3d.unfinished`;
  expect(orphansIn([left(manifest, 25), left(segment, 25)], new Map(), NOW)).toEqual([manifest, segment]);
  expect(orphansIn([left(manifest, 23), left(segment, 24)], new Map(), NOW)).toEqual([]);
});

test('what is neither data nor unfinished is left alone, however old', () => {
  expect(orphansIn([left('notes.txt', 1000), left('.hidden', 1000)], new Map(), NOW)).toEqual([]);
});
