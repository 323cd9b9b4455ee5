import type { StoredManifest } from '../../lib/runner/manifest';
import { encodeLedgerEntry } from '../../lib/runner/manifest';
import { agesIn, overdueSeconds } from '../../lib/runner/age';
import { agesToEmf } from '../../lib/runner/metrics/age';
import { ledgerKey, runKeys } from '../../lib/runner/object-key';
import { testTask } from '../suites/runner/engine-machine';
import { DAY, START, manifestOf } from './manifests';
import { MemoryStore } from './memory-store';
import type { MemoryStoreOptions } from './memory-store';

const run = {
  ...{ id: 'run', from: [], retentionDays: 30, lockDays: 0, compression: 'none' as const, encryption: false },
  schedule: { kind: 'interval' as const, everySeconds: 86_400, offsetSeconds: 0 },
  expectedSeconds: 1800,
};
const task = testTask({
  name: 'test',
  runs: [
    { ...run, type: 'full', for: ['full'], cadence: { kind: 'weekly' } },
    { ...run, type: 'incremental', for: ['incremental'], cadence: { kind: 'daily' } },
  ],
});

async function ledgerOf(verified: readonly StoredManifest[], options: MemoryStoreOptions = {}): Promise<MemoryStore> {
  const store = new MemoryStore(options);
  for (const { manifest, bytes, sha256 } of verified) {
    const manifestKey = runKeys('data/', manifest.slot, manifest.type, manifest.attempt).manifest;
    const entry = encodeLedgerEntry({
      ...{ version: 1, store: store.id, manifestKey, manifestSha256: sha256, manifest: bytes.toString(), objects: [] },
      verifiedAt: manifest.endedAt,
      method: 'head',
    });
    await store.create(ledgerKey('test', manifestKey), entry, {});
  }
  return store;
}

async function ages(day: number, ...verified: readonly StoredManifest[]) {
  const store = await ledgerOf(verified);
  const found = await agesIn({ store, path: 'data/' }, task, new Date(START + day * DAY));
  return { task: 'test', ages: found, fullReads: [], expiries: [], prunes: [], unreachable: [] };
}

const full = manifestOf(0, 'full', 30);
const late = ({ ages: list }: Awaited<ReturnType<typeof ages>>) =>
  list.map((one) => [one.type, one.ageSeconds, (one.ageSeconds ?? Infinity) > one.allowedSeconds]);

test('the age is that of the newest verified backup, by its slot', async () => {
  const increment = manifestOf(1, 'incremental', 7, full);
  expect(late(await ages(2, full, increment))).toEqual([
    ['full', 2 * 86_400, false],
    ['incremental', 86_400, false],
  ]);
});

test('a backup from the future, which a wrong clock made, makes nothing younger', async () => {
  const ahead = manifestOf(365, 'full', 30);
  expect(late(await ages(9, full, ahead))).toEqual([
    ['full', 9 * 86_400, true],
    ['incremental', 9 * 86_400, true],
  ]);
});

test('a full serves every type', async () => {
  expect(late(await ages(0.5, full))).toEqual([
    ['full', 43_200, false],
    ['incremental', 43_200, false],
  ]);
});

test('a missed increment is late after its interval, its duration and an hour; the weekly full is not', async () => {
  const missed = await ages(1.2, full);
  expect(late(missed).map(([type, , isLate]) => [type, isLate])).toEqual([
    ['full', false],
    ['incremental', true],
  ]);
  expect(overdueSeconds(missed)).toBe(Math.floor(1.2 * 86_400) - 86_400 - 1800 - 3600);
  expect(overdueSeconds(await ages(1.01, full))).toBe(0);
});

test('what cannot be restored does not count: an increment whose parent is not in the ledger', async () => {
  const lost = manifestOf(3, 'incremental', 7, manifestOf(2, 'incremental', 7, full));
  expect(late(await ages(3, full, lost))[1]).toEqual(['incremental', 3 * 86_400, true]);
});

test('no verified backup at all, or a store that cannot be asked, is overdue by a day', async () => {
  expect(overdueSeconds(await ages(0))).toBe(86_400);
  expect(overdueSeconds({ ages: [], fullReads: [], unreachable: [{ store: 's', why: 'away' }] })).toBe(86_400);
});

test('a chain of many members is read sixteen at a time, and each entry once', async () => {
  const chain = [manifestOf(-99, 'full', 365)];
  for (let day = -98; day <= 0; day += 1) chain.push(manifestOf(day, 'incremental', 365, chain.at(-1)));
  let [now, most, reads] = [0, 0, 0];
  const store = await ledgerOf(chain, {
    fault: async ({ step, phase }) => {
      if (step !== 'read') return;
      if (phase === 'after') now -= 1;
      else {
        reads += 1;
        most = Math.max(most, (now += 1));
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  });
  const [, age] = await agesIn({ store, path: 'data/' }, task, new Date(START + DAY));
  expect([age?.ageSeconds, reads, most]).toEqual([86_400, 100, 16]);
});

test('metrics: one line a type and store, and one a task that alarms look at', async () => {
  const lines = agesToEmf(await ages(1, full), new Date(START)).map(
    (line) => JSON.parse(line) as Record<string, unknown>,
  );
  expect(lines.map((one) => [one.Task, one.Type, one.Store, one.BackupAgeSeconds, one.BackupOverdueSeconds])).toEqual([
    ['test', 'full', 'memory', 86_400, undefined],
    ['test', 'incremental', 'memory', 86_400, undefined],
    ['test', undefined, undefined, undefined, 0],
  ]);
  expect(lines[2]?._aws).toMatchObject({
    Timestamp: START,
    CloudWatchMetrics: [{ Namespace: 'HypnoScript/Backup', Dimensions: [['Task']] }],
  });
});
