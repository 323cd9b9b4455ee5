import type { RunSchedule, TaskManifest } from '../../contract';
import { NODE_FLAGS, NODE_RELEASE } from '../node-release';
import type { NodeRelease } from '../node-release';
import { quoted } from '../shell';
import { planned, plannedFunctions } from '../timers/planned';
import { renderTimer } from '../timers/timer';
import { renderCloud } from './cloud';
import { COMMON } from './common';
import type { StandbyMachine } from './machine';
import { oneshot, unit } from './units';
import type { Units } from './units';
import { renderWithRunner, runnerVariables } from './with-runner';
import type { MachineRunner } from './with-runner';

/** What a database machine of a site backs up while the site is active. Nothing in it is secret. */
export interface StandbyBackups {
  /** The task with its own server as the source: `manifestOnSite`. */
  readonly task: TaskManifest;
  readonly runs: readonly { readonly type: string; readonly schedule: RunSchedule }[];
  /** From a planned start to the slot, which is then none of the primary's. */
  readonly afterSeconds: number;
  readonly runner: MachineRunner;
}

/** Name of script and units; `first` is the backup that a promotion starts. */
export const BACKUP_UNIT = 'hypdr-site-backup';
export const BACKUP_SCRIPT = `/usr/local/sbin/${BACKUP_UNIT}`;
/** Where the task manifest lies. */
export const BACKUP_TASK = '/etc/hypnoscript-dr/backup.json';
/** Tries of a run that may work in a while, and the pause between two of them, in seconds: as hosts have it. */
const [TRIES, PAUSE_SECONDS] = [4, 300];

/**
 * Only the server that people write to is backed up. Each start asks for itself, so that nobody has to switch anything on
 * or off: a standby, a site that was left and one whose primary is back all have nothing to do. Nobody guesses where the
 * lease can't be read.
 */
const GATE = String.raw`# Sets "idle" where there is nothing to do.
is_active() {
  local answer word term cluster
  if ! is_running; then
    # Whoever leaves a site stops its server in order.
    cluster="$(as_postgres "$pgbin/pg_controldata" -D "$data" 2>/dev/null | sed -n 's/^Database cluster state: *//p')" || cluster=''
    if [ -f "$state/promotion.json" ] && [ ! -f "$data/standby.signal" ] && [ "$cluster" != 'shut down' ]; then
      fail 75 'the database of the site was promoted and does not run'
    fi
    idle='its server does not run'
    return 1
  fi
  answer="$(sql 'SELECT pg_is_in_recovery()')" || fail 75 'the database of the site does not answer'
  if [ "$answer" = t ]; then
    idle=standby
    return 1
  fi
  answer="$(lease_read)" || fail 75 "the lease can't be read: nobody knows whether the site is active"
  read -r word term _ <<<"$answer"
  if [ "$word" = granted ]; then
    idle='the primary has the lease'
    return 1
  fi
  if [ -f "$state/promotion.json" ] && [ "$term" -gt "$(field term <"$state/promotion.json")" ]; then
    idle='the primary had the lease since this server was promoted'
    return 1
  fi
}`;

const RUN = String.raw`backup_once() {
  if ! is_active; then
    say "$idle, nothing to do"
    return 0
  fi
  with_runner
  mkdir -p "$state/runner"
  [ "$(id -u)" != 0 ] || chown postgres: "$state/runner"
  say "backup $1 for $2"
  as_postgres env -u HYPDR_SECRETS -u PGPASSFILE "HYPDR_STATE=$state/runner" "AWS_REGION=${'$'}{AWS_REGION:-$region}" "PATH=$pgbin:$PATH" \
    "PGHOST=$sockets" "PGPORT=$port" PGUSER=postgres \
    "$node_folder/bin/node" ${NODE_FLAGS.join(' ')} "$runner" backup --task "$etc/backup.json" --type "$1" --slot "$2" --metrics log
}
# Each try asks again whether the site is active.
backup() {
  local code try
  for try in $(seq 1 ${TRIES}); do
    code=0
    "$0" once "$1" "$2" || code=$?
    if [ "$code" != 75 ] || [ "$try" = ${TRIES} ]; then break; fi
    sleep "${'$'}{HYPDR_PAUSE:-${PAUSE_SECONDS}}"
  done
  # 5: another run is under way, or has published this slot.
  [ "$code" = 0 ] || [ "$code" = 5 ] || cloud_metric BackupFailed 1 || true
  exit "$code"
}
# Before the day on which it is needed, as long as there is a way to what has to come from elsewhere.
prepare() {
  # It compresses, where the task asks for it.
  [ -n "${'$'}{HYPDR_NO_PACKAGES:-}" ] || command -v zstd >/dev/null || apt-get -o DPkg::Lock::Timeout=300 -y -q install zstd ||
    fail 75 "zstd can't be installed"
  with_runner
  say 'ready to take backups once the site is active'
}`;

/** `hypdr-site-backup TYPE`: what a timer starts, and `first`, what a promotion does. @returns bash */
export function renderBackupScript(
  cloud: StandbyMachine['cloud'],
  { runs, afterSeconds, runner }: StandbyBackups,
  node: NodeRelease = NODE_RELEASE,
): string {
  const first = runs.find(({ type }) => type === 'full') ?? runs[0];
  return [
    '#!/bin/bash',
    '# Written by hypdr: the next deployment writes it again.',
    // What a cloud's functions know of archives is for other scripts.
    '# shellcheck disable=SC2154,SC2034',
    COMMON,
    renderCloud(cloud),
    ...plannedFunctions(afterSeconds),
    ...runnerVariables(runner),
    `node_version=${quoted(node.version)}`,
    ...renderWithRunner('url' in runner ? 'url' : 'path', node),
    GATE,
    RUN,
    'word="${1:-}"',
    'case "$word" in',
    ...runs.map(({ type, schedule }) => `  ${type}) backup ${type} "$(${planned(schedule)})" ;;`),
    // One that nobody planned has its own start for its slot.
    `  first) backup ${first?.type ?? 'full'} "$(date -u -d "@$(now)" +%Y%m%dT%H%M%SZ)" ;;`,
    '  once) backup_once "$2" "$3" ;;',
    '  prepare) prepare ;;',
    `  *) fail 64 "say one of: ${[...runs.map(({ type }) => type), 'first', 'prepare'].join(', ')}" ;;`,
    'esac',
    '',
  ].join('\n');
}

/** A service for each start, a timer for each run, and what fetches the programs at each boot. */
export function backupUnits({ task, runs }: StandbyBackups): Units {
  const timers = runs.map(({ type, schedule }): readonly [string, string] => [
    `${BACKUP_UNIT}-${type}.timer`,
    renderTimer({ unit: BACKUP_UNIT, does: type, schedule }).trimEnd(),
  ]);
  const prepare = `${BACKUP_UNIT}-prepare.service`;
  return {
    files: {
      [`${BACKUP_UNIT}@.service`]: unit({
        Unit: [
          `Description=Backup of ${task.name.replace(/[^\w .-]/g, '_')} while the site is active: %i`,
          'Wants=network-online.target',
          'After=network-online.target time-sync.target',
        ],
        Service: [
          'Type=oneshot',
          `ExecStart=${BACKUP_SCRIPT} %i`,
          'SuccessExitStatus=5',
          'Nice=10',
          'TimeoutStopSec=30',
        ],
      }),
      [prepare]: oneshot(
        'Fetches what takes backups while the site is active',
        `${BACKUP_SCRIPT} prepare`,
        ['Restart=on-failure', 'RestartSec=300'],
        ['WantedBy=multi-user.target'],
      ),
      ...Object.fromEntries(timers),
    },
    enabled: [...timers.map(([name]) => name), prepare],
  };
}
