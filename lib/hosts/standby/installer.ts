import { quoted } from '../shell';
import { BACKUP_TASK, BACKUP_UNIT, backupUnits, renderBackupScript } from './backup';
import { clusterUnit, renderPrimaryConfig, renderStandbyConfig } from './config';
import type { PrimaryMachine, StandbyMachine } from './machine';
import { renderPrimaryScript, renderStandbyScript } from './script';
import { primaryUnits, standbyUnits } from './units';
import type { Units } from './units';

interface Installed {
  /** Variables of the configuration that whoever installs says, and where they are found. */
  readonly asked?: Readonly<Record<string, string>>;
  /** Variables that whoever installs may say otherwise. @default - none */
  readonly open?: readonly string[];
  readonly config: string;
  /** Programs, by their names. */
  readonly scripts: Readonly<Record<string, string>>;
  readonly units: Units;
  /** Other files, by their paths. @default - none */
  readonly more?: Readonly<Record<string, string>>;
  /** Service whose timers are these and no others. @default - none */
  readonly timersOf?: string;
}

/** Ends of files in a script: no line of ours is like it. */
const END = 'HYPDR-END';

/**
 * One script that puts everything into its place and starts it, for user data, a document of Run Command or a startup
 * script. It may run again at any time; what differs is written, and nothing that runs is stopped.
 * @returns bash, below 40 kB without backups
 */
export function renderStandbyInstaller(machine: StandbyMachine): string {
  const { backups } = machine;
  return installer({
    config: renderStandbyConfig(machine),
    scripts: {
      'hypdr-standby': renderStandbyScript(machine.cloud),
      ...(backups && { [BACKUP_UNIT]: renderBackupScript(machine.cloud, backups) }),
    },
    units: backups ? both(standbyUnits(machine.version), backupUnits(backups)) : standbyUnits(machine.version),
    ...(backups && { more: { [BACKUP_TASK]: JSON.stringify(backups.task, null, 1) }, timersOf: BACKUP_UNIT }),
  });
}

/** The same for the primary. Its owner runs it, then `hypdr-primary setup --dry-run`. */
export function renderPrimaryInstaller(machine: PrimaryMachine): string {
  return installer({
    config: renderPrimaryConfig(machine),
    scripts: { 'hypdr-primary': renderPrimaryScript(machine.cloud) },
    units: primaryUnits(machine.unit ?? clusterUnit(machine.version)),
    open: ['standby_range'],
    asked: {
      ...(machine.lease.url === undefined && { lease_url: 'the output of the site with the address of the lease' }),
      ...(machine.archive &&
        machine.archive.store === undefined && {
          archive_store: 'the output of the site with the name of the archive',
        }),
    },
  });
}

/** One script that puts files into their places and starts units. */
export function installer(installed: Installed): string {
  const { config, scripts, units, asked = {}, open = [], more = {}, timersOf } = installed;
  return [
    '#!/bin/bash',
    'set -euo pipefail',
    'root="${HYPDR_ROOT:-}"',
    ...Object.entries(asked).map(([name, where]) => `: "\${${name.toUpperCase()}:?is ${where}}"`),
    '# Whole or not at all: a machine may stop in the middle of a line.',
    'place() {',
    '  mkdir -p "$(dirname "$root$1")"',
    '  cat >"$root$1.new"',
    '  chmod "$2" "$root$1.new"',
    '  mv "$root$1.new" "$root$1"',
    '}',
    file('/etc/hypnoscript-dr/site.conf', '644', config),
    ...Object.keys(asked).map(
      (name) => `printf '${name}=%q\\n' "$${name.toUpperCase()}" >>"$root/etc/hypnoscript-dr/site.conf"`,
    ),
    ...open.map(
      (name) =>
        `[ -z "\${${name.toUpperCase()}:-}" ] || printf '${name}=%q\\n' "$${name.toUpperCase()}" >>"$root/etc/hypnoscript-dr/site.conf"`,
    ),
    ...Object.entries(scripts).map(([name, text]) => file(`/usr/local/sbin/${name}`, '755', text)),
    ...Object.entries(more).map(([path, text]) => file(path, '644', text)),
    ...Object.entries(units.files).map(([name, text]) => file(`/etc/systemd/system/${name}`, '644', text)),
    ...(timersOf === undefined ? [] : withoutOthers(timersOf, units)),
    '[ -d /run/systemd/system ] && [ -z "$root" ] || exit 0',
    'systemctl daemon-reload',
    ...(units.bound ?? []).map((unit) => `systemctl enable ${quoted(unit)}`),
    ...units.enabled.map((unit) => `systemctl enable --now --no-block ${quoted(unit)}`),
    '',
  ].join('\n');
}

/** Takes away timers of a service that an earlier deployment had, and the spec no longer has. */
function withoutOthers(unit: string, { files }: Units): readonly string[] {
  const wanted = Object.keys(files).filter((name) => name.endsWith('.timer'));
  return [
    `for timer in "$root/etc/systemd/system/${unit}"-*.timer; do`,
    `  case " ${wanted.join(' ')} " in *" $(basename "$timer") "*) continue ;; esac`,
    '  [ -f "$timer" ] || continue',
    '  [ ! -d /run/systemd/system ] || [ -n "$root" ] || systemctl disable --now "$(basename "$timer")"',
    '  rm -f "$timer"',
    'done',
  ];
}

function both(one: Units, other: Units): Units {
  return { files: { ...one.files, ...other.files }, enabled: [...one.enabled, ...other.enabled] };
}

function file(path: string, mode: string, text: string): string {
  return `place ${path} ${mode} <<'${END}'\n${text}\n${END}`;
}
