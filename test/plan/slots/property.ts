import { clockChangesAt, TimeOfDay } from '../../../lib/units';
import type { Schedule } from '../../../lib/units';
import { place, windowMinutes } from '../../../lib/plan/slots';
import type { Unplaced, Window } from '../../../lib/plan/slots';

/** A weekly full with daily increments and differentials, as most specs have it. */
export function weeklySet(minutes: number): readonly Unplaced[] {
  const others = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
  const run = { expectedSeconds: minutes * 60, chained: true };
  return [
    { ...run, id: 'full', frequency: { kind: 'weekly' }, days: { kind: 'weekdays', weekdays: ['sunday'] } },
    { ...run, id: 'differential', frequency: { kind: 'daily' }, days: { kind: 'weekdays', weekdays: others } },
    { ...run, id: 'incremental', frequency: { kind: 'daily' }, days: { kind: 'weekdays', weekdays: others } },
  ];
}

/** A full on the first of each month, with increments on its other days, and logs round the clock beside them. */
export function monthlySet(minutes: number): readonly Unplaced[] {
  const run = { expectedSeconds: minutes * 60, chained: true };
  return [
    { ...run, id: 'full', frequency: { kind: 'monthly' }, days: { kind: 'month_day', monthDay: 1 } },
    { ...run, id: 'incremental', frequency: { kind: 'daily' }, days: { kind: 'not_month_day', monthDay: 1 } },
    {
      ...{ id: 'log', frequency: { kind: 'interval', everySeconds: 900 }, days: { kind: 'all' } },
      ...{ expectedSeconds: 300, chained: false },
    },
  ];
}

export function window(start: number, length: number, timeZone: string): Window {
  return { start: TimeOfDay.minutes(start), end: TimeOfDay.minutes(start + length), timeZone };
}

export function calendarTimes(schedules: Iterable<Schedule>): readonly TimeOfDay[] {
  return [...schedules].flatMap((one) => {
    const time = one.kind === 'calendar' ? TimeOfDay.parse(one.at) : undefined;
    return time ? [time] : [];
  });
}

/** What is wrong with the starts of a data set in a window until a year, by the zone's own answer for every date. */
export function faultsOf(
  name: string,
  runs: readonly Unplaced[],
  where: Window,
  toYear: number = 2027,
): readonly string[] {
  const { schedules, tooSmall } = place(name, runs, where);
  const faults: string[] = [];
  const minutes = windowMinutes(where);
  const ever = (minute: number, kind: 'skipped' | 'repeated') => changes(where, minute % 1440, kind, toYear);
  const some = (good: (minute: number) => boolean) =>
    [...Array(minutes).keys()].some((at) => good(where.start.minutes + at));
  for (const time of calendarTimes(schedules.values())) {
    const inWindow = (time.minutes - where.start.minutes + 1440) % 1440;
    if (inWindow >= minutes) faults.push(`${time} is outside of the window`);
    if (ever(time.minutes, 'skipped') && some((minute) => !ever(minute, 'skipped')))
      faults.push(`${time} does not always exist`);
    if (ever(time.minutes, 'repeated') && some((minute) => !ever(minute, 'skipped') && !ever(minute, 'repeated')))
      faults.push(`${time} occurs twice`);
  }
  const longest = Math.max(...runs.map((run) => run.expectedSeconds / 60));
  if (!tooSmall && longest > minutes) faults.push('the window is too small, and nobody says so');
  return faults;
}

const answers = new Map<string, ReadonlySet<string>>();

/** Whether a minute is ever skipped or repeated: asked of every date, once. */
function changes({ timeZone }: Window, minute: number, kind: 'skipped' | 'repeated', toYear: number): boolean {
  const question = `${timeZone} ${minute} ${toYear}`;
  const answer =
    answers.get(question) ??
    new Set(clockChangesAt(timeZone, TimeOfDay.minutes(minute), 2026, toYear).map((one) => one.kind));
  answers.set(question, answer);
  return answer.has(kind);
}
