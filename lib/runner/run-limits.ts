import type { TaskManifest, TaskRun } from '../contract';
import { nextOccurrence } from '../units';
import { windowAround, windowSeconds } from './window';

export interface RunTimes {
  /** Planned start; of a run by hand, its start. */
  readonly slot: Date;
  readonly start: Date;
}

/** Until when a run may take. */
export interface RunLimits {
  /** From then on it is late: that is said, and it reads slower. */
  readonly expectedEnd: Date;
  /** When it is ended. @default - never: nothing of its type follows */
  readonly hardStop?: HardStop;
}

export interface HardStop {
  readonly at: Date;
  /** What comes then: the next slot of its type, which it would run into, or the end of its window. */
  readonly before: { readonly kind: 'slot' | 'window end'; readonly moment: Date };
}

/** From the hard stop to the slot: a twentieth of the time between them, and never more than five minutes. */
const MARGIN = { part: 1 / 20, leastSeconds: 10, mostSeconds: 300 };

/**
 * The window governs starts, so its end makes a run late and ends it only where the task says so; the next slot of the
 * same type ends it, since the lock is one (`protocol.md`). Runs at intervals know no window: they are late after half
 * of one. A slot that is so close to the start that the run could not be expected to end before it, though by less than
 * half the time between two slots, is not waited for: a run by hand just before it takes its place.
 */
export function runLimits(
  task: Pick<TaskManifest, 'runs' | 'window' | 'hardStop'>,
  run: Pick<TaskRun, 'type' | 'schedule' | 'expectedSeconds'>,
  times: RunTimes,
): RunLimits {
  const begin = later(times.slot, times.start);
  const stops = [slotStop(task, run, times.slot, begin), windowStop(task, run, begin)].filter(
    (one) => one !== undefined,
  );
  const hardStop = stops.sort((a, b) => a.at.getTime() - b.at.getTime())[0];
  return { expectedEnd: expectedEnd(task, run, times), ...(hardStop && { hardStop }) };
}

function expectedEnd(
  { window }: Pick<TaskManifest, 'window'>,
  { schedule, expectedSeconds }: Pick<TaskRun, 'schedule' | 'expectedSeconds'>,
  { slot, start }: RunTimes,
): Date {
  if (schedule.kind === 'interval') return after(slot, schedule.everySeconds / 2);
  const open = windowAround(window, slot);
  // By hand, outside of the window: as long as it would have there.
  return open ? open.closes : after(start, Math.max(windowSeconds(window), expectedSeconds));
}

function slotStop(
  { runs }: Pick<TaskManifest, 'runs'>,
  { type, expectedSeconds }: Pick<TaskRun, 'type' | 'expectedSeconds'>,
  planned: Date,
  begin: Date,
): HardStop | undefined {
  const schedules = runs.filter((one) => one.type === type).map(({ schedule }) => schedule);
  const next = (moment: Date) =>
    schedules
      .flatMap((schedule) => nextOccurrence(schedule, moment) ?? [])
      .sort((a, b) => a.getTime() - b.getTime())[0];
  const first = next(begin);
  if (!first) return undefined;
  const onTime = same(next(after(planned, -0.001)), planned) && same(next(planned), first);
  const between = onTime ? secondsFrom(planned, first) : secondsFrom(first, next(first) ?? first);
  const patience = Math.min(expectedSeconds, between / 2);
  const slot = secondsFrom(begin, first) >= patience ? first : next(after(begin, patience));
  if (!slot) return undefined;
  const margin = Math.min(Math.max(secondsFrom(begin, slot) * MARGIN.part, MARGIN.leastSeconds), MARGIN.mostSeconds);
  return { at: after(slot, -margin), before: { kind: 'slot', moment: slot } };
}

/** `hard_stop`, of a run that began in its window; one by hand outside of it has no window to end with. */
function windowStop(
  { hardStop, window }: Pick<TaskManifest, 'hardStop' | 'window'>,
  { schedule }: Pick<TaskRun, 'schedule'>,
  begin: Date,
): HardStop | undefined {
  const open = hardStop && schedule.kind === 'calendar' ? windowAround(window, begin) : undefined;
  return open && { at: open.closes, before: { kind: 'window end', moment: open.closes } };
}

function same(one: Date | undefined, other: Date): boolean {
  return one?.getTime() === other.getTime();
}

function later(one: Date, other: Date): Date {
  return one > other ? one : other;
}

function after(moment: Date, seconds: number): Date {
  return new Date(moment.getTime() + seconds * 1000);
}

function secondsFrom(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / 1000;
}
