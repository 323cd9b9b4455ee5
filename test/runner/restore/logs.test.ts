import type { BackupManifest, BackupType, TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import type { StoredManifest } from '../../../lib/runner/manifest';
import { runKeys } from '../../../lib/runner/object-key';
import { restore } from '../../../lib/runner/restore/restore';
import { restorable } from '../../../lib/runner/restore/restorable';
import { readWish } from '../../../lib/runner/restore/wish';
import type { Wish } from '../../../lib/runner/restore/wish';
import { storeStream } from '../../../lib/runner/stream/store-stream';
import { verify } from '../../../lib/runner/verify';
import { verifyPlace } from '../../../lib/runner/verify-place';
import { databaseTask } from '../../suites/runner/database-task';
import { binlog, rows } from '../engine/binlog';
import { DAY, START, manifestOf } from '../manifests';
import { MemoryStore } from '../memory-store';
import { sourceOf } from '../stream/sources';
import { PATH, machineAt, must, opening } from './world';

/** Chains of binary logs with something wrong in them: each is refused before any server is asked. */

const task: TaskManifest = databaseTask('mariadb', 'test', {});

interface Taken {
  readonly day: number;
  readonly type?: BackupType;
  readonly parent?: number;
  readonly from?: readonly [string, number];
  readonly logs?: readonly string[];
  readonly ends: readonly [string, number];
  readonly server?: string;
  /** Gone without a trace after it was verified. */
  readonly gone?: boolean;
}

/** Two fulls, and logs after each: from the first day to the fourth every moment is there. */
const GOOD: readonly Taken[] = [
  { day: 0, ends: ['log.000002', 700] },
  {
    day: 1,
    type: 'log',
    parent: 0,
    from: ['log.000002', 700],
    logs: ['log.000002', 'log.000003'],
    ends: ['log.000004', 4],
  },
  { day: 2, type: 'log', parent: 1, from: ['log.000004', 4], logs: ['log.000004'], ends: ['log.000005', 4] },
  { day: 3, type: 'log', parent: 2, from: ['log.000005', 4], logs: ['log.000005'], ends: ['log.000006', 4] },
];

async function worldOf(taken: readonly Taken[]) {
  const store = new MemoryStore({ id: 'a', now: () => new Date(START + 4 * DAY) });
  const backups: StoredManifest[] = [];
  for (const [index, { day, type = 'full', parent, from, logs = [], ends, server = '1' }] of taken.entries()) {
    const at = new Date(START + day * DAY);
    const attempt = `${index}`.padStart(16, 'b');
    const name = at.toISOString().replace(/[-:]|\.\d{3}/g, '');
    const { data, manifest } = runKeys(PATH, name, type, attempt);
    const streams: BackupManifest['streams'][number][] = [];
    for (const stream of type === 'full' ? ['dump'] : logs) {
      const options = {
        compression: 'none',
        recipient: undefined,
        segmentBytes: 1000,
        machine: machineAt(day),
      } as const;
      // Events end at 700 and at 900.
      const bytes = type === 'full' ? Buffer.from('a dump') : binlog([rows(592), rows(177), rows(stream.length + day)]);
      const source = sourceOf(bytes, 700, {
        name: stream.replace('.', '_'),
        format: type === 'full' ? 'sql' : 'binlog',
        database: 'test',
      });
      streams.push(
        (await storeStream(source, { ...options, targets: [{ store, folder: data, retainUntil: undefined }] })).stream,
      );
    }
    const position = {
      'binlog.file': ends[0],
      'binlog.position': `${ends[1]}`,
      ...(from && {
        'binlog.from.file': from[0],
        'binlog.from.position': `${from[1]}`,
        'binlog.files': JSON.stringify(logs),
      }),
    };
    const stored = manifestOf(day, type, 30, parent === undefined ? undefined : backups[parent], {
      ...{ engine: 'mariadb', attempt, streams },
      source: { identity: { server_id: server }, position },
    });
    await store.create(manifest, stored.bytes, {});
    backups.push(stored);
    await verifyPlace({ store, path: PATH }, task, machineAt(4));
  }
  for (const [index, { gone }] of taken.entries()) {
    const { slot } = must(backups[index]).manifest;
    for (const key of gone ? store.keys.filter((one) => one.includes(slot)) : [])
      await store.remove(key, (await store.head(key))?.version);
  }
  return store;
}

const change = (day: number, changes: Partial<Taken>) =>
  GOOD.map((one) => (one.day === day ? { ...one, ...changes } : one));

async function ask(store: MemoryStore, from: string) {
  const asked = {
    target: 'mariadb://nowhere/',
    databases: undefined,
    replace: [],
    globals: 'left out',
    owners: 'kept',
  } as const;
  const world = {
    open: opening([store]),
    target: () => Promise.reject(new Error('a server was asked')),
  };
  return restore(task, { ...asked, wish: readWish(from) as Wish, mode: 'restore' }, machineAt(4), world);
}

test('every moment of a whole chain is there', async () => {
  const store = await worldOf(GOOD);
  const { exit, answer } = await restorable(task, machineAt(4), undefined, opening([store]));
  expect([exit, answer.gaps, answer.broken]).toEqual([EXIT.success, [], []]);
  expect(answer.points.map(({ since, at }) => `${since?.slice(8, 10) ?? ''}-${at.slice(8, 10)}`)).toEqual([
    '-22',
    '22-23',
    '23-24',
    '24-25',
  ]);
  await expect(ask(store, '2026-11-24T12:00:00Z')).rejects.toThrow('a server was asked');
});

const IN_THE_THIRD = '2026-11-24T12:00:00Z';

test.each<[string, readonly Taken[], RegExp, string, 'crossed' | 'hole']>([
  [
    'a log gap within a run',
    change(1, { logs: ['log.000002', 'log.000004'] }),
    /gap between its logs log.000002 and log.000004/,
    '22',
    'crossed',
  ],
  [
    'a log gap between two runs',
    change(2, { from: ['log.000005', 4], logs: ['log.000005'] }),
    /its logs begin at log.000005:4, and 20261123T021500Z-log ends at log.000004:4/,
    '23',
    'crossed',
  ],
  [
    'logs that begin after the dump',
    change(1, { from: ['log.000002', 900] }),
    /its logs begin at log.000002:900/,
    '22',
    'crossed',
  ],
  [
    'a foreign full: logs of another server than the dump',
    change(0, { server: '7' }),
    /it is of another server than 20261122T021500Z-full/,
    '22',
    'crossed',
  ],
  [
    'logs of a server that took over',
    GOOD.map((one) => (one.day >= 2 ? { ...one, server: '7' } : one)),
    /it is of another server than 20261123T021500Z-log/,
    '23',
    'crossed',
  ],
  [
    'a run of logs in the middle that is gone without a trace',
    change(2, { gone: true }),
    /20261124T021500Z-log, which it needs, is not verified here/,
    '23',
    'hole',
  ],
  [
    'logs that end before the next ones begin',
    change(2, { ends: ['log.000007', 4] }),
    /it ends in log.000004, and says log.000007 comes next|its logs begin at log.000005:4/,
    '23',
    'crossed',
  ],
])('%s is refused, by moment and as the latest, with the nearest point', async (_, taken, cause, nearest, finds) => {
  const store = await worldOf(taken);
  for (const from of [IN_THE_THIRD, 'latest']) {
    const report = await ask(store, from);
    expect([from, report.exit, report.why]).toEqual([from, EXIT.damaged, expect.stringMatching(cause)]);
    expect(report.nearest?.at.slice(8, 10)).toBe(nearest);
  }
  const open = () => opening([store])(task, machineAt(4), undefined, 'copies');
  const { exit, findings } = await verify(task, machineAt(4), { only: undefined, depth: 'full', open });
  expect(findings.map((one) => one.kind)).toContain(finds);
  expect(exit).toBe(finds === 'hole' ? EXIT.degraded : EXIT.damaged);
});

test('a moment between a chain that ended and the next full is a gap', async () => {
  const later: Taken = { day: 3, ends: ['log.000009', 300] };
  const store = await worldOf([...GOOD.slice(0, 2), later]);
  const { answer } = await restorable(task, machineAt(4), undefined, opening([store]));
  expect(answer.gaps).toEqual([{ from: '2026-11-23T02:15:00.000Z', to: '2026-11-25T02:15:00.000Z' }]);
  expect(await ask(store, IN_THE_THIRD)).toMatchObject({
    exit: EXIT.permanent,
    why: `no logs reach ${new Date(IN_THE_THIRD).toISOString()}; the next moment after it is 2026-11-25T02:15:00.000Z`,
    nearest: { from: '20261123T021500Z-log' },
  });
  expect(must(answer.points.at(-1)).type).toBe('full');
});
