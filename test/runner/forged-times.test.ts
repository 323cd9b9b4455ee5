import { agesIn } from '../../lib/runner/age';
import { sortHistory } from '../../lib/runner/chain';
import { readLedger } from '../../lib/runner/history';
import { planPrune } from '../../lib/runner/prune-plan';
import { choose } from '../../lib/runner/restore/choose';
import { pointsOf } from '../../lib/runner/restore/point';
import type { Point } from '../../lib/runner/restore/point';
import { surveyPlace } from '../../lib/runner/restore/survey';
import { PATH, machineAt, takeBackup, task, verify, worldOf } from './copy/world';
import { fakeSource, plannedRun, takeInto } from './fake-run';
import { DAY, START, manifestOf } from './manifests';
import type { MemoryStore } from './memory-store';
import { sourceOf } from './stream/sources';

/** Backups of days to come, or with a hold on them, that somebody who may write puts into a store. */

const daily = { ...task, runs: [plannedRun()] };
const at = (day: number) => new Date(START + day * DAY + 3_600_000);
const place = (store: MemoryStore) => ({ store, path: PATH });

/** One honest backup and one of the fifth day, both verified on the first. */
async function aDayThatComes() {
  const { a } = worldOf();
  const honest = await takeBackup([a], { day: 0, retention: 3 });
  const forged = await takeBackup([a], { day: 5, retention: 3, changes: { startedAt: honest.manifest.startedAt } });
  expect((await verify(a, 1)).added).toBe(2);
  return { a, honest, forged };
}

async function latest(store: MemoryStore, day: number) {
  const survey = await surveyPlace(place(store), task, at(day));
  const choice = choose({ kind: 'latest' }, pointsOf([survey]), { now: at(day), continuous: false, unverified: [] });
  return { sha256: 'point' in choice ? choice.point.sha256 : choice.why, suspected: survey.suspected };
}

describe('a backup that was verified before its own slot', () => {
  test.each([1, 6, 7])('keeps no age young, on day %d', async (day) => {
    const { a } = await aDayThatComes();
    const [age] = await agesIn(place(a), daily, at(day));
    expect(age?.ageSeconds).toBe(day * 86_400 + 3600);
  });

  test('is never the newest of a restore, nor taken for the newest chain by prune, and is told of', async () => {
    const { a, honest } = await aDayThatComes();
    const { sha256, suspected } = await latest(a, 6);
    expect(sha256).toBe(honest.sha256);
    expect(suspected).toEqual([expect.objectContaining({ why: expect.stringContaining('from the future') })]);
    const { entries } = await readLedger(place(a), task.name);
    expect(planPrune(sortHistory(entries), daily, at(6)).map(({ fate, why }) => [fate, why.slice(0, 7)])).toEqual([
      ['keep', 'belongs'],
      ['keep', 'retenti'],
    ]);
  });

  test('counts where its verifier’s clock is only a little behind', async () => {
    const { a } = worldOf();
    await takeBackup([a], { day: 1 });
    expect((await verify(a, 1 - 0.5 / 24)).added).toBe(1);
    expect((await agesIn(place(a), daily, at(1)))[0]?.ageSeconds).toBe(3600);
  });
});

test('a backup that claims a moment to come is not the newest one until then', async () => {
  const { a } = worldOf();
  const [honest, forged] = [
    await takeBackup([a], { day: 1 }),
    await takeBackup([a], { day: 0, changes: { pointInTime: '2099-01-01T00:00:00.000Z' } }),
  ];
  await verify(a, 1);
  expect((await latest(a, 2)).sha256).toBe(honest.sha256);
  // Nor does it keep anybody from the newest one when it is gone.
  for await (const { key, version } of a.list(`${PATH}${forged.manifest.slot}-full-`)) await a.remove(key, version);
  expect((await latest(a, 2)).sha256).toBe(honest.sha256);
});

test('of two logs that reach a moment the one that was verified first is replayed', () => {
  const [full, log, forged] = [manifestOf(0, 'full', 9), manifestOf(1, 'log', 9), manifestOf(0.9, 'log', 9)];
  const point = (stored: typeof full, verifiedAt: string, since?: Date): Point => ({
    ...{ sha256: stored.sha256, manifest: stored.manifest, at: new Date(stored.manifest.pointInTime) },
    ...(since && { since }),
    chains: [{ place: {} as never, members: [{ ...stored, entry: { verifiedAt } } as never], cold: [] }],
  });
  const since = at(0);
  const points = [
    point(full, at(0).toISOString()),
    point(forged, at(3).toISOString(), since),
    point(log, at(2).toISOString(), since),
  ];
  const choice = choose(
    { kind: 'moment', at: at(0.5) },
    { points, broken: [] },
    { now: at(4), continuous: true, unverified: [] },
  );
  expect(choice).toMatchObject({ point: { sha256: log.sha256 } });
});

test('a full of days to come is no last time that a source could have shrunk from; one of the past is', async () => {
  const contents = [{ name: 'a', entries: 1000, exact: true }];
  const run = (day: number) => {
    const { a } = worldOf();
    const last = manifestOf(day, 'full', 9, undefined, { contents });
    return takeInto([a], machineAt(1), {
      source: fakeSource([sourceOf(Buffer.from('rows'))]),
      histories: [{ place: place(a), history: [last], strangers: [] }],
    });
  };
  expect((await run(900)).exit).toBe(0);
  await expect(run(0)).rejects.toThrow('0 entries where there were 1000');
});
