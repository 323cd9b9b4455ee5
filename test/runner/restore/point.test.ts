import type { BackupManifest } from '../../../lib/contract';
import { gapsIn } from '../../../lib/runner/restore/gap';
import { brokenLink } from '../../../lib/runner/restore/link';
import type { Point } from '../../../lib/runner/restore/point';
import { DAY, START, manifestOf } from '../manifests';

/** What lies between two backups, and between two moments. */

const position = (from: string, at: number, files: readonly string[], active: string) => ({
  'binlog.from.file': from,
  'binlog.from.position': `${at}`,
  'binlog.files': JSON.stringify(files),
  'binlog.file': active,
  'binlog.position': '4',
});
const server = { server_id: '1' };
const base: Partial<BackupManifest> = { engine: 'mariadb' };
const full = manifestOf(0, 'full', 30, undefined, {
  ...base,
  source: { identity: server, position: { 'binlog.file': 'log.000002', 'binlog.position': '700' } },
});
const [stream] = full.manifest.streams;
const log = (changes: Record<string, string>, more: Partial<BackupManifest> = {}) =>
  manifestOf(1, 'log', 30, full, {
    ...base,
    source: {
      identity: server,
      position: { ...position('log.000002', 700, ['log.000002', 'log.000003'], 'log.000004'), ...changes },
    },
    streams: [stream, stream].flatMap((one) => (one ? [one] : [])),
    ...more,
  }).manifest;

test('logs follow where they begin where their parent ended, file by file', () => {
  expect(brokenLink(full.manifest, log({}))).toBeUndefined();
});

test.each([
  ['begin later', { 'binlog.from.position': '900' }, 'its logs begin at log.000002:900'],
  ['begin in another file', { 'binlog.from.file': 'log.000003' }, 'its logs begin at log.000003:700'],
  [
    'miss a file',
    { 'binlog.files': '["log.000002","log.000004"]' },
    'a gap between its logs log.000002 and log.000004',
  ],
  ['miss their first file', { 'binlog.files': '["log.000003","log.000004"]' }, 'its first log is log.000003'],
  ['hold fewer than they name', { 'binlog.files': '["log.000002"]' }, 'it holds 2 logs and names 1'],
  ['name what is no list', { 'binlog.files': '{"log.000002":1}' }, 'it does not say which logs it holds'],
  ['name what no log is called', { 'binlog.files': '[2, 3]' }, 'it does not say which logs it holds'],
  ['name what is no JSON', { 'binlog.files': 'log.000002' }, 'it does not say which logs it holds: log.000002'],
  ['end before the next begins', { 'binlog.file': 'log.000005' }, 'it ends in log.000003, and says log.000005'],
])('logs that %s do not', (_, changes, why) => {
  expect(brokenLink(full.manifest, log(changes))).toContain(why);
});

test('logs of another server do not', () => {
  const other = { ...log({}), source: { ...log({}).source, identity: { server_id: '2' } } };
  expect(brokenLink(full.manifest, other)).toContain('it is of another server');
});

test('names that contradict the hash, types that follow nothing, and times that go backwards do not', () => {
  const other = manifestOf(0, 'differential', 30);
  expect(brokenLink(other.manifest, log({}))).toContain('the hash beside that is of');
  const own = manifestOf(1, 'full', 30, full, base).manifest;
  expect(brokenLink(full.manifest, own)).toBe("a full can't follow a full");
  expect(brokenLink(full.manifest, log({}, { pointInTime: '2026-11-01T00:00:00Z' }))).toContain('before its parent');
});

test('moments that no logs reach are gaps', () => {
  const point = (since: number | undefined, at: number) =>
    ({ at: new Date(START + at * DAY), ...(since !== undefined && { since: new Date(START + since * DAY) }) }) as Point;
  const days = (points: readonly Point[]) =>
    gapsIn(points).map(({ from, to }) => [(from.getTime() - START) / DAY, (to.getTime() - START) / DAY]);
  expect(days([point(undefined, 0), point(0, 1), point(1, 2)])).toEqual([]);
  expect(days([point(undefined, 0), point(0, 1), point(undefined, 3), point(3, 4)])).toEqual([[1, 3]]);
  // Logs that went on while a full was taken.
  expect(days([point(undefined, 0), point(0, 3), point(undefined, 2), point(2, 4)])).toEqual([]);
});
