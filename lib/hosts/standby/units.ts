/** Units of systemd by their names; `PG` is the folder of PostgreSQL's programs. */
export interface Units {
  readonly files: Readonly<Record<string, string>>;
  /** Units that start now and at each boot, in this order. */
  readonly enabled: readonly string[];
  /** Units that others start. @default - none */
  readonly bound?: readonly string[];
}

const STANDBY = '/usr/local/sbin/hypdr-standby';
const PRIMARY = '/usr/local/sbin/hypdr-primary';

/** Port on which a database machine says whether it is the one to write to. */
export const READY_PORT = 8008;

export function unit(sections: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(sections)
    .map(([name, lines]) => [`[${name}]`, ...lines].join('\n'))
    .join('\n\n');
}

/** @param install - section that says what starts it. @default - a timer, or somebody */
export function oneshot(
  description: string,
  command: string,
  more: readonly string[] = [],
  install: readonly string[] = [],
): string {
  return unit({
    Unit: [`Description=${description}`, 'After=network-online.target', 'Wants=network-online.target'],
    Service: ['Type=oneshot', `ExecStart=${command}`, ...more],
    ...(install.length > 0 && { Install: install }),
  });
}

function timer(description: string, seconds: number): string {
  return unit({
    Unit: [`Description=${description}`],
    Timer: ['OnBootSec=30', `OnUnitInactiveSec=${seconds}`, 'AccuracySec=1'],
    Install: ['WantedBy=timers.target'],
  });
}

/** What runs on a database machine of a site. */
export function standbyUnits(version: string): Units {
  const options =
    '-c config_file=/etc/hypnoscript-dr/postgresql.conf -c hba_file=/etc/hypnoscript-dr/pg_hba.conf -c ident_file=/etc/hypnoscript-dr/pg_ident.conf';
  return {
    files: {
      'hypdr-postgresql.service': unit({
        Unit: ['Description=PostgreSQL of a recovery site', 'After=network.target', 'RequiresMountsFor=/srv/database'],
        Service: [
          'Type=notify',
          'User=postgres',
          'RuntimeDirectory=postgresql',
          'RuntimeDirectoryMode=2775',
          `ExecStart=/usr/lib/postgresql/${version}/bin/postgres -D /srv/database/postgresql -p 5432 -c unix_socket_directories=/var/run/postgresql ${options}`,
          'KillMode=mixed',
          'KillSignal=SIGINT',
          // A standby may replay for hours before it is there.
          'TimeoutSec=infinity',
          'Restart=on-failure',
          'RestartSec=10',
        ],
      }),
      // After each boot too: what a reboot interrupted goes on, and what is whole only starts.
      'hypdr-bootstrap.service': oneshot('Sets up the database machine of a recovery site', `${STANDBY} bootstrap`, [
        'Restart=on-failure',
        'RestartSec=60',
      ]).replace('\n\n[Service]', '\n\n[Install]\nWantedBy=multi-user.target\n\n[Service]'),
      'hypdr-lag.service': oneshot('Measures how far the database is behind', `${STANDBY} lag`),
      'hypdr-lag.timer': timer('Measures how far the database is behind', 30),
      'hypdr-ready.socket': unit({
        Unit: ['Description=Says whether this database is the one to write to'],
        Socket: [`ListenStream=${READY_PORT}`, 'Accept=yes', 'MaxConnections=16'],
        Install: ['WantedBy=sockets.target'],
      }),
      'hypdr-ready@.service': unit({
        Unit: ['Description=Says whether this database is the one to write to'],
        Service: [`ExecStart=${STANDBY} ready`, 'StandardInput=socket', 'TimeoutStartSec=10', 'RuntimeMaxSec=10'],
      }),
    },
    enabled: ['hypdr-ready.socket', 'hypdr-lag.timer', 'hypdr-bootstrap.service'],
  };
}

/** What runs on the primary, whose own unit starts and stops the server. */
export function primaryUnits(server: string): Units {
  return {
    files: {
      'hypdr-heartbeat.service': oneshot('Writes the heartbeat that standbys read', `${PRIMARY} heartbeat`),
      'hypdr-heartbeat.timer': timer('Writes the heartbeat that standbys read', 10),
      'hypdr-slots.service': oneshot('Looks how much log a slot keeps', `${PRIMARY} slots`),
      'hypdr-slots.timer': timer('Looks how much log a slot keeps', 60),
      'hypdr-lease.service': unit({
        Unit: [
          'Description=Makes this server read-only when it has no lease any more',
          'After=network-online.target',
          // However often it fails: systemd would give it up for good.
          'StartLimitIntervalSec=0',
        ],
        Service: [`ExecStart=${PRIMARY} watch`, 'Restart=always', 'RestartSec=1'],
        Install: ['WantedBy=multi-user.target'],
      }),
      // Not a part of the server's unit: what it says does not matter to it, only that it is over.
      'hypdr-gate.service': unit({
        Unit: [
          'Description=Has PostgreSQL start read-only when there is no lease',
          `Before=${server}`,
          'After=network-online.target',
          'Wants=network-online.target',
        ],
        Service: ['Type=oneshot', `ExecStart=${PRIMARY} gate`, 'TimeoutStartSec=60'],
        Install: [`WantedBy=${server}`],
      }),
    },
    enabled: ['hypdr-heartbeat.timer', 'hypdr-slots.timer', 'hypdr-lease.service'],
    bound: ['hypdr-gate.service'],
  };
}
