import type { RunSchedule } from '../../contract';
import { quoted } from '../shell';

/** Command of bash that prints the last planned start as a slot; `plannedFunctions` come before it. */
export function planned(schedule: RunSchedule): string {
  return schedule.kind === 'interval'
    ? `planned_every ${schedule.everySeconds} ${schedule.offsetSeconds}`
    : `planned_at ${schedule.at} ${quoted(schedule.timeZone)} ${quoted(daysPattern(schedule.days))}`;
}

/** Days as `date '+%a %d'` says them, on which a start lies. */
function daysPattern(days: Extract<RunSchedule, { kind: 'calendar' }>['days']): string {
  const dates = Array.from({ length: 31 }, (_, index) => index + 1);
  const among = (some: readonly number[]) => ` (${some.map((day) => String(day).padStart(2, '0')).join('|')})$`;
  switch (days.kind) {
    case 'all':
      return '';
    case 'weekdays':
      return `^(${days.weekdays.map((day) => `${day.charAt(0).toUpperCase()}${day.slice(1, 3)}`).join('|')}) `;
    case 'month_day':
      return among([days.monthDay]);
    case 'not_month_day':
      return among(dates.filter((day) => day !== days.monthDay));
  }
}

/**
 * Functions of `planned`.
 * @param afterSeconds - from the start to the slot. @default 0
 */
export function plannedFunctions(afterSeconds = 0): readonly string[] {
  const at = afterSeconds === 0 ? '$1' : `$(($1 + ${afterSeconds}))`;
  return [
    'now() { echo "${HYPDR_NOW:-$(date +%s)}"; }',
    `as_slot() { date -u -d "@${at}" +%Y%m%dT%H%M%SZ; }`,
    ...PLANNED,
  ];
}

/** A timer may be a moment early, by a clock that is set back. */
const PLANNED = [
  'planned_at() {',
  '  local at day now noon',
  '  now="$(now)"',
  '  # From noon to noon, so that a day of 23 or 25 hours is one day.',
  '  noon="$(date -d "TZ=\\"$2\\" $(TZ="$2" date -d "@$now" +%F) 12:00" +%s)"',
  '  for days in $(seq 0 62); do',
  '    day="$(TZ="$2" date -d "@$((noon - days * 86400))" +%F)"',
  '    at="$(date -d "TZ=\\"$2\\" $day $1" +%s 2>/dev/null)" || continue',
  '    [ "$at" -le $((now + 60)) ] || continue',
  '    if [[ "$(LC_ALL=C TZ="$2" date -d "@$at" "+%a %d")" =~ $3 ]]; then break; fi',
  '  done',
  '  as_slot "$at"',
  '}',
  'planned_every() { as_slot $((($(now) + 60 - $2) / $1 * $1 + $2)); }',
];
