import type { TaskManifest } from '../contract';
import { LONGEST_FULL_READ_SECONDS } from '../contract/full-read';
import { firstNeeded, longestSeconds } from './full-read-age';
import type { Place } from './history';
import type { LedgerLook } from './ledger-look';
import type { Machine } from './machine';
import { readRecordKey, recordPrefix } from './object-key';
import { slotDate } from './slot';
import { StoreError } from './store/store';

/** How long ago a data set was last restored for a test, by the schedule. */
export interface TestRestoreAge {
  /**
   * Seconds since the start of the newest on record, whatever came of it: what failed was told when it failed. Where
   * there is none, since the first of the backups was verified that were needed at any time within `allowedSeconds`.
   */
  readonly ageSeconds: number;
  /** Whether one is on record. */
  readonly ever: boolean;
  /** Seconds that it may be: the longest time between two starts, three days for a thaw, the longest that it may take, and a day. */
  readonly allowedSeconds: number;
}

/** Nobody knows: a store that may hold its records gave no answer. */
export interface UnknownTestRestore {
  readonly why: string;
  /** Whether it may answer in a while. */
  readonly worthRetry: boolean;
}

/** What the stores of a task say, each with its ledger. */
export interface LookedAt {
  readonly place: Place;
  readonly ledger: LedgerLook;
}

const DAY_SECONDS = 86_400;
const LONGEST_THAW_SECONDS = 3 * DAY_SECONDS;

/** Whether a schedule restores the task for a test: an engine without a server in the image is tested by nobody (DR3076). */
export function isTestRestored({ validation: { testRestore } }: TaskManifest): boolean {
  return testRestore !== undefined && testRestore.byHand !== true;
}

/**
 * The age by the names of records, which are listed and not read: who asks this every few minutes needs no right to what
 * a record says, and whether one is true is what verification asks.
 * @param looked - every store that the task itself writes to, since a record lies beside what was read
 * @returns `undefined` where none are scheduled, or nothing was on record and nothing has been needed for as long as one
 * may take to come
 */
export async function testRestoreAge(
  looked: readonly LookedAt[],
  task: TaskManifest,
  now: Date,
): Promise<TestRestoreAge | UnknownTestRestore | undefined> {
  const { name, validation } = task;
  if (!validation.testRestore || !isTestRestored(task)) return undefined;
  const allowedSeconds =
    longestSeconds(validation.testRestore.schedule) + LONGEST_THAW_SECONDS + LONGEST_FULL_READ_SECONDS + DAY_SECONDS;
  const starts = await ofEach(looked, ({ place }) => startsIn(place, name, now));
  if ('why' in starts) return starts;
  const ever = starts.length > 0;
  const time = now.getTime() - allowedSeconds * 1000;
  const needed = ever ? [] : await ofEach(looked, (one) => neededIn(one, time));
  if ('why' in needed) return needed;
  if (!ever && needed.length === 0) return undefined;
  const since = ever ? Math.max(...starts) : Math.min(...needed);
  return { ageSeconds: Math.max(0, Math.floor((now.getTime() - since) / 1000)), ever, allowedSeconds };
}

/** What each store says; the first that gives no answer leaves nothing known. */
async function ofEach(
  looked: readonly LookedAt[],
  ask: (one: LookedAt) => Promise<readonly number[]>,
): Promise<readonly number[] | UnknownTestRestore> {
  const answers: number[] = [];
  for (const one of looked) {
    try {
      for (const answer of await ask(one)) answers.push(answer);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return { why: `${one.place.store.id}: ${error.message}`, worthRetry: error.kind === 'retry' };
    }
  }
  return answers;
}

async function startsIn({ store }: Place, task: string, now: Date): Promise<readonly number[]> {
  const starts: number[] = [];
  for await (const { key } of store.list(recordPrefix(task))) starts.push(...startOf(key));
  return starts.filter((start) => start <= now.getTime());
}

async function neededIn({ place, ledger }: LookedAt, time: number): Promise<readonly number[]> {
  const first = await firstNeeded(ledger, time, place.keptDays);
  return first === undefined ? [] : [first];
}

/** Drills are people's, and no sign that the schedule works. */
function startOf(key: string): number[] {
  const name = readRecordKey(key);
  const start = name?.kind === 'test-restore' ? slotDate(name.slot) : undefined;
  return start ? [start.getTime()] : [];
}

/** By how much it is too old, in seconds. */
export function testRestoreOverdueSeconds({ ageSeconds, allowedSeconds }: TestRestoreAge): number {
  return Math.max(0, ageSeconds - allowedSeconds);
}

/** Says that nobody knows, and why. */
export function logUnknownTestRestore(
  { task, testRestore }: { readonly task: string; readonly testRestore?: TestRestoreAge | UnknownTestRestore },
  machine: Pick<Machine, 'log'>,
): void {
  if (!testRestore || !('why' in testRestore)) return;
  machine.log({ level: 'error', event: 'records_unreachable', message: testRestore.why, task });
}
