import { NODE_RELEASE } from '../node-release';
import type { NodeRelease } from '../node-release';
import type { TaskHost } from './host';
import { renderTimerScript } from './script';
import { renderTimer } from './timer';

/** Ends a file of the installer; no line of JSON, bash or a unit is this. */
const END = 'END_OF_HYPDR_FILE';

/**
 * Puts the timers of a task onto a host with Linux and systemd: manifest, runner, script and units, each whole or not at
 * all, and takes away timers that the spec no longer has. It may run again at any time; `--remove` takes all of it away but
 * what the runs left: state, and the backups themselves.
 * @returns bash, for root; `runner.js` lies in the folder above its own
 */
export function renderTimerInstaller(host: TaskHost, node: NodeRelease = NODE_RELEASE): string {
  const { word, task, timers, runnerSha256 } = host;
  const unit = `hypdr-task-${word}`;
  const files: Readonly<Record<string, string>> = {
    [`/etc/hypnoscript-dr/tasks/${word}.json`]: `${JSON.stringify(task, null, 1)}\n`,
    [`/usr/local/sbin/${unit}`]: renderTimerScript(host, node),
    [`/etc/systemd/system/${unit}@.service`]: service(word, task.name),
    ...Object.fromEntries(
      timers.map(({ does, schedule }) => [
        `/etc/systemd/system/${unit}-${does}.timer`,
        renderTimer({ unit, does, schedule }),
      ]),
    ),
  };
  const names = timers.map(({ does }) => `${unit}-${does}.timer`);
  return [
    '#!/bin/bash',
    '# Written by hypdr synth: backups of this host, started by timers of its own. For root.',
    'set -euo pipefail',
    'root="${HYPDR_ROOT:-}"',
    'here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"',
    'fail() { echo "install: $*" >&2; exit 78; }',
    '[ -n "$root" ] || [ "$(id -u)" = 0 ] || fail "say sudo bash $0: units and programs are root\'s to write"',
    'systemd() { [ ! -d /run/systemd/system ] || [ -n "$root" ] || systemctl "$@"; }',
    'units="$root/etc/systemd/system"',
    `wanted=" ${names.join(' ')} "`,
    '[ "${1:-}" != --remove ] || wanted=" "',
    `for file in "$units"/${unit}-*.timer; do`,
    '  name="$(basename "$file")"',
    '  case "$wanted" in *" $name "*) continue ;; esac',
    '  [ -f "$file" ] || continue',
    '  systemd disable --now "$name"',
    '  rm -f "$file"',
    '  echo "removed $name"',
    'done',
    'if [ "${1:-}" = --remove ]; then',
    `  rm -rf "$units/${unit}@.service" "$root/usr/local/sbin/${unit}" "$root/etc/hypnoscript-dr/tasks/${word}.json" "$root/usr/local/lib/hypnoscript-dr/${word}"`,
    '  systemd daemon-reload',
    '  exit 0',
    'fi',
    `given="$(sha256sum "$here/../runner.js" 2>/dev/null | cut -d ' ' -f 1)" || given=''`,
    `[ "$given" = ${runnerSha256} ] || fail "$here/../runner.js is not the runner that this was written with: copy the whole folder hosts"`,
    'put() {',
    '  mkdir -p "$(dirname "$root$1")"',
    '  cat >"$root$1.new"',
    '  chmod "$2" "$root$1.new"',
    '  mv "$root$1.new" "$root$1"',
    '}',
    `put /usr/local/lib/hypnoscript-dr/${word}/runner.js 644 <"$here/../runner.js"`,
    ...Object.entries(files).map(([name, text]) =>
      [`put ${name} ${name.includes('/sbin/') ? 755 : 644} <<'${END}'`, `${text.trimEnd()}`, END].join('\n'),
    ),
    'systemd daemon-reload',
    `systemd enable --now ${names.join(' ')}`,
    `echo "${task.name.replace(/[^\w .-]/g, '_')} is backed up by timers of this host: systemctl list-timers '${unit}-*'"`,
    '',
  ].join('\n');
}

/** Exit 5 is a run that another one holds up, which is no failure; 3 is one that somebody should look at. */
function service(word: string, name: string): string {
  return [
    '[Unit]',
    `Description=Backups of ${name.replace(/[^\w .-]/g, '_')}: %i`,
    'Wants=network-online.target',
    'After=network-online.target time-sync.target',
    '',
    '[Service]',
    'Type=oneshot',
    'EnvironmentFile=-/etc/hypnoscript-dr/environment',
    `ExecStart=/usr/local/sbin/hypdr-task-${word} %i`,
    'SuccessExitStatus=5',
    'Nice=10',
    'TimeoutStopSec=30',
    '',
  ].join('\n');
}
