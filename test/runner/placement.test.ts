import type { BackupStream, Encoding } from '../../lib/contract';
import { encodingAt, encodingsAt, sizesBy } from '../../lib/runner/placement';
import { manifestOf } from './manifests';

const base = manifestOf(0, 'full', 30).manifest.streams[0] as BackupStream;

const encoding = (store: string, ...sizes: number[]): Encoding => ({
  encryption: 'store',
  stores: [store],
  bytes: 0,
  sha256: base.sha256,
  segments: sizes.map((bytes, index) => ({ name: `files.${index + 1}`, bytes, sha256: base.sha256, receipts: [] })),
});

const [first, second, third] = [encoding('a', 5, 6), encoding('b', 5, 6), encoding('c', 7)] as const;
const stream: BackupStream = { ...base, encodings: [first, second, third] };
const sizes = (of: Readonly<Record<string, readonly number[]>>) => (segment: string) => of[segment] ?? [];

test('every encoding whose sizes lie there may be there, the one that the manifest names first, each once', () => {
  const there = sizes({ 'files.1': [4, 5], 'files.2': [6] });
  expect(encodingsAt(stream, 'b', there)).toEqual([second, first]);
  expect(encodingsAt(stream, 'elsewhere', there)).toEqual([first, second]);
});

test('an encoding of which one segment lacks is not there', () => {
  expect(encodingsAt(stream, 'a', sizes({ 'files.1': [5] }))).toEqual([]);
  expect(encodingsAt(stream, 'c', sizes({ 'files.1': [7] }))).toEqual([third]);
});

test('what the manifest says of a store is the answer where nothing fits', () => {
  expect(encodingAt(stream, 'c', sizes({}))).toBe(third);
  expect(encodingAt(stream, 'c')).toBe(third);
  expect(encodingAt(stream, 'a', sizes({ 'files.1': [7] }))).toBe(third);
  expect(encodingAt(stream, 'elsewhere')).toBeUndefined();
});

test('a segment that nobody placed has no size', () => {
  const sizesOf = sizesBy((segment) => (segment === 'files.1' ? { key: 'k', bytes: 5 } : undefined));
  expect([sizesOf('files.1'), sizesOf('files.2')]).toEqual([[5], []]);
});
