import type { BackupType, TaskManifest, TaskRun } from '../contract';
import { longestInterval } from '../units';
import { chainExpiry, newestHistory } from './chain-expiry';
import type { ChainExpiry, KeptRun } from './chain-expiry';
import { fullReadAge } from './full-read-age';
import type { FullReadAge } from './full-read-age';
import type { Place } from './history';
import { LedgerLook } from './ledger-look';
import type { Machine } from './machine';
import { closePlaces, openPlaces } from './places';
import { pruneAge } from './prune-age';
import type { PruneAge } from './prune-age';
import { slotDate } from './slot';
import { StoreError } from './store/store';
import { LOCAL } from './task';
import { isTestRestored, testRestoreAge } from './test-restore-age';
import type { LookedAt, TestRestoreAge, UnknownTestRestore } from './test-restore-age';

/** How old the newest verified backup of a type is in a store. */
export interface BackupAge {
  readonly store: string;
  readonly type: BackupType;
  /** Seconds since its slot; `undefined` where there is none. */
  readonly ageSeconds: number | undefined;
  /** Seconds that it may be old: an interval, what a run is expected to take, and an hour to verify it; copies follow later. */
  readonly allowedSeconds: number;
}

export interface TaskAges {
  readonly task: string;
  readonly ages: readonly BackupAge[];
  /** Of stores whose every byte is read again by a schedule. */
  readonly fullReads: readonly FullReadAge[];
  /** Of stores where a verified backup can be restored. */
  readonly expiries: readonly ChainExpiry[];
  /** Of stores that gave a list of what lies there. */
  readonly prunes: readonly PruneAge[];
  /** Of the whole task. @default - no schedule restores it for a test, or not all of its own stores were meant */
  readonly testRestore?: TestRestoreAge | UnknownTestRestore;
  /** Stores that could not be asked. */
  readonly unreachable: readonly { readonly store: string; readonly why: string }[];
}

/** Ages as they were asked for, with what the exit code needs. */
export interface ProbedAges extends TaskAges {
  /** Whether a store that could not be asked may answer in a while. */
  readonly worthRetry: boolean;
}

const VERIFICATION_SECONDS = 3600;
const DAY_SECONDS = 86_400;

interface Due {
  readonly run: TaskRun;
  /** Where a copy fills the place. */
  readonly copy: TaskManifest['copies'][number] | undefined;
}

/**
 * Asks the ledger of every store that the task writes to, or that copies fill: only what was verified counts, and only
 * what can be restored there. The folder of a host is the host's own to watch.
 * @param asked - ids of the stores that are meant, since identities differ per cloud; left out: all
 */
export async function ageOf(task: TaskManifest, machine: Machine, asked?: readonly string[]): Promise<ProbedAges> {
  const only = [...task.stores, ...task.copies]
    .map((one) => one.store)
    .filter((store) => store !== LOCAL && (asked?.includes(store) ?? true));
  const { places, dropped, ...opened } = await openPlaces(task, machine, { with: 'copies', only });
  const ages: BackupAge[] = [];
  const fullReads: FullReadAge[] = [];
  const expiries: ChainExpiry[] = [];
  const prunes: PruneAge[] = [];
  const looked: LookedAt[] = [];
  let testRestore: TaskAges['testRestore'];
  const unreachable: TaskAges['unreachable'][number][] = [...dropped];
  let { worthRetry } = opened;
  try {
    for (const place of places) {
      try {
        const now = machine.now();
        const ledger = await LedgerLook.at(place, task.name);
        const own = await agesBy(ledger, place, task, now);
        const fullRead = await fullReadAge(place, task, ledger, now);
        const unpruned = await pruneAge(place, task, ledger, now);
        const expiry = chainExpiry(place, await newestHistory(ledger, place, now), keptRuns(task, own), now);
        ages.push(...own);
        if (fullRead) fullReads.push(fullRead);
        if (expiry) expiries.push(expiry);
        prunes.push(unpruned);
        if (isOwn(task, place.store.id)) looked.push({ place, ledger });
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        unreachable.push({ store: place.store.id, why: error.message });
        worthRetry ||= error.kind === 'retry';
      }
    }
    if (isTestRestored(task) && areAllMeant(task, only)) {
      // A record lies in one of the stores: one that gives no answer may hold the newest.
      const silent = unreachable.find(({ store }) => isOwn(task, store));
      testRestore = silent
        ? { why: `${silent.store}: ${silent.why}`, worthRetry }
        : await testRestoreAge(looked, task, machine.now());
    }
  } finally {
    await closePlaces(places);
  }
  return {
    task: task.name,
    ages,
    fullReads,
    expiries,
    prunes,
    ...(testRestore && { testRestore }),
    unreachable,
    worthRetry,
  };
}

/** Whether the task itself writes to a store. */
function isOwn({ stores }: TaskManifest, id: string): boolean {
  return id !== LOCAL && stores.some(({ store }) => store === id);
}

/** Whether every store that the task itself writes to is asked, and there is one. */
function areAllMeant(task: TaskManifest, only: readonly string[]): boolean {
  const own = task.stores.map(({ store }) => store).filter((id) => isOwn(task, id));
  return own.length > 0 && own.every((id) => only.includes(id));
}

/** The same for one place, a line for each run of the task. */
export async function agesIn(place: Place, task: TaskManifest, now: Date): Promise<readonly BackupAge[]> {
  return agesBy(await LedgerLook.at(place, task.name), place, task, now);
}

async function agesBy(ledger: LedgerLook, place: Place, task: TaskManifest, now: Date): Promise<readonly BackupAge[]> {
  const { id } = place.store;
  const copy = task.copies.find((one) => one.store === id);
  const ages: BackupAge[] = [];
  for (const run of task.runs) ages.push(await ageIn(id, { run, copy }, ledger, now));
  return ages;
}

/** The runs with what one store allows each, in whose order its ages are. */
function keptRuns({ runs }: TaskManifest, ages: readonly BackupAge[]): readonly KeptRun[] {
  return runs.flatMap(({ type, retentionDays }, index) => {
    const age = ages[index];
    return age ? [{ type, retentionDays, allowedSeconds: age.allowedSeconds }] : [];
  });
}

/** A full serves every type: where an increment was due and a full was taken, nothing is missing. */
async function ageIn(store: string, { run, copy }: Due, ledger: LedgerLook, now: Date): Promise<BackupAge> {
  const newest = (await ledger.newestChain([run.type, 'full'], now))?.at(-1);
  const slot = newest && slotDate(newest.manifest.slot);
  const interval = longestInterval(run.cadence)?.seconds ?? 0;
  return {
    store,
    type: run.type,
    ageSeconds: slot && Math.max(0, Math.floor((now.getTime() - slot.getTime()) / 1000)),
    // Copies are taken once a night, some time after the window, and take about as long as the run.
    allowedSeconds:
      (copy ? Math.max(interval, DAY_SECONDS) + (copy.delaySeconds ?? 0) : interval) +
      run.expectedSeconds +
      VERIFICATION_SECONDS,
  };
}

/**
 * By how much the worst of a task is too old, in seconds, be it a backup or the last full re-read: 0 where all is well.
 * A store without any verified backup, or one that could not be asked, counts as a day: long enough for every alarm.
 */
export function overdueSeconds({
  ages,
  fullReads,
  unreachable,
}: Pick<TaskAges, 'ages' | 'fullReads' | 'unreachable'>): number {
  const late = ages.map((one) =>
    one.ageSeconds === undefined ? NEVER_SECONDS : Math.max(0, one.ageSeconds - one.allowedSeconds),
  );
  const unread = fullReads.map((one) => one.ageSeconds - one.allowedSeconds);
  return Math.max(0, ...late, ...unread, ...unreachable.map(() => NEVER_SECONDS));
}

const NEVER_SECONDS = 86_400;
