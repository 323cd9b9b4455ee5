import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BackupManifest, BackupType } from '../../../lib/contract';
import { recordsOf } from '../../../lib/runner/engine/sqlserver-position';
import type { DatabaseRecord } from '../../../lib/runner/engine/sqlserver-position';
import { EXIT } from '../../../lib/runner/exit-code';
import { startHost } from './sqlserver-host';
import type { Run, SqlServerHost } from './sqlserver-host';

/**
 * Somebody with a writer's rights publishes what the next run of SQL Server is to follow. The host of these tests is a
 * container: it has no notes of what it published, and the history of the server says alone what is true.
 */

jest.setTimeout(120_000);

let host: SqlServerHost;
beforeEach(async () => void (host = await startHost()));
afterEach(() => host.close());

const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function run(type: BackupType): Promise<Run> {
  rmSync(path.join(host.machine(0).stateFolder, 'published'), { recursive: true, force: true });
  return host.run(type);
}

const must = ({ manifest, why }: Run): BackupManifest => {
  if (!manifest) throw new Error(why);
  return manifest.manifest;
};
const said = ({ machine }: Run, event: string) =>
  machine.events.filter((one) => one.event === event).map(({ message }) => message);

/** A copy of a backup under a later name, after the newest one, with data that are none and other words of its databases. */
function forge(real: BackupManifest, changes: Partial<DatabaseRecord> = {}): void {
  const newest = host.manifests().at(-1);
  const file = readdirSync(host.local).find((one) => one.startsWith(`${newest?.slot}-${newest?.type}.manifest`));
  if (!newest || file === undefined) throw new Error('nothing to follow');
  const body = Buffer.from('rubbish');
  const facts = { bytes: body.length, sha256: hash(body) };
  const slot = newest.slot.replace(/\d\dZ$/, '59Z');
  const attempt = 'f'.repeat(16);
  const claimed = [...recordsOf(real)].map(([name, record]) => [
    `database.${name}`,
    JSON.stringify({ ...record, ...changes }),
  ]);
  const streams = real.streams.filter(({ database }) => changes.stream !== null || database === undefined);
  const forged: BackupManifest = {
    ...{ ...real, slot, attempt, startedAt: newest.startedAt, pointInTime: newest.pointInTime },
    source: { ...real.source, position: Object.fromEntries(claimed) as Record<string, string> },
    parent:
      real.type === 'full'
        ? null
        : { slot: newest.slot, type: newest.type, sha256: hash(readFileSync(path.join(host.local, file))) },
    streams: streams.map((stream) => {
      const segments = [{ name: `${stream.name}.0001`, ...facts, receipts: [] }];
      const encoding = { encryption: 'none' as const, stores: ['local'], segments };
      return { ...stream, ...facts, compression: 'none', encodings: [{ ...encoding, ...facts }] };
    }),
  };
  const folder = path.join(host.local, `${slot}-${real.type}-${attempt}`);
  mkdirSync(folder);
  for (const { name } of streams) writeFileSync(path.join(folder, `${name}.0001`), body);
  writeFileSync(path.join(host.local, `${slot}-${real.type}.manifest.json`), JSON.stringify(forged));
}

const restores = () => {
  for (const name of ['orders', 'stock']) expect(host.restored(name)).toEqual(host.held(name));
};

test.each<[string, 'log' | 'differential', Partial<DatabaseRecord>, string]>([
  ['a log at the position of the real one', 'log', {}, 'was taken by another run'],
  ['a log further on', 'log', { last_lsn: '34000000000000000099999' }, 'says other things'],
  [
    'a log that nobody took',
    'log',
    { backup_set_guid: '00000000-0000-4000-8000-000000000000' },
    'knows no such backup',
  ],
  ['a log of no GUID at all', 'log', { backup_set_guid: "x'); DROP TABLE y --" }, 'knows no such backup'],
  ['a full that is the base of differentials', 'differential', {}, 'was taken by another run'],
])('%s is not followed: a full says why, and everything comes back', async (_, type, changes, why) => {
  const full = must(await run('full'));
  host.write('orders', 'second');
  const log = must(await run('log'));
  host.write('orders', 'third');
  forge(type === 'log' ? log : full, changes);
  const next = await run(type);
  expect(must(next)).toMatchObject({ type: 'full', parent: null, fullBecause: expect.stringContaining(why) });
  expect(must(next).fullBecause).toMatch(/^database "(orders|stock)": /);
  host.write('stock', 'fourth');
  const last = must(await run(type));
  expect(last).toMatchObject({ type, parent: { slot: must(next).slot } });
  restores();
});

test('what is carried on and was never taken makes fulls of those databases', async () => {
  await run('full');
  const log = must(await run('log'));
  host.write('orders', 'second');
  forge(log, { stream: null, last_lsn: '34000000000000000099999' });
  const next = await run('log');
  expect(must(next)).toMatchObject({ type: 'log', parent: { slot: expect.stringMatching(/59Z$/) } });
  expect([...recordsOf(must(next)).values()].map(({ type }) => type)).toEqual(['full', 'full']);
  expect(said(next, 'history_contradicts')).toHaveLength(2);
  restores();
});

test('a server whose history was cleared takes a full, once', async () => {
  await run('full');
  host.change((state) => void (state.history = []));
  expect(must(await run('log')).fullBecause).toContain("the server's history knows no such backup");
  host.write('orders', 'second');
  expect(must(await run('log'))).toMatchObject({ type: 'log' });
  restores();
});

test('a login that may not read the history is told so, and its logs go on', async () => {
  await run('full');
  host.change((state) => void (state.login.sysadmin = false));
  host.write('orders', 'second');
  const log = await run('log');
  expect(log.exit).toBe(EXIT.degraded);
  expect(must(log).type).toBe('log');
  expect(said(log, 'history_unreadable')).toEqual([expect.stringContaining('db_datareader')]);
});
