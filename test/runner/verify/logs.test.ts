import type { TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { LogWalk } from '../../../lib/runner/engine/mysql-log-walk';
import type { StoredManifest } from '../../../lib/runner/manifest';
import { verify } from '../../../lib/runner/verify';
import { wrongLogs } from '../../../lib/runner/verify-logs';
import { PATH, machineAt, manifestKeyOf, takeBackup, task as copyTask, worldOf } from '../copy/world';
import { binlog, gtid, gtidList, rotate, rows } from '../engine/binlog';
import { plannedRun } from '../fake-run';
import { manifestOf } from '../manifests';
import type { MemoryStore } from '../memory-store';

/** Binary logs that are whole by their hashes, beside what their manifests say of them. */

const identity = { server_id: '1' };
const [stream] = manifestOf(0, 'log', 1).manifest.streams;
/** The first transaction is in the dump. */
const FIRST = binlog([gtidList([0, 1, 4]), gtid(0, 1, 5), rows(), gtid(0, 1, 6), rows(), rotate('log.000003')]);
const FROM = 4 + 81 + (19 + 4 + 16 + 4) + (19 + 19 + 4) + (19 + 40 + 4);
const SECOND = binlog([gtidList([0, 1, 6]), gtid(0, 1, 7), rows(), rotate('log.000004')]);

const position = (changes: Record<string, string> = {}) => ({
  'binlog.from.file': 'log.000002',
  'binlog.from.position': `${FROM}`,
  'binlog.files': '["log.000002","log.000003"]',
  'binlog.file': 'log.000004',
  'binlog.position': '4',
  gtid: '0-1-7',
  ...changes,
});
const fullWith = (gtids: Record<string, string>) =>
  manifestOf(0, 'full', 30, undefined, {
    ...{ engine: 'mariadb', source: { identity, position: { 'binlog.file': 'log.000002', ...gtids } } },
  });

interface Given {
  readonly says?: Record<string, string>;
  readonly parent?: Record<string, string> | 'not here';
  readonly logs?: readonly Buffer[];
  /** How many of the logs are read. */
  readonly read?: number;
}

function wrong({ says = {}, parent = { gtid: '0-1-5' }, logs = [FIRST, SECOND], read = logs.length }: Given = {}) {
  const full = fullWith(parent === 'not here' ? {} : parent);
  const { manifest } = manifestOf(1, 'log', 30, full, {
    ...{ engine: 'mariadb', source: { identity, position: position(says) } },
    streams: logs.flatMap(() => (stream ? [stream] : [])),
  });
  const facts = logs.slice(0, read).map((bytes, index) => {
    const walk = new LogWalk(index === 0 ? Number(manifest.source.position['binlog.from.position']) : undefined);
    walk.add(bytes);
    return walk.end();
  });
  return wrongLogs(manifest, parent === 'not here' ? undefined : full.manifest, facts);
}

test('logs that are those of their manifest are not spoken of', () => {
  expect(wrong()).toBeUndefined();
  expect(wrong({ parent: 'not here' })).toBeUndefined();
  // Of MySQL nothing is known of domains, and a server that ended names no next log.
  const mysql = binlog([rows(), rows()]);
  const says = { 'binlog.from.position': '4', gtid: 'b0a8-11ee:1-7' };
  expect(wrong({ logs: [mysql, mysql], says, parent: { gtid: 'b0a8-11ee:1-5' } })).toBeUndefined();
  expect(wrong({ logs: [mysql, mysql], says: { ...says, gtid: '0-1-7' } })).toBeUndefined();
});

test('a domain may be dropped between two logs', () => {
  const first = binlog([gtidList([0, 1, 4], [7, 1, 2]), gtid(0, 1, 6), rows(), rotate('log.000003')]);
  const says = { 'binlog.from.position': '4' };
  expect(wrong({ logs: [first, SECOND], says, parent: { gtid: '7-1-2,0-1-4' } })).toBeUndefined();
});

test.each<[string, Given, string]>([
  [
    'a position between two events',
    { says: { 'binlog.from.position': `${FROM + 7}` } },
    `no event begins at log.000002:${FROM + 7}, where the replay of its logs would`,
  ],
  [
    'a position of another transaction',
    { says: { 'binlog.from.position': `${FIRST.length}` } },
    `at log.000002:${FIRST.length} the last transaction is 0-1-6, and before that it was 0-1-5`,
  ],
  [
    'a parent with other transactions',
    { parent: { gtid: '3-1-5' } },
    `at log.000002:${FROM} the last transaction is 0-1-5, and before that it was none`,
  ],
  [
    'two logs that are exchanged',
    { logs: [SECOND, FIRST], says: { 'binlog.from.position': '4' }, parent: { gtid: '0-1-6' } },
    'log log.000002 goes on in log.000004, and not in log.000003',
  ],
  [
    'a log of another history in the middle',
    { logs: [FIRST, binlog([gtidList([0, 1, 9]), rows(), rotate('log.000004')])] },
    'at the head of log.000003 the last transaction is 0-1-9, and before that it was 0-1-6',
  ],
  [
    'an end that is another',
    { says: { gtid: '0-1-9' } },
    'at its end, by its manifest, the last transaction is 0-1-9, and before that it was 0-1-7',
  ],
  [
    'a next log that is another',
    { says: { 'binlog.file': 'log.000005' } },
    'log log.000003 goes on in log.000004, and not in log.000005',
  ],
  [
    'something that is no log',
    { logs: [FIRST, Buffer.from('a dump')] },
    "log log.000003 can't be read as one: it does not begin as a binary log does",
  ],
])('%s is said', (_, given, why) => {
  expect(wrong(given)).toBe(why);
});

test('nothing is said of logs that could not all be read', () => {
  expect(wrong({ logs: [FIRST, SECOND], read: 0, says: { gtid: '0-1-9' } })).toBeUndefined();
  expect(wrong({ logs: [FIRST, SECOND], read: 1, says: { gtid: '0-1-9' } })).toBeUndefined();
});

const task: TaskManifest = { ...copyTask, engine: 'mariadb', runs: [plannedRun()] };

/** A full, and one log whose replay begins at a position of it. */
async function world(from: number) {
  const { a } = worldOf();
  const at = { 'binlog.file': 'log.000003', 'binlog.position': `${from}`, gtid: '0-1-6' };
  const source = (of: Record<string, string>) => ({ engine: 'mariadb' as const, source: { identity, position: of } });
  const full = await takeBackup([a], { day: 1, changes: source(at) });
  const log = await takeBackup([a], {
    ...{ day: 2, type: 'log', parent: full, content: SECOND, format: 'binlog' },
    changes: source({
      ...position({ 'binlog.from.file': 'log.000003', 'binlog.from.position': `${from}` }),
      'binlog.files': '["log.000003"]',
    }),
  });
  return { a, log };
}

async function look(store: MemoryStore, depth: 'quick' | 'full') {
  const open = () => Promise.resolve({ places: [{ store, path: PATH }], dropped: [], worthRetry: false });
  const { exit, findings } = await verify(task, machineAt(2.1), { only: undefined, depth, open });
  return {
    exit,
    findings: findings.filter(({ kind }) => kind !== 'stale').map(({ key, kind, message }) => [key, kind, message]),
  };
}

test('verify --full reads events of logs, and says so where they are not those of the manifest', async () => {
  const good = await world(4);
  expect((await look(good.a, 'full')).findings).toEqual([]);
  const bad = await world(5);
  expect((await look(bad.a, 'quick')).findings).toEqual([]);
  const message =
    'its logs are not those of which it speaks: no event begins at log.000003:5, where the replay of its logs would; no restore should go by them: take a full';
  expect(await look(bad.a, 'full')).toEqual({
    exit: EXIT.damaged,
    findings: [[manifestKeyOf(bad.log as StoredManifest), 'crossed', message]],
  });
});
