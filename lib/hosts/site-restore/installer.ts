import { NODE_RELEASE } from '../node-release';
import { quoted } from '../shell';
import { BOOTSTRAP } from '../standby/bootstrap';
import { renderCloud } from '../standby/cloud';
import { COMMON } from '../standby/common';
import { installer } from '../standby/installer';
import type { Units } from '../standby/units';
import { READY_PORT, oneshot, standbyUnits, unit } from '../standby/units';
import { renderWithRunner } from '../standby/with-runner';
import type { RestoreMachine } from './machine';
import { MYSQL } from './mysql';
import { POSTGRESQL } from './postgresql';
import { RESTORE } from './restore';

const SCRIPT = '/usr/local/sbin/hypdr-site-restore';

/** `hypdr-site-restore`: what runs on a database machine into which backups are restored. */
export function renderRestoreScript({ cloud, engine }: Pick<RestoreMachine, 'cloud' | 'engine'>): string {
  return [
    '#!/bin/bash',
    '# Written by hypdr: the next deployment writes it again.',
    '# shellcheck disable=SC2154',
    COMMON,
    renderCloud(cloud),
    BOOTSTRAP,
    engine === 'postgresql' ? POSTGRESQL : MYSQL,
    ...renderWithRunner('path'),
    RESTORE,
    'word="${1:-}"',
    '[ $# = 0 ] || shift',
    'case "$word" in',
    '  boot) boot ;;',
    '  restore)',
    '    one_restore',
    '    restore_newest',
    '    ;;',
    '  activate) activate "$@" ;;',
    '  leave) leave ;;',
    '  ready) ready ;;',
    '  status) site_status ;;',
    '  *) fail 64 "say one of: boot, restore, activate, leave, ready, status" ;;',
    'esac',
    '',
  ].join('\n');
}

/** `site.conf` of such a machine. */
export function renderRestoreConfig(machine: RestoreMachine): string {
  const { site, cloud, region, engine, version, leaseUrl, volumeGiB, metric, runner } = machine;
  const values = {
    ...{ site, cloud, region, engine, version, secret: '', lease_url: leaseUrl, volume_gib: volumeGiB },
    ...{ metric_namespace: metric.namespace, metric_site: metric.site },
    ...{ runner_path: runner.path, runner_sha256: runner.sha256 },
    node_version: NODE_RELEASE.version,
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${quoted(String(value))}`)
    .join('\n');
}

/** Puts all of it into its place and starts it; it may run again at any time. @returns bash */
export function renderRestoreInstaller(machine: RestoreMachine): string {
  return installer({
    config: renderRestoreConfig(machine),
    scripts: { 'hypdr-site-restore': renderRestoreScript(machine) },
    units: restoreUnits(machine),
    more: Object.fromEntries(
      machine.tasks.map((task, index) => [
        `/etc/hypnoscript-dr/tasks/${`${index + 1}`.padStart(3, '0')}.json`,
        JSON.stringify(task, null, 1),
      ]),
    ),
  });
}

function restoreUnits({ engine, version }: RestoreMachine): Units {
  const server: Readonly<Record<string, string>> =
    engine === 'postgresql'
      ? { 'hypdr-postgresql.service': standbyUnits(version).files['hypdr-postgresql.service'] ?? '' }
      : {
          'hypdr-mysql.service': unit({
            Unit: [`Description=Database of a recovery site`, 'RequiresMountsFor=/srv/database'],
            Service: [
              'Type=notify',
              'User=mysql',
              'RuntimeDirectory=hypdr-mysql',
              `ExecStart=/usr/sbin/${engine === 'mariadb' ? 'mariadbd' : 'mysqld'} --defaults-file=/etc/hypnoscript-dr/my.cnf`,
              'TimeoutSec=infinity',
              'Restart=on-failure',
              'RestartSec=10',
            ],
          }),
        };
  return {
    files: {
      ...server,
      'hypdr-site-restore.service': oneshot('Restores backups into a recovery site that sleeps', `${SCRIPT} boot`, [
        'Restart=on-failure',
        'RestartSec=60',
      ]).replace('\n\n[Service]', '\n\n[Install]\nWantedBy=multi-user.target\n\n[Service]'),
      'hypdr-ready.socket': unit({
        Unit: ['Description=Says whether this database is the one to write to'],
        Socket: [`ListenStream=${READY_PORT}`, 'Accept=yes', 'MaxConnections=16'],
        Install: ['WantedBy=sockets.target'],
      }),
      'hypdr-ready@.service': unit({
        Unit: ['Description=Says whether this database is the one to write to'],
        Service: [`ExecStart=${SCRIPT} ready`, 'StandardInput=socket', 'TimeoutStartSec=10', 'RuntimeMaxSec=10'],
      }),
    },
    enabled: ['hypdr-ready.socket', 'hypdr-site-restore.service'],
  };
}
