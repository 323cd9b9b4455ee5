import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Site } from '../../lib/contract';
import { siteFiles } from '../../lib/cli/site-files';
import { compileSites, site } from '../plan/site/support';
import { need, planned } from '../plan/support';

/** What the owner of a primary is handed. */
const one = (parts: Parameters<typeof site>[1], deployment?: string): Site =>
  need(planned(compileSites(site('hot-site', parts), deployment)).sites[0], 'site');

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'hypdr-primary-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function install(files: Readonly<Record<string, string>>, environment: Readonly<Record<string, string>>) {
  const env = { PATH: process.env.PATH, HYPDR_ROOT: folder, ...environment };
  const { status, stderr } = spawnSync('bash', ['-s'], { input: files['primary.sh'] ?? 'exit 99', env });
  return { status, stderr: stderr.toString() };
}

const config = () => readFileSync(path.join(folder, 'etc/hypnoscript-dr/site.conf'), 'utf8');

test('streaming: a script that asks for what only the deployment knows, and a page that says so', () => {
  const files = siteFiles(one({}));
  expect(Object.keys(files)).toEqual(['primary.sh', 'primary.md']);
  const refused = install(files, {});
  expect([refused.status, refused.stderr]).toEqual([1, expect.stringMatching(/LEASE_URL: is the output of the site/)]);
  expect(install(files, { LEASE_URL: 'https://a.example/lease $(x)' })).toEqual({ status: 0, stderr: '' });
  expect(config()).toMatch(/^lease_seconds='60'$/m);
  expect(config()).toMatch(/^slot='hypdr_hot_site_[0-9a-f]{6}'$/m);
  const shell = spawnSync('bash', [
    '-c',
    '. "$0"; printf %s "$lease_url"',
    path.join(folder, 'etc/hypnoscript-dr/site.conf'),
  ]);
  expect(shell.stdout.toString()).toBe('https://a.example/lease $(x)');
  expect(config()).toMatch(/^standby_range='10\.[\d.]+\/20'$/m);
  expect(install(files, { LEASE_URL: 'https://a.example/lease', STANDBY_RANGE: '203.0.113.7/32' }).status).toBe(0);
  expect(config().trim().split('\n').at(-1)).toBe('standby_range=203.0.113.7/32');
  expect(files['primary.md']).toContain('`hypnoscript/orders/replication`');
  expect(files['primary.md']).toContain('hypdr-primary failback hot-site HOST');
});

test('log shipping: the archive too, by its own name where the plan knows it', () => {
  const aws = siteFiles(one({ method: 'log_shipping' }));
  expect(install(aws, { LEASE_URL: 'https://a.example/lease' }).stderr).toMatch(/ARCHIVE_STORE: is the output/);
  expect(install(aws, { LEASE_URL: 'https://a.example/lease', ARCHIVE_STORE: 'bucket' }).status).toBe(0);
  expect(config()).toMatch(/^archive_store=bucket$/m);
  const azure = siteFiles(one({ provider: 'azure', method: 'log_shipping' }));
  expect(install(azure, { LEASE_URL: 'https://a.example/lease' }).status).toBe(0);
  expect(config()).toMatch(/^archive_container='wal'$/m);
  expect(azure['primary.md']).toContain('`hypnoscript-orders-replication`');
  expect(azure['primary.md']).not.toContain('FirstLease');
});

test.each([
  ['restored from backups', one({ method: 'backup_restore' })],
  ['without a database', one({ engine: '' })],
  [
    'a replica of its own service',
    one({}, 'primary_site: { database: "rds" database_id: "arn:aws:rds:eu-west-1:111122223333:db:orders" }'),
  ],
])('nothing for a site that is %s', (_, of) => {
  expect(siteFiles(of)).toEqual({});
});
