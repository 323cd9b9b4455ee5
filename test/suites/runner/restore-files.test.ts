import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXIT } from '../../../lib/runner/exit-code';
import type { RestoreReport } from '../../../lib/runner/restore/report';
import { fileEntries } from '../../corpus/file-entries';
import { startAzureStore, startGcsStore, startS3Store } from '../../servers/cloud-store';
import type { CloudStore } from '../../servers/cloud-store';
import { until } from '../../servers/until';
import { fileTask } from './file-task';
import { bundleRunner, runHere, startRunner, writeTask } from './program-run';
import type { Host } from './program-run';

/** A folder on each of several days out of each kind of store, with all that a file system knows of its files. */

jest.setTimeout(180_000);

let stores: readonly CloudStore[];
let folder: string;
beforeAll(async () => {
  stores = await Promise.all([startS3Store(), startAzureStore(), startGcsStore()]);
  for (const store of stores) await store.makeBucket('docs');
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-restore-files-'));
}, 120_000);
afterAll(async () => {
  await Promise.all(stores.map((one) => one.stop()));
  rmSync(folder, { recursive: true, force: true });
});

/** Owners, times, attributes and lists of rights, as `getfattr` and `stat` say them. */
function facts(root: string): string {
  const find = ['-printf', '%P|%y|%m|%U:%G|%n|%s|%T@|%l\\n'];
  const seen = execFileSync('find', [root, ...find])
    .toString()
    .split('\n')
    .sort();
  return `${seen.join('\n')}\n${JSON.stringify(fileEntries(root))}`;
}

function makeOdd(source: string): void {
  mkdirSync(path.join(source, 'sub/read-only'), { recursive: true });
  writeFileSync(path.join(source, 'sub/a b\nc'), 'odd');
  writeFileSync(path.join(source, 'owned'), 'owned');
  chownSync(path.join(source, 'owned'), 12345, 54321);
  chmodSync(path.join(source, 'owned'), 0o4751);
  writeFileSync(path.join(source, 'one'), 'linked');
  linkSync(path.join(source, 'one'), path.join(source, 'sub/other'));
  symlinkSync('/nowhere', path.join(source, 'dangling'));
  writeFileSync(path.join(source, 'sparse'), 'x');
  truncateSync(path.join(source, 'sparse'), 10_000_000);
  writeFileSync(path.join(source, 'sub/read-only/kept'), 'kept');
  chmodSync(path.join(source, 'sub/read-only'), 0o555);
  utimesSync(path.join(source, 'sub/read-only/kept'), 1_000_000_000, 1_000_000_000);
  for (const name of ['left', 'right']) {
    mkdirSync(path.join(source, name));
    writeFileSync(path.join(source, name, 'which'), name);
  }
  for (const name of Array(10).keys()) writeFileSync(path.join(source, `file${name}`), `${name}`);
}

const CHANGES: readonly ((source: string) => void)[] = [
  makeOdd,
  (source) => {
    rmSync(path.join(source, 'file3'));
    rmSync(path.join(source, 'one'));
    renameSync(path.join(source, 'file4'), path.join(source, 'sub/file4'));
    writeFileSync(path.join(source, 'sub/read-only/new'), 'new');
  },
  (source) => {
    renameSync(path.join(source, 'sub'), path.join(source, 'moved'));
    chownSync(path.join(source, 'file5'), 1, 2);
    rmSync(path.join(source, 'sparse'));
    mkdirSync(path.join(source, 'sparse'));
  },
  (source) => {
    rmSync(path.join(source, 'moved'), { recursive: true });
    writeFileSync(path.join(source, 'moved'), 'a file now');
  },
  (source) => {
    // Two folders take each other's name: tar's own record of it spoils what follows.
    renameSync(path.join(source, 'left'), path.join(source, 'aside'));
    renameSync(path.join(source, 'right'), path.join(source, 'left'));
    renameSync(path.join(source, 'aside'), path.join(source, 'right'));
    // A full with less than half of the last one would be refused.
    writeFileSync(path.join(source, 'sparse again'), 'x');
    truncateSync(path.join(source, 'sparse again'), 10_000_000);
  },
  (source) => writeFileSync(path.join(source, 'after'), 'the swap'),
];

test('comes back from each store as it was on each day: owners, modes, links, times, deletions and renames', async () => {
  const source = path.join(folder, 'source');
  mkdirSync(source);
  const environment = Object.assign({}, ...stores.map((one) => one.environment)) as Record<string, string>;
  const host: Host = { folder, state: path.join(folder, 'state'), environment };
  const local = { id: 'local', from: [], path: path.join(folder, 'local') };
  const task = writeTask(
    host,
    fileTask('docs', source, { stores: stores.map((one) => one.target('docs', 'docs/')), local }),
  );
  const days: { readonly slot: string; readonly facts: string }[] = [];
  for (const [day, change] of CHANGES.entries()) {
    change(source);
    const slot = `2026110${day + 1}T020000Z`;
    const type = day === 0 ? 'full' : 'incremental';
    // tar's own clock is the host's, so what the manifest says of the moment is not what decides here.
    const ran = await runHere(host, ['backup', '--task', task, '--type', type, '--slot', slot]);
    expect([ran.exit, ran.stderr]).toEqual([EXIT.success, '']);
    expect((await runHere(host, ['verify', '--quick', '--task', task])).exit).toBe(EXIT.success);
    days.push({ slot, facts: facts(source) });
  }
  for (const store of ['s3', 'azure', 'gcs', 'local']) {
    for (const { slot, facts: expected } of days) {
      const target = path.join(folder, `${store}-${slot}`);
      const ran = await runHere(host, [
        'restore',
        '--task',
        task,
        '--store',
        store,
        '--from',
        slot,
        '--target',
        target,
        '--format',
        'json',
      ]);
      const report = JSON.parse(ran.stdout) as RestoreReport;
      expect([store, slot, report.exit, report.why, report.warnings]).toEqual([
        store,
        slot,
        EXIT.success,
        undefined,
        [],
      ]);
      expect([store, slot, facts(path.join(target, source))]).toEqual([store, slot, expected]);
    }
  }
});

test('a restore that is ended by a signal leaves nothing behind, and says so', async () => {
  const own = path.join(folder, 'ended');
  mkdirSync(path.join(own, 'source'), { recursive: true });
  writeFileSync(path.join(own, 'source/large'), Buffer.alloc(200 * 1024 * 1024, 'x'));
  const host: Host = { folder: own, state: path.join(own, 'state'), environment: {} };
  const local = { id: 'local', from: [], path: path.join(own, 'local') };
  const task = writeTask(host, fileTask('ended', path.join(own, 'source'), { stores: [], local }));
  for (const argv of [
    ['backup', '--type', 'full'],
    ['verify', '--quick'],
  ])
    expect((await runHere(host, [...argv, '--task', task])).exit).toBe(EXIT.success);
  const target = path.join(own, 'target');
  const program = bundleRunner(own);
  for (const place of [path.join(own, 'state/restore'), `${target}.hypdr-restoring`]) {
    const { child, ended } = startRunner(program, host, ['restore', '--task', task, '--target', target]);
    await until(async () => {
      const busy = existsSync(place) && readdirSync(place).some((name) => !name.endsWith('.lock'));
      if (!busy) throw new Error('it has not begun');
    }, 20_000);
    child.kill('SIGTERM');
    const { exit, stderr } = await ended;
    expect([exit, stderr]).toEqual([
      EXIT.interrupted,
      expect.stringContaining('nothing was restored: ended by SIGTERM'),
    ]);
    expect(readdirSync(own).filter((name) => name.startsWith('target'))).toEqual([]);
    expect(readdirSync(path.join(own, 'state/restore')).filter((name) => !name.endsWith('.lock'))).toEqual([]);
  }
  // A second one to the same target, while one runs.
  const first = startRunner(program, host, ['restore', '--task', task, '--target', target]);
  await until(async () => {
    const busy = readdirSync(path.join(own, 'state/restore')).some((name) => !name.endsWith('.lock'));
    if (!busy) throw new Error('it has not begun');
  }, 20_000);
  const second = await startRunner(program, host, ['restore', '--task', task, '--target', target]).ended;
  expect([second.exit, second.stderr]).toEqual([
    EXIT.overlap,
    expect.stringContaining('another restore to this target is under way'),
  ]);
  expect((await first.ended).exit).toBe(EXIT.success);
  expect(lstatSync(path.join(target, own, 'source/large')).size).toBe(200 * 1024 * 1024);
  expect(
    readFileSync(path.join(target, own, 'source/large'))
      .subarray(0, 3)
      .toString(),
  ).toBe('xxx');
});
