import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import type { BuildOptions } from 'esbuild';
import options from '../../../scripts/build/bundle.json';
import { createBucket } from '../../servers/s3';
import { startMinio } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { fileTask, makeSource } from './file-task';
import { runHere, writeTask } from './program-run';

/** The function that a schedule starts, bundled as it is deployed, beside a real store. */
jest.setTimeout(120_000);

let folder: string;
let minio: MinioServer;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-prober-'));
  const entryPoints = [path.join(__dirname, '../../../bin/prober.ts')];
  await build({
    entryPoints,
    outfile: path.join(folder, 'prober.js'),
    ...(options as BuildOptions),
    logLevel: 'error',
  });
  minio = await startMinio();
  await createBucket(minio, 'probed', 'versioned');
});

afterAll(async () => {
  await minio.stop();
  rmSync(folder, { recursive: true, force: true });
});

function probe(task: string): readonly Record<string, unknown>[] {
  const program = `require('./prober.js').handler({ tasks: [${JSON.stringify(task)}] })`;
  const environment = { PATH: process.env.PATH, ...minio.environment };
  const ran = spawnSync(process.execPath, ['-e', program], { cwd: folder, env: environment, encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return ran.stdout
    .split('\n')
    .filter((line) => line.startsWith('{"_aws"'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('nothing verified is overdue by a day; a verified backup is young', async () => {
  const state = path.join(folder, 'state');
  mkdirSync(state);
  const source = makeSource(path.join(folder, 'source'));
  const stores = [
    {
      id: 's',
      from: [],
      store: 'aws.bucket.probed',
      cloud: 'aws' as const,
      region: 'us-east-1',
      bucket: 'probed',
      path: 'files/',
    },
  ];
  const host = { folder, state, environment: minio.environment };
  // A copy in another cloud, for which the function has no key, is that cloud's to look at.
  const copies = stores.map((one) => ({
    ...one,
    ...{ store: 'google.bucket.elsewhere', cloud: 'google' as const, bucket: 'elsewhere', source: one.store },
    delaySeconds: 0,
  }));
  const task = writeTask(host, fileTask('files', source, { stores, copies, local: null }));
  expect(probe(task)).toEqual([
    expect.objectContaining({ Task: 'files', PruneOverdueSeconds: 0 }),
    expect.objectContaining({ Task: 'files', BackupOverdueSeconds: 86_400 }),
    expect.objectContaining({ Prober: 'prober', PruneOverdueSeconds: 0 }),
  ]);

  expect((await runHere(host, ['backup', '--task', task])).exit).toBe(0);
  expect(probe(task).at(-2)).toMatchObject({ BackupOverdueSeconds: 86_400 });

  expect((await runHere(host, ['verify', '--quick', '--task', task, '--store', 'aws.bucket.probed'])).exit).toBe(0);
  const told = probe(task);
  expect(told.at(-1)).toMatchObject({ Prober: 'prober', PruneOverdueSeconds: 0 });
  const lines = told.slice(0, -1);
  expect(lines.map((one) => [one.Type, one.Store])).toEqual([
    ['full', 'aws.bucket.probed'],
    ['incremental', 'aws.bucket.probed'],
    [undefined, 'aws.bucket.probed'],
    [undefined, undefined],
    [undefined, undefined],
    [undefined, undefined],
  ]);
  expect(Number(lines[0]?.BackupAgeSeconds)).toBeLessThan(120);
  expect(lines.at(-3)).toMatchObject({ Task: 'files', ExpiryWarningSeconds: 0 });
  expect(lines.at(-2)).toMatchObject({ Task: 'files', PruneOverdueSeconds: 0 });
  expect(lines.at(-1)).toMatchObject({ Task: 'files', BackupOverdueSeconds: 0 });

  // The command is the prober of clouds without such functions, and says the same.
  const here = ['--store', 'aws.bucket.probed'];
  const asked = await runHere(host, ['age', '--task', task, ...here, '--metrics', 'log']);
  expect(asked.exit).toBe(0);
  expect(asked.stdout).toContain('"metrics":{"BackupOverdueSeconds":0}');
});
