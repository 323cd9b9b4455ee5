import type { AwsStartList, AwsTask, AwsTaskSchedule, RunSchedule } from '../contract';
import { TimeOfDay, clockHazards, digest } from '../units';

const HOUR_MINUTES = 60;

interface Start {
  readonly schedule: AwsTaskSchedule;
  /** Starts with one key lie within an hour on the same days. */
  readonly key: string;
  /** Seconds since midnight, or since the interval began. */
  readonly at: number;
}

/**
 * The starts of tasks in lists, each within an hour and on the same days. Whoever waits in a list waits on a clock that
 * goes on evenly: where a date may lack a minute or show it twice, a list ends, and the scheduler decides as it does for
 * a schedule of its own.
 * @param idOf - id of a list, by its name
 */
export function startLists(tasks: readonly AwsTask[], idOf: (name: string) => string): readonly AwsStartList[] {
  const groups = new Map<string, Start[]>();
  for (const { schedules } of tasks) {
    for (const schedule of schedules) {
      const start = { schedule, ...placeOf(schedule.schedule) };
      groups.set(start.key, [...(groups.get(start.key) ?? []), start]);
    }
  }
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, starts]) =>
      evenParts(inOrder(starts)).map((part, index) => listOf(nameOf(key, index), part, idOf)),
    );
}

function placeOf(schedule: RunSchedule): Pick<Start, 'key' | 'at'> {
  if (schedule.kind === 'interval') {
    const { everySeconds, offsetSeconds } = schedule;
    return { key: `every ${everySeconds} ${hourOf(offsetSeconds)}`, at: offsetSeconds };
  }
  const { timeZone, days } = schedule;
  const at = (TimeOfDay.parse(schedule.at)?.minutes ?? 0) * 60;
  return { key: `${timeZone} ${JSON.stringify(days)} ${hourOf(at)}`, at };
}

function hourOf(seconds: number): number {
  return Math.floor(seconds / (HOUR_MINUTES * 60));
}

function inOrder(starts: readonly Start[]): readonly Start[] {
  return [...starts].sort((a, b) => a.at - b.at || (a.schedule.id < b.schedule.id ? -1 : 1));
}

function evenParts(starts: readonly Start[]): readonly (readonly Start[])[] {
  const parts: Start[][] = [];
  for (const start of starts) {
    const part = parts.at(-1);
    if (part?.[0] && isEven(part[0], start)) part.push(start);
    else parts.push([start]);
  }
  return parts;
}

/** Whether the clock goes on evenly from one start to a later one, on every date. */
function isEven(first: Start, { at, schedule: { schedule } }: Start): boolean {
  if (schedule.kind === 'interval' || at === first.at) return true;
  const { skipped, repeated } = clockHazards(schedule.timeZone);
  for (let minute = first.at / 60; minute <= at / 60; minute += 1) {
    if (skipped.has(minute) || repeated.has(minute)) return false;
  }
  return true;
}

function nameOf(key: string, part: number): string {
  return `starts-${digest(key)}${part === 0 ? '' : `-${part + 1}`}`;
}

function listOf(name: string, starts: readonly Start[], idOf: (name: string) => string): AwsStartList {
  const [first] = starts;
  if (!first) throw new Error(`list ${name} has no start`);
  return {
    id: idOf(name),
    from: [],
    name,
    schedule: first.schedule.schedule,
    starts: starts.map(({ schedule, at }) => ({ id: schedule.id, afterSeconds: at - first.at })),
  };
}
