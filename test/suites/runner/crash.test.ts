import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import type { TaskManifest } from '../../../lib/contract';
import { BackupManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { startMinio } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { createBucket } from '../../servers/s3';
import { execFileSync } from 'node:child_process';
import { testTask } from './engine-machine';

/**
 * SIGKILL at random moments of the real program, as one process of its own: whatever is left, the next run and a restore
 * of what is published equal the source, and nothing looks complete that is not. The seed is printed.
 */
const RUNS = Number(process.env.HYPDR_CRASHES ?? 200);
const SEED = Number(process.env.HYPDR_SEED ?? Date.now() % 1_000_000);

let minio: MinioServer;
let folder: string;
let program: string;

beforeAll(async () => {
  minio = await startMinio();
  await createBucket(minio, 'crash', 'versioned');
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-crash-'));
  program = path.join(folder, 'runner.js');
  await build({
    entryPoints: [path.join(__dirname, '../../../bin/runner.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
}, 120_000);

afterAll(async () => {
  await minio.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A small generator with a printed seed: the same crashes again with HYPDR_SEED. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function runOnce(args: readonly string[], killAfter?: number): Promise<number | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...args], {
      env: { PATH: process.env.PATH, HYPDR_STATE: path.join(folder, 'state'), ...minio.environment },
      stdio: 'ignore',
    });
    const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}

const slotAt = (n: number) =>
  `2027${String(1 + Math.floor(n / 28)).padStart(2, '0')}${String(1 + (n % 28)).padStart(2, '0')}T020000Z`;

/** Everything that the local folder publishes, restored in its order by plain tar. */
function restoreAll(local: string, into: string): number {
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into);
  const manifests = readdirSync(local)
    .filter((name) => name.endsWith('.manifest.json'))
    .map((name) => BackupManifest.parse(JSON.parse(readFileSync(path.join(local, name), 'utf8'))))
    .sort((a, b) => (a.slot < b.slot ? -1 : 1));
  const lastFull = manifests.map((one) => one.type).lastIndexOf('full');
  const chain = manifests.slice(lastFull);
  for (const manifest of chain) {
    for (const stream of manifest.streams) {
      const encoding = stream.encodings.find((one) => one.stores.includes('local'));
      const base = path.join(local, `${manifest.slot}-${manifest.type}-${manifest.attempt}`);
      const packed = Buffer.concat((encoding?.segments ?? []).map((one) => readFileSync(path.join(base, one.name))));
      expect(packed.length).toBe(encoding?.bytes);
      execFileSync('tar', ['--extract', '--listed-incremental=/dev/null', '-C', into, '-f', '-'], { input: packed });
    }
  }
  return chain.length;
}

test(`killed at random moments, the next increment and a restore equal the source (HYPDR_SEED=${SEED}, ${RUNS} runs)`, async () => {
  const next = random(SEED);
  const source = path.join(folder, 'source');
  const local = path.join(folder, 'local');
  mkdirSync(source);
  const run = {
    id: 'run',
    from: [],
    schedule: { kind: 'interval' as const, everySeconds: 86_400, offsetSeconds: 0 },
    expectedSeconds: 1800,
    retentionDays: 30,
    lockDays: 0,
    compression: 'none' as const,
    encryption: false,
  };
  const task: TaskManifest = testTask({
    name: 'crash',
    engine: 'files',
    tool: 'tar',
    source: { kind: 'files', paths: [source], exclude: [], hidden: true, permissions: true, ownership: true },
    runs: [
      { ...run, type: 'full', for: ['full'], cadence: { kind: 'weekly' } },
      { ...run, type: 'incremental', for: ['incremental'], cadence: { kind: 'daily' } },
    ],
    local: { id: 'local', from: [], path: local },
    stores: [
      {
        id: 's',
        from: [],
        store: 'aws.bucket.crash',
        cloud: 'aws',
        region: 'us-east-1',
        bucket: 'crash',
        path: 'files/',
      },
    ],
  });
  const taskFile = path.join(folder, 'task.json');
  writeFileSync(taskFile, JSON.stringify(task));
  const backup = (n: number, killAfter?: number) =>
    runOnce(['backup', '--task', taskFile, '--type', 'incremental', '--slot', slotAt(n)], killAfter);

  writeFileSync(path.join(source, 'first'), 'first');
  const started = performance.now();
  expect([EXIT.success, EXIT.degraded]).toContain(await backup(0));
  const usual = performance.now() - started;
  let killed = 0;
  for (let n = 1; n <= RUNS; n += 1) {
    writeFileSync(path.join(source, `file-${n % 7}`), `${n} ${'x'.repeat(Math.floor(next() * 200_000))}`);
    if (next() < 0.3) rmSync(path.join(source, `file-${(n + 3) % 7}`), { force: true });
    if ((await backup(n, usual * (0.2 + next() * 0.9))) === null) killed += 1;
  }
  expect(killed).toBeGreaterThan(RUNS / 10);
  expect([EXIT.success, EXIT.degraded]).toContain(await backup(RUNS + 1));
  restoreAll(local, path.join(folder, 'restored'));
  const restored = path.join(folder, 'restored', source.slice(1));
  const there =
    execFileSync('sh', ['-c', `find "${folder}/restored" -type d -name source`])
      .toString()
      .trim() || restored;
  execFileSync('diff', ['-r', source, there]);
  expect(await runOnce(['verify', '--quick', '--task', taskFile])).toBe(EXIT.success);
}, 600_000);
