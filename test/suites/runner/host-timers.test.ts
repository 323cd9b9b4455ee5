import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Storage } from '@google-cloud/storage';
import { renderTimerInstaller } from '../../../lib/hosts/timers';
import { hostTimers } from '../../../lib/plan/host-timers';
import { planOf, spec } from '../../plan/support';
import { startFakeGcs } from '../../servers/fake-gcs';
import type { FakeGcsServer } from '../../servers/fake-gcs';
import { systemProgram } from '../../servers/programs';
import { makeSource } from './file-task';
import { startNodeSite } from './node-site';
import type { NodeSite } from './node-site';
import { bundleRunner } from './program-run';

/**
 * What `hypdr synth` hands a host on Google, installed into an empty folder and started as its timers would: the bundled
 * runner, with Node from a server of this machine, into a store of it.
 */
jest.setTimeout(180_000);

let folder: string;
let gcs: FakeGcsServer;
let site: NodeSite;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-host-timers-'));
  [gcs, site] = await Promise.all([startFakeGcs(), startNodeSite(path.join(folder, 'site'))]);
  await new Storage({ apiEndpoint: gcs.endpoint, projectId: 'test' }).createBucket('acme-docs', {
    versioning: { enabled: true },
  });
  mkdirSync(path.join(folder, 'hosts/docs'), { recursive: true });
  const runner = path.join(folder, 'hosts/runner.js');
  copyFileSync(bundleRunner(folder), runner);
  makeSource(path.join(folder, 'docs'));
  const [task] = planOf(
    spec({
      types:
        'full: { frequency: "weekly" day: "sunday" retention: 30 } incremental: { frequency: "daily" retention: 14 }',
      filesystem: `docs: { paths: ["${folder}/docs"] storage: { local: { path: "${folder}/kept" } gcs: { bucket: "acme-docs" location: "europe-west3" path: "docs/" } } }`,
    }),
  ).tasks;
  if (!task) throw new Error('no task');
  const runnerSha256 = createHash('sha256').update(readFileSync(runner)).digest('hex');
  const installer = { word: 'docs', task, timers: hostTimers(task), runnerSha256 };
  writeFileSync(path.join(folder, 'hosts/docs/install.sh'), renderTimerInstaller(installer, site.release));
  mkdirSync(path.join(folder, 'kept'));
});

afterAll(async () => {
  site?.close();
  await gcs?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const environment = () => ({
  PATH: process.env.PATH,
  HOME: folder,
  HYPDR_ROOT: path.join(folder, 'root'),
  HYPDR_HOME: path.join(folder, 'home'),
  HYPDR_STATE: path.join(folder, 'state'),
  HYPDR_PAUSE: '0',
  ...gcs.environment,
});

/** What a timer starts. */
function start(does: string, now: string): Promise<{ readonly code: number | null; readonly said: string }> {
  const program = path.join(folder, 'root/usr/local/sbin/hypdr-task-docs');
  const env = { ...environment(), HYPDR_NOW: String(Date.parse(now) / 1000) };
  const child = spawn(program, [does], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, said })));
}

async function stored(): Promise<readonly string[]> {
  const storage = new Storage({ apiEndpoint: gcs.endpoint, projectId: 'test' });
  const [files] = await storage.bucket('acme-docs').getFiles();
  return files.map(({ name }) => name).filter((name) => name.endsWith('.manifest.json'));
}

test('an installed host takes its fulls and increments, each under the slot of its plan, and keeps its folder', async () => {
  const installed = spawnSync('bash', [path.join(folder, 'hosts/docs/install.sh')], {
    env: environment(),
    encoding: 'utf8',
  });
  expect([installed.status, installed.stderr]).toEqual([0, '']);
  const full = await start('full', '2026-11-15T23:30:00Z');
  expect([full.code, full.said]).toEqual([0, expect.stringContaining('backup full for 20261115T')]);
  writeFileSync(path.join(folder, 'docs/new'), 'a file of Monday');
  // Node is there already.
  site.downloads.length = 0;
  const increment = await start('incremental', '2026-11-16T23:30:00Z');
  expect([increment.code, site.downloads]).toEqual([0, []]);
  const manifests = await stored();
  expect(manifests).toHaveLength(2);
  expect(manifests.join()).toMatch(/20261115T.*20261116T/s);
  // The same timer again is no second backup, and no failure that anybody is called for.
  expect((await start('incremental', '2026-11-16T23:31:00Z')).code).toBe(5);
  const kept = readdirSync(path.join(folder, 'kept'), { recursive: true }).map(String);
  expect(kept.filter((name) => name.endsWith('.manifest.json'))).toHaveLength(2);
  expect((await start('prune', '2026-11-17T12:00:00Z')).code).toBe(0);
});

test('units are what systemd takes', () => {
  const units = path.join(folder, 'root/etc/systemd/system');
  const names = readdirSync(units).filter((name) => name.endsWith('.timer'));
  expect(names).toHaveLength(3);
  const calendars = names.flatMap((name) =>
    [...readFileSync(path.join(units, name), 'utf8').matchAll(/^OnCalendar=(.*)$/gm)].map(([, one = '']) => one),
  );
  const { status, stderr } = spawnSync(systemProgram('systemd-analyze'), ['calendar', ...calendars], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
});
