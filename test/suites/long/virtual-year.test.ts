import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compile } from '../../../lib/compile';
import type { BackupType, TaskManifest } from '../../../lib/contract';
import { runDates } from '../../../lib/plan';
import type { PlannedRun, ProtectionPlan } from '../../../lib/plan';
import { backup } from '../../../lib/runner/backup';
import { EXIT } from '../../../lib/runner/exit-code';
import type { Machine } from '../../../lib/runner/machine';
import { prune } from '../../../lib/runner/prune';
import type { Restorable } from '../../../lib/runner/restore/restorable';
import type { RestoreReport } from '../../../lib/runner/restore/report';
import { slotOf } from '../../../lib/runner/slot';
import { StoreError } from '../../../lib/runner/store/store';
import { verifyQuick } from '../../../lib/runner/verify';
import type { MemoryStore } from '../../runner/memory-store';
import { testMachine } from '../runner/engine-machine';
import { runHere, writeTask } from '../runner/program-run';
import type { Host } from '../runner/program-run';
import { isTurnOf } from '../turn';
import { applyLifecycle, bucketAt, isAway } from './year/places';
import type { Lifecycle, Weather } from './year/places';
import { brokenPromises, nameOf, nameOfPoint } from './year/promise';
import type { Memory } from './year/promise';
import { Random } from './year/random';
import { liveFolder, stateOf } from './year/source';

/**
 * A year of a file set: the starts of a plan, a virtual clock, tar, the runner's own backup, verification and prune, a
 * folder and a bucket with locks, and all that goes wrong in a year. On sampled days what `restorable` lists is compared
 * with what the year remembers, and every point is restored from every place that has it.
 */

/** Two or three minutes of a processor; how long that is, is nobody's failure. */
jest.setTimeout(3_600_000);

/** The same year each time, so that a change turns it red and not the day: HYPDR_SEED=$RANDOM is another one. */
const SEED = Number(process.env.HYPDR_SEED ?? 1);
const DAY = 86_400_000;
/** Far enough for tar, whose own clock is that of the host: its states must never be from the future. */
const FIRST_DAY = Date.UTC(2035, 0, 1);
const DAYS = 365;
const LONG_AGO = Date.UTC(2000, 0, 1);
/** On each every point is restored that is asked for; in turns, where those are: the year is the same in all else. */
const SAMPLES = 12;
/** Of what retention does not promise any more and is still there, so many are restored on a sampled day. */
const OVERDUE_RESTORES = 6;

const mockWeather: Record<'folder' | 'bucket', Weather> = {
  folder: { down: false, left: undefined },
  bucket: { down: false, left: undefined },
};
const mockBucket: { store: MemoryStore | undefined } = { store: undefined };
jest.mock('../../../lib/runner/store/open', () => {
  const real = jest.requireActual<{ readonly openLocal: (folder: string, machine: Machine) => Promise<unknown> }>(
    '../../../lib/runner/store/open',
  );
  return {
    openStore: () => Promise.resolve(mockBucket.store),
    openLocal: (folder: string, machine: Machine) =>
      mockWeather.folder.down
        ? Promise.reject(new StoreError('retry', `${folder} does not answer`))
        : real.openLocal(folder, machine),
  };
});

let folder: string;
let now = new Date(FIRST_DAY);
const random = new Random(SEED);
const clock = () => now;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-year-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function specOf(source: string, local: string): string {
  return `backup {
    general: {
      backup_window: { start: "02:00" end: "06:00" timezone: "Europe/Berlin" }
      types: {
        full: { frequency: "weekly" day: "sunday" retention: 30 compression: "gzip" encryption: false }
        incremental: { frequency: "daily" retention: 7 compression: "gzip" encryption: false }
        differential: { frequency: "3d" retention: 14 compression: "gzip" encryption: false }
      }
    }
    filesystem: {
      papers: {
        paths: [${JSON.stringify(source)}]
        settings: { include_hidden: true preserve_permissions: true preserve_ownership: true }
        storage: {
          local: { path: ${JSON.stringify(local)} }
          s3: { bucket: "acme-papers" region: "eu-west-1" path: "papers/{year}/{month}/" }
        }
      }
    }
  }`;
}

/** What the plan says of the set. */
function planned(source: string, local: string) {
  const files = [{ name: 'year.hyp', text: specOf(source, local) }];
  const { plan, diagnostics } = compile(files, { environment: {}, unset: 'warning', today: '2034-12-31' });
  const [task] = plan?.tasks ?? [];
  if (!plan || !task) throw new Error(JSON.stringify(diagnostics));
  return { plan, task, lifecycle: lifecycleOf(plan) };
}

function lifecycleOf(plan: ProtectionPlan): Lifecycle {
  const [bucket] = plan.aws.flatMap(({ buckets }) => buckets);
  const expireAfterDays = bucket?.lifecycle.find((one) => one.prefix === 'papers/')?.expireAfterDays;
  if (!bucket || expireAfterDays === undefined) throw new Error('the plan lets nothing expire');
  return { expireAfterDays, noncurrentExpireAfterDays: bucket.noncurrentExpireAfterDays };
}

/** Days of the year on which something goes wrong. */
function misfortunes() {
  const stretches = (count: number, longest: number) =>
    random.spread(count, 20, DAYS - 20).flatMap((from) => {
      const length = random.whole(1, longest + 1);
      return Array.from({ length }, (_, at) => from + at);
    });
  const noPruning = random.whole(20, 60);
  return {
    fullsMissed: new Set(random.spread(8, 2, 52)),
    hostOff: new Set(stretches(7, 9)),
    folderDown: new Set(stretches(4, 6)),
    bucketDown: new Set(stretches(6, 9)),
    bucketGoesInARun: new Set(random.spread(20, 5, DAYS)),
    verifierOff: new Set(stretches(8, 3)),
    /** Long enough for the lifecycle to have to do it. */
    prunerOff: (day: number) => day >= noPruning && day < noPruning + 220,
  };
}

test(`every point that is listed restores, and every point that is promised is listed (HYPDR_SEED=${SEED})`, async () => {
  const source = path.join(folder, 'source');
  const host: Host = { folder, state: path.join(folder, 'state'), environment: {} };
  const { plan, task, lifecycle } = planned(source, path.join(folder, 'local'));
  const [bucketId = ''] = task.stores.map(({ store }) => store);
  const bucket = bucketAt(bucketId, clock, mockWeather.bucket);
  mockBucket.store = bucket;
  const live = liveFolder(source, random);
  const bad = misfortunes();
  const samples = new Set(random.spread(SAMPLES, 30, DAYS));
  const memories = new Map<string, Memory>();
  const seen = {
    runs: 0,
    missed: 0,
    partly: 0,
    nowhere: 0,
    instead: 0,
    removed: 0,
    locked: 0,
    marked: 0,
    ended: 0,
    holes: 0,
    restored: 0,
  };
  const machine = (): Machine => ({ ...testMachine({}, clock), stateFolder: host.state });
  const file = writeTask(host, task);
  let [sunday, sampled] = [0, 0];

  for (let day = 0; day < DAYS; day += 1) {
    const midnight = FIRST_DAY + day * DAY;
    mockWeather.folder.down = bad.folderDown.has(day);
    mockWeather.bucket.down = bad.bucketDown.has(day);
    let ran: Date | undefined;
    for (const run of runsOn(plan, midnight)) {
      live.change();
      if (run.type === 'full') sunday += 1;
      if (bad.hostOff.has(day) || (run.type === 'full' && bad.fullsMissed.has(sunday)) || random.chance(0.03)) {
        seen.missed += 1;
        continue;
      }
      now = new Date(run.start.getTime() + random.whole(0, 20 * 60_000));
      await take(run);
      ran = new Date(now.getTime() + 15 * 60_000);
    }
    // After the last run of most days: to verify after each would take minutes more, and find the same.
    if (ran && !bad.verifierOff.has(day) && (samples.has(day) || random.chance(0.6))) {
      now = ran;
      await look();
    }
    now = new Date(midnight + 10 * 3_600_000);
    if (random.chance(0.25)) await removeWhatIsOver(day);
    if (!mockWeather.bucket.down) {
      const { marked, ended } = await applyLifecycle(bucket, lifecycle, now);
      seen.marked += marked;
      seen.ended += ended;
    }
    now = new Date(midnight + 12 * 3_600_000);
    if (samples.has(day)) await sample();
  }

  // A year in which nothing of it happened would prove nothing.
  expect([SEED, Object.entries(seen).filter(([, count]) => count === 0)]).toEqual([SEED, []]);

  async function take({ type, start }: PlannedRun & { readonly type: BackupType }): Promise<void> {
    const state = stateOf(source);
    const goes = bad.bucketGoesInARun.delete(Math.floor((start.getTime() - FIRST_DAY) / DAY));
    if (goes) mockWeather.bucket.left = random.whole(1, 12);
    const { exit, why, manifest, stored } = await backup(task, { type, slot: slotOf(start) }, machine());
    mockWeather.bucket.left = undefined;
    ageStates();
    seen.runs += 1;
    if (stored.length < 2) seen.partly += 1;
    if (!manifest || stored.length === 0) {
      seen.nowhere += 1;
      expect([exit, why]).toEqual([EXIT.retry, expect.any(String)]);
      return;
    }
    const { parent, pointInTime, fullBecause } = manifest.manifest;
    if (fullBecause !== undefined) seen.instead += 1;
    const name = nameOf(manifest.manifest);
    memories.set(name, {
      name,
      at: new Date(pointInTime),
      parent: parent ? nameOf(parent) : undefined,
      expires: new Date(start.getTime() + retentionOf(task, type) * DAY),
      state,
      stored,
      verified: new Set(),
    });
  }

  /** States are dropped by their files' times, which are the host's and the year's by turns: here the year's alone. */
  function ageStates(): void {
    for (const name of readdirSync(host.state, { recursive: true, encoding: 'utf8' })) {
      const state = path.join(host.state, name);
      if (!name.endsWith('.snar') || statSync(state).mtimeMs < LONG_AGO + DAYS * DAY) continue;
      const at = new Date(LONG_AGO + now.getTime() - FIRST_DAY);
      utimesSync(state, at, at);
    }
  }

  async function look(): Promise<void> {
    const { verified, findings } = await verifyQuick(task, machine());
    for (const { store, slot, type } of verified) memories.get(`${slot}-${type}`)?.verified.add(store);
    seen.holes += findings.filter(({ kind }) => kind === 'hole').length;
    const wrong = findings.filter(({ kind }) => kind !== 'hole' && kind !== 'unreachable');
    expect([SEED, now, wrong]).toEqual([SEED, now, []]);
    // Whatever was published in a place that answers is verified there by now.
    const missing = [...memories.values()].flatMap(({ name, stored, verified: by }) =>
      stored.filter((place) => isThere(place) && !by.has(place)).map((place) => `${name} in ${place}`),
    );
    expect([SEED, now, missing]).toEqual([SEED, now, []]);
  }

  async function removeWhatIsOver(day: number): Promise<void> {
    const { lines } = await prune(task, 'remove', machine(), bad.prunerOff(day) ? ['local'] : undefined);
    seen.removed += lines.filter(({ fate }) => fate === 'removed').length;
    seen.locked += lines.filter(({ fate }) => fate === 'locked').length;
  }

  function isThere(place: string): boolean {
    return place === 'local' ? !mockWeather.folder.down : !isAway(mockWeather.bucket);
  }

  function worthRestoring(points: Restorable['points']): Restorable['points'] {
    const isDue = (one: Restorable['points'][number]) => (memories.get(nameOfPoint(one))?.expires ?? now) > now;
    const over = points.filter((one) => !isDue(one));
    const some = new Set(Array.from({ length: Math.min(OVERDUE_RESTORES, over.length) }, () => random.one(over)));
    return points.filter((one) => isDue(one) || some.has(one));
  }

  async function sample(): Promise<void> {
    const places = ['local', bucketId].filter(isThere);
    const asked = await runHere(host, ['restorable', '--task', file, '--format', 'json'], { now: clock });
    const { points, unreachable } = JSON.parse(asked.stdout) as Restorable;
    const away = unreachable.map(({ store }) => store).sort();
    expect([SEED, now, away]).toEqual([SEED, now, ['local', bucketId].filter((one) => !isThere(one)).sort()]);
    expect([SEED, now, brokenPromises(points, memories, { places, now })]).toEqual([SEED, now, []]);
    const worth = worthRestoring(points);
    const isRestored = isTurnOf(sampled);
    sampled += 1;
    for (const point of isRestored ? worth : []) {
      for (const { store } of point.stores) {
        const target = path.join(folder, 'restored');
        const from = ['--from', nameOfPoint(point), '--store', store, '--target', target, '--format', 'json'];
        const { stdout } = await runHere(host, ['restore', '--task', file, ...from], { now: clock });
        const report = JSON.parse(stdout) as RestoreReport;
        expect([SEED, now, nameOfPoint(point), store, report.why]).toEqual([
          SEED,
          now,
          nameOfPoint(point),
          store,
          undefined,
        ]);
        const wanted = memories.get(nameOfPoint(point))?.state;
        expect([nameOfPoint(point), store, stateOf(path.join(target, source))]).toEqual([
          nameOfPoint(point),
          store,
          wanted,
        ]);
        rmSync(target, { recursive: true });
        seen.restored += 1;
      }
    }
  }
});

function runsOn(plan: ProtectionPlan, midnight: number): readonly (PlannedRun & { readonly type: BackupType })[] {
  const all = runDates(plan, new Date(midnight), new Date(midnight + DAY));
  return all.filter((one): one is PlannedRun & { readonly type: BackupType } => one.type !== 'verify');
}

function retentionOf(task: TaskManifest, type: BackupType): number {
  const run = task.runs.find((one) => one.type === type);
  if (!run) throw new Error(`no run of type ${type}`);
  return run.retentionDays;
}
