import type { NodeRelease } from '../node-release';
import { renderHostBody } from '../run-script';
import { quoted } from '../shell';
import type { TaskHost } from './host';
import { planned, plannedFunctions } from './planned';

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
    ...plannedFunctions(),
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
