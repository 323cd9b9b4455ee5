import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BackupManifest, BackupStream, TaskManifest } from '../../../lib/contract';
import type { VerifiedBackup } from '../../../lib/runner/copy/source';
import { EXIT } from '../../../lib/runner/exit-code';
import type { PlacedChain } from '../../../lib/runner/restore/point';
import { restore } from '../../../lib/runner/restore/restore';
import type { RestoreOptions } from '../../../lib/runner/restore/restore';
import { bytesToSpool } from '../../../lib/runner/restore/spool';
import { readWish } from '../../../lib/runner/restore/wish';
import type { Wish } from '../../../lib/runner/restore/wish';
import { fileEntries } from '../../corpus/file-entries';
import type { MemoryStore } from '../memory-store';
import { dataOf, machineAt, makeTarHistory, must, opening, task, worldOf } from './world';
import type { TarHistory } from './world';

/** File chains out of two stores into a folder. */

let history: TarHistory;
let folder: string;
beforeAll(async () => (history = await makeTarHistory()));
afterAll(() => history.stop());
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'hypdr-restored-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Asked extends Partial<RestoreOptions> {
  readonly from?: string;
  readonly down?: readonly string[];
  readonly of?: TaskManifest;
}

async function run(stores: readonly MemoryStore[], { from = 'latest', down, of = task, ...options }: Asked = {}) {
  const machine = machineAt(5, { stateFolder: path.join(folder, 'state') });
  const asked: RestoreOptions = {
    wish: readWish(from) as Wish,
    mode: 'restore',
    target: path.join(folder, 'target'),
    databases: undefined,
    replace: [],
    globals: 'left out',
    owners: 'kept',
    ...options,
  };
  const report = await restore(of, asked, machine, { open: opening(stores, down) });
  // No plain bytes stay behind, and nothing that is half.
  const left = existsSync(path.join(folder, 'state/restore')) ? readdirSync(path.join(folder, 'state/restore')) : [];
  expect(left.filter((name) => !name.endsWith('.lock'))).toEqual([]);
  expect(readdirSync(folder).filter((name) => name.includes('hypdr-restoring'))).toEqual([]);
  return report;
}

const entriesAt = (target: string) => fileEntries(path.join(target, history.member));
const entriesOf = (day: number) => fileEntries(must(history.copies[day]));
const target = () => path.join(folder, 'target');

test.each([0, 1, 2, 3, 4])('comes back as it was on day %d, deletions and renames too', async (day) => {
  const { a, b, backups } = await worldOf(history);
  const report = await run([a, b], { from: must(backups[day]).manifest.slot });
  expect([report.exit, report.why, report.warnings]).toEqual([EXIT.success, undefined, []]);
  expect(report.store).toBe('a');
  expect(entriesAt(target())).toEqual(entriesOf(day));
});

test('latest is the newest one, a moment the newest one up to it, and a key the one that it names', async () => {
  const { a, b } = await worldOf(history);
  expect((await run([a, b])).point?.slot).toBe('20261126T021500Z');
  expect(entriesAt(target())).toEqual(entriesOf(4));
  const dry = async (from: string) =>
    (await run([a, b], { from, mode: 'dry-run', target: path.join(folder, 'x') })).point?.slot;
  expect(await dry('2026-11-24T02:14:00Z')).toBe('20261123T021500Z');
  expect(await dry('2026-11-24T03:15:00+01:00')).toBe('20261124T021500Z');
  expect(await dry('data/test/20261125T021500Z-incremental.manifest.json')).toBe('20261125T021500Z');
});

test('a dry run says what it would do, and does nothing', async () => {
  const { a, b } = await worldOf(history);
  const report = await run([a, b], { mode: 'dry-run' });
  expect(report).toMatchObject({ exit: EXIT.success, store: 'a', mode: 'dry-run', steps: [] });
  expect(report.plan).toEqual([
    expect.stringMatching(/^read 3 backups, .* from a, else from b$/),
    expect.stringMatching(/^compare every hash, in .* of scratch in /),
    expect.stringContaining('extract each archive'),
    expect.stringMatching(/^rename .*hypdr-restoring to .*target$/),
  ]);
  expect(readdirSync(folder)).toEqual([]);
});

test('what fails before its target is read shows nothing of it that may be a password', async () => {
  const { a, b } = await worldOf(history);
  const of: TaskManifest = { ...task, source: { kind: 'database', secret: 'x/y', environment: [] } };
  const report = await run([a, b], {
    of,
    from: '2020-01-01T00:00:00Z',
    target: 'postgres://me:canary@nowhere.example/x',
  });
  expect(report).toMatchObject({ exit: EXIT.permanent, target: 'postgres://nowhere.example/x' });
  expect(JSON.stringify(report)).not.toContain('canary');
});

test('a store that is down is passed over and said', async () => {
  const { a, b } = await worldOf(history);
  const report = await run([a, b], { down: ['a'] });
  expect([report.exit, report.store, report.warnings]).toEqual([
    EXIT.degraded,
    'b',
    ['a could not be asked: it is down'],
  ]);
  expect(entriesAt(target())).toEqual(entriesOf(4));
});

test('a store whose bytes changed is passed over and said, and what it had of use is not read twice', async () => {
  const { a, b, backups } = await worldOf(history);
  const [, second = ''] = dataOf(a, must(backups[4]));
  a.spoil(second, flipped);
  const before = b.calls('read');
  const report = await run([a, b]);
  expect([report.exit, report.store]).toEqual([EXIT.degraded, 'b']);
  expect(report.warnings).toEqual([
    expect.stringMatching(/^a is passed over: .*its bytes are not those that were stored$/),
  ]);
  expect(entriesAt(target())).toEqual(entriesOf(4));
  const read = dataOf(b, must(backups[4])).length;
  // Its ledger, the manifests of the chain, and the one stream that the other store did not have.
  expect(b.calls('read') - before).toBe(5 + 3 + read);
});

test('bytes that changed everywhere are no restore, and the nearest point is named', async () => {
  const { a, b, backups } = await worldOf(history);
  for (const store of [a, b]) store.spoil(dataOf(store, must(backups[3]))[0] ?? '', flipped);
  const report = await run([a, b]);
  expect(report).toMatchObject({
    exit: EXIT.damaged,
    nearest: { from: '20261124T021500Z-full', at: '2026-11-24T02:15:00.000Z' },
  });
  expect(report.why).toContain('no store has all of it as it was');
  expect(existsSync(target())).toBe(false);
});

const flipped = (bytes: Buffer): Buffer => {
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  return bytes;
};

describe('what is there', () => {
  test('is not touched without its name', async () => {
    const { a } = await worldOf(history);
    mkdirSync(target());
    writeFileSync(path.join(target(), 'mine'), 'mine');
    for (const replace of [[], ['other'], [target()]]) {
      const report = await run([a], { replace });
      expect([report.exit, report.why]).toEqual([EXIT.permanent, expect.stringContaining('is not empty')]);
    }
    expect(readdirSync(target())).toEqual(['mine']);
    expect(a.calls('read')).toBeLessThan(20 * 3);
  });

  test('is renamed with it', async () => {
    const { a } = await worldOf(history);
    mkdirSync(target());
    writeFileSync(path.join(target(), 'mine'), 'mine');
    const report = await run([a], { replace: ['target'] });
    expect(report.exit).toBe(EXIT.success);
    const [before = ''] = readdirSync(folder).filter((name) => name.startsWith('target.before-'));
    expect(readdirSync(path.join(folder, before))).toEqual(['mine']);
    expect(report.notes).toEqual([expect.stringContaining(before)]);
    expect(entriesAt(target())).toEqual(entriesOf(4));
  });

  test('is no matter where it is empty, and its mode stays', async () => {
    const { a } = await worldOf(history);
    mkdirSync(target());
    chmodSync(target(), 0o750);
    expect((await run([a])).exit).toBe(EXIT.success);
    expect(lstatSync(target()).mode & 0o777).toBe(0o750);
    rmSync(target(), { recursive: true });
    expect((await run([a])).exit).toBe(EXIT.success);
    expect(lstatSync(target()).mode & 0o777).toBe(0o700);
  });

  test('is refused where it is no folder', async () => {
    const { a } = await worldOf(history);
    writeFileSync(target(), '');
    expect(await run([a])).toMatchObject({ exit: EXIT.permanent, why: expect.stringContaining('is no folder') });
    expect(await run([a], { target: '/proc' })).toMatchObject({ why: expect.stringContaining('is a mount point') });
    const nowhere = path.join(folder, 'no/where');
    expect(await run([a], { target: nowhere })).toMatchObject({ why: expect.stringContaining('there is no folder') });
  });
});

test('what a killed restore left goes, and does not come into the way', async () => {
  const { a } = await worldOf(history);
  const staging = `${target()}.hypdr-restoring`;
  mkdirSync(staging);
  writeFileSync(path.join(staging, 'half'), '');
  expect((await run([a])).exit).toBe(EXIT.success);
  expect(entriesAt(target())).toEqual(entriesOf(4));
  expect(readdirSync(target())).not.toContain('half');
});

test('an archive that tar refuses leaves nothing behind', async () => {
  // Whole by every hash, and no archive: what a broken tool would have stored.
  const { a } = await worldOf({
    ...history,
    archives: history.archives.map((one) => ({ ...one, bytes: Buffer.from('no archive') })),
  });
  const report = await run([a]);
  expect([report.exit, report.why]).toEqual([EXIT.permanent, expect.stringContaining('tar ended with exit code 2')]);
  expect(existsSync(target())).toBe(false);
});

test('what has not enough room is not begun', async () => {
  const contents = [{ name: '/source', bytes: 9e15, exact: true }];
  const { a } = await worldOf(history, { change: () => ({ contents }) });
  const report = await run([a]);
  expect([report.exit, report.why]).toEqual([
    EXIT.permanent,
    expect.stringMatching(/9.0 PB for the restored data .* are free there/),
  ]);
  expect(existsSync(target())).toBe(false);
});

describe('what has not enough room for scratch is not begun', () => {
  const vast = { change: (_: number, { streams }: BackupManifest) => ({ streams: streams.map(enlarged) }) };
  const enlarged = (stream: BackupStream) => ({ ...stream, bytes: 3e15 });

  test.each(['restore', 'dry-run'] as const)('in a %s, before a byte of it is read', async (mode) => {
    const { a, b, backups } = await worldOf(history, vast);
    const of = must(backups[4]).manifest.slot;
    const [before, scratch] = [a.calls('read'), path.join(folder, 'apart')];
    const report = await run([a, b], { from: of, mode, scratch });
    // The three streams of its chain, each with what its manifest says of it.
    const why = new RegExp(
      `^9\\.0 PB for scratch in ${scratch}/restore/\\w+ and .* for the restored data .* are free there`,
    );
    expect([report.exit, report.why]).toEqual([EXIT.permanent, expect.stringMatching(why)]);
    expect(report.steps).toEqual([]);
    // Its ledger, and nothing of the chain.
    expect(a.calls('read') - before).toBe(5);
    expect(existsSync(target())).toBe(false);
  });
});

test('what a killed restore had read into scratch takes no room again', async () => {
  const { a, backups } = await worldOf(history);
  const members = backups.slice(2).map(({ manifest }) => ({ manifest })) as unknown as VerifiedBackup[];
  const chain = { members, place: { store: a, path: '' } } as unknown as PlacedChain;
  const streams = members.flatMap(({ manifest }) => manifest.streams);
  const all = streams.reduce((sum, { bytes }) => sum + bytes, 0);
  const wants = () => true;
  expect(await bytesToSpool(chain, { folder: path.join(folder, 'nowhere'), wants })).toBe(all);
  writeFileSync(path.join(folder, must(streams[1]).sha256), '');
  expect(await bytesToSpool(chain, { folder, wants })).toBe(all - must(streams[1]).bytes);
  expect(await bytesToSpool(chain, { folder, wants: () => false })).toBe(0);
});

test('a degraded backup is taken by name, and by latest where nothing better is there', async () => {
  const degraded = [{ name: '/source/x', why: 'Permission denied' }];
  const some = await worldOf(history, { change: (day) => (day === 4 ? { degraded } : {}) });
  const report = await run([some.a]);
  expect([report.exit, report.point?.slot, report.notes]).toEqual([
    EXIT.success,
    '20261125T021500Z',
    ['20261126T021500Z-incremental is newer and degraded: --from names it if it is wanted'],
  ]);
  rmSync(target(), { recursive: true });
  const named = await run([some.a], { from: '20261126T021500Z' });
  expect([named.exit, named.warnings]).toEqual([EXIT.degraded, [expect.stringContaining('/source/x')]]);
  rmSync(target(), { recursive: true });
  const all = await worldOf(history, { change: () => ({ degraded }) });
  expect(await run([all.a])).toMatchObject({ exit: EXIT.degraded, point: { slot: '20261126T021500Z' } });
});

test('a moment that is to come, a slot that nobody took and one that nobody verified are refused', async () => {
  const { a } = await worldOf(history, { unverified: [4] });
  expect(await run([a], { from: '2030-01-01T00:00:00Z' })).toMatchObject({ exit: EXIT.badInvocation });
  expect(await run([a], { from: '20261101T021500Z' })).toMatchObject({
    exit: EXIT.permanent,
    why: 'there is no backup 20261101T021500Z',
    nearest: { from: '20261122T021500Z-full' },
  });
  expect(await run([a], { from: '20261126T021500Z' })).toMatchObject({
    exit: EXIT.permanent,
    why: expect.stringContaining('verify --quick'),
    nearest: { from: '20261125T021500Z-incremental' },
  });
});

test.each(['yesterday', '20261301T000000Z', '2026-11-22', '2026-11-22T02:15:00', 'latest '])(
  '"%s" is no point',
  (text) => {
    expect(readWish(text)).toEqual({ wrong: expect.stringContaining('--from is latest') });
  },
);
