import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { renderPrimaryInstaller, renderStandbyInstaller, slotOf } from '../../lib/hosts/standby';
import type { PrimaryMachine, StandbyMachine } from '../../lib/hosts/standby';

/** What installs the scripts of a site: every cloud and method, and values that a shell would take for its own. */
const HOSTILE = `a'b"c$(touch /tmp/x)\`d\\e`;
const lease = { url: 'https://bucket.s3.eu-central-1.amazonaws.com/lease/hot', seconds: 60 };

function standby(more: Partial<StandbyMachine> = {}): StandbyMachine {
  return {
    site: 'hot_site',
    cloud: 'aws',
    region: 'eu-central-1',
    version: '16',
    method: 'streaming_replication',
    primary: { host: 'db.example.com', port: 5432 },
    slot: 'hot_site',
    secret: 'hypnoscript/orders/replication',
    lease,
    volumeGiB: 500,
    metric: { namespace: 'HypnoScript/Site', name: 'LagSeconds', site: 'acme-hot-site' },
    ...more,
  };
}

function primary(more: Partial<PrimaryMachine> = {}): PrimaryMachine {
  const { primary: _, volumeGiB: __, metric: ___, ...rest } = standby();
  return { ...rest, standbyRange: '10.130.0.0/20', slotKeepsGB: 50, ...more };
}

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'hypdr-standby-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Installs below a folder of its own, as on a machine without systemd. */
function install(text: string) {
  const { status, stderr } = spawnSync('bash', ['-s'], {
    input: text,
    env: { PATH: process.env.PATH, HYPDR_ROOT: folder },
  });
  return { status, stderr: stderr.toString() };
}

/** What a shell has in a variable of the configuration. */
function value(name: string): string {
  const file = path.join(folder, 'etc/hypnoscript-dr/site.conf');
  return spawnSync('bash', ['-c', `. "$0"; printf '%s' "$${name}"`, file]).stdout.toString();
}

const CLOUDS = ['aws', 'azure', 'google'] as const;
const METHODS = ['streaming_replication', 'log_shipping'] as const;

describe.each(CLOUDS)('on %s', (cloud) => {
  test.each(METHODS)(
    '%s: everything is in its place, as bash reads it, within the size that a machine is told',
    (method) => {
      const text = renderStandbyInstaller(standby({ cloud, method }));
      expect(Buffer.byteLength(text)).toBeLessThan(40_000);
      expect(install(text)).toEqual({ status: 0, stderr: '' });
      const script = path.join(folder, 'usr/local/sbin/hypdr-standby');
      expect(statSync(script).mode & 0o777).toBe(0o755);
      expect(spawnSync('bash', ['-n', script]).status).toBe(0);
      expect(readdirSync(path.join(folder, 'etc/systemd/system')).sort()).toEqual([
        'hypdr-bootstrap.service',
        'hypdr-lag.service',
        'hypdr-lag.timer',
        'hypdr-postgresql.service',
        'hypdr-ready.socket',
        'hypdr-ready@.service',
      ]);
      // Again: the same files, and no rest of the first time.
      expect(install(text)).toEqual({ status: 0, stderr: '' });
      expect(readdirSync(path.dirname(script))).toEqual(['hypdr-standby']);
    },
  );

  test('the primary has its own, and the lease is looked after by a service that starts again', () => {
    expect(install(renderPrimaryInstaller(primary({ cloud })))).toEqual({ status: 0, stderr: '' });
    expect(spawnSync('bash', ['-n', path.join(folder, 'usr/local/sbin/hypdr-primary')]).status).toBe(0);
    const unit = readFileSync(path.join(folder, 'etc/systemd/system/hypdr-lease.service'), 'utf8');
    expect(unit).toMatch(/^ExecStart=\/usr\/local\/sbin\/hypdr-primary watch$/m);
    expect(unit).toMatch(/^Restart=always$/m);
  });
});

test('two sites never share a slot, whose name PostgreSQL takes', () => {
  expect(slotOf('hot_site', 0)).toBe('hypdr_hot_site');
  expect(slotOf('hot_site', 1)).toBe('hypdr_hot_site_2');
  const names = [
    'hot_site',
    'hot-site',
    'hot.site',
    'Hot_Site',
    'hot_site_2',
    `${'long '.repeat(30)}a`,
    `${'long '.repeat(30)}b`,
  ];
  // The first machine's is at the primary, where all sites meet; the second's is at the first machine.
  for (const index of [0, 1]) {
    const slots = names.map((name) => slotOf(name, index));
    for (const slot of slots) expect(slot).toMatch(/^[a-z0-9_]{1,63}$/);
    expect(new Set(slots).size).toBe(names.length);
  }
});

test('values are values, whatever is in them', () => {
  const asked = standby({ site: HOSTILE, primary: { host: HOSTILE, port: 6432 }, secret: HOSTILE, database: HOSTILE });
  expect(install(renderStandbyInstaller(asked)).status).toBe(0);
  for (const name of ['site', 'primary_host', 'secret', 'heartbeat_database']) expect(value(name)).toBe(HOSTILE);
  expect([value('primary_port'), value('lease_seconds'), value('archive_store')]).toEqual(['6432', '60', '']);
});

test('a word that it does not know says those that it knows, and does nothing', () => {
  install(renderStandbyInstaller(standby()));
  const script = path.join(folder, 'usr/local/sbin/hypdr-standby');
  const env = { PATH: process.env.PATH, HYPDR_ETC: path.join(folder, 'etc/hypnoscript-dr') };
  const { status, stderr } = spawnSync('bash', [script, 'demote'], { env });
  expect([status, stderr.toString()]).toEqual([
    64,
    'hypdr-site: say one of: bootstrap, lag, ready, able, promote, leave, rejoin, status\n',
  ]);
});
