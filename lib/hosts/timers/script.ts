import type { RunSchedule } from '../../contract';
import type { NodeRelease } from '../node-release';
import { renderHostBody } from '../run-script';
import { quoted } from '../shell';
import type { TaskHost } from './host';

/** Tries of a run that may work in a while, and the pause between two of them, in seconds. */
const [TRIES, PAUSE_SECONDS] = [4, 300];

/**
 * `hypdr-task-NAME TYPE`: what a timer starts. The slot is the last planned start, also where the machine was off at it: a
 * run that is made up for is that of its plan.
 * @returns bash
 */
export function renderTimerScript({ word, task, timers, runnerSha256 }: TaskHost, node: NodeRelease): string {
  const secrets = task.source.kind === 'database' ? [`export HYPDR_SECRETS="\${HYPDR_SECRETS-${task.cloud}}"`] : [];
  return [
    '#!/bin/bash',
    '# Written by hypdr: the next installation writes it again.',
    'set -euo pipefail',
    'does="${1:-}"',
    ...PLANNED,
    'case "$does" in',
    ...timers.flatMap(({ does, schedule }) => [
      `  ${does}) run=${does === 'prune' ? 'prune' : quoted(`backup ${does}`)} slot="$(${planned(schedule)})" ;;`,
    ]),
    `  *) echo "say one of: ${timers.map(({ does }) => does).join(', ')}" >&2; exit 64 ;;`,
    'esac',
    'if [ "${2:-}" != once ]; then',
    `  for try in $(seq 1 ${TRIES}); do`,
    '    code=0',
    '    "$0" "$does" once "$slot" || code=$?',
    '    [ "$code" = 75 ] || exit "$code"',
    `    [ "$try" = ${TRIES} ] || sleep "\${HYPDR_PAUSE:-${PAUSE_SECONDS}}"`,
    '  done',
    '  exit 75',
    'fi',
    'slot="$3"',
    `manifest="\${HYPDR_ROOT:-}/etc/hypnoscript-dr/tasks/${word}.json"`,
    `cd "\${HYPDR_ROOT:-}/usr/local/lib/hypnoscript-dr/${word}"`,
    `runner_sha256=${quoted(runnerSha256)}`,
    ...secrets,
    ...renderHostBody({ node, maxParallel: task.maxParallel, metrics: 'log' }),
    '',
  ].join('\n');
}

function planned(schedule: RunSchedule): string {
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

/** A timer may be a moment early, by a clock that is set back. */
const PLANNED = [
  'now() { echo "${HYPDR_NOW:-$(date +%s)}"; }',
  'as_slot() { date -u -d "@$1" +%Y%m%dT%H%M%SZ; }',
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
