import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXIT } from '../../lib/runner/exit-code';
import { run } from '../../lib/runner/program';
import { testMachine, testTask } from '../suites/runner/engine-machine';

/** The command line, with files into a folder: no server is needed for it. */

let folder: string;
let taskFile: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-program-'));
  mkdirSync(path.join(folder, 'docs'));
  writeFileSync(path.join(folder, 'docs/a'), 'a');
  const node = { id: 'run', from: [] };
  const task = testTask({
    name: 'docs',
    engine: 'files',
    tool: 'tar',
    source: {
      kind: 'files',
      paths: [path.join(folder, 'docs')],
      exclude: [],
      hidden: true,
      permissions: true,
      ownership: true,
    },
    runs: [
      {
        ...node,
        type: 'full',
        for: ['full'],
        cadence: { kind: 'daily' },
        schedule: { kind: 'interval', everySeconds: 86_400, offsetSeconds: 0 },
        expectedSeconds: 1800,
        retentionDays: 3,
        lockDays: 3,
        compression: 'gzip',
        encryption: false,
      },
    ],
    local: { ...node, path: path.join(folder, 'backups') },
  });
  taskFile = path.join(folder, 'docs.json');
  writeFileSync(taskFile, JSON.stringify(task));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function call(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const machine = testMachine({}, () => new Date('2027-01-03T02:15:00Z'));
  const output = { stdout: (text: string) => void out.push(text), stderr: (text: string) => void err.push(text) };
  const exit = await run(argv, machine, output);
  return { exit, out: out.join(''), err: err.join('') };
}

test('a backup is taken, listed, verified and kept', async () => {
  const backup = await call('backup', '--task', taskFile, '--metrics', 'emf');
  expect([backup.exit, backup.err]).toEqual([EXIT.success, '']);
  expect(JSON.parse(backup.out)).toMatchObject({ Task: 'docs', BackupSuccess: 1, BackupDegraded: 0, BackupStores: 1 });
  expect((await call('list', '--task', taskFile)).out).toMatch(
    /^20270103T021500Z {2}full .* stored .* complete .* local\n$/,
  );
  expect(await call('verify', '--quick', '--task', taskFile)).toMatchObject({
    exit: EXIT.success,
    out: '1 newly verified, 0 verified before, 0 findings\n',
  });
  const { out } = await call('list', '--task', taskFile, '--format', 'json');
  expect(JSON.parse(out)).toMatchObject({ backups: [{ state: 'verified', store: 'local', degraded: 0 }] });
  expect((await call('prune', '--task', taskFile)).out).toContain('belongs to the newest chain');
});

test('a flipped bit that changes no size is not what --quick looks for, a cut object is', async () => {
  await call('backup', '--task', taskFile, '--slot', '20270104T021500Z');
  const { out } = await call('list', '--task', taskFile, '--format', 'json');
  expect(JSON.parse(out).backups).toHaveLength(2);
  const { chmodSync } = await import('node:fs');
  const [run = ''] = readdirSync(path.join(folder, 'backups')).filter((name) => /^20270104.*-[0-9a-f]{16}$/.test(name));
  const [segment = ''] = readdirSync(path.join(folder, 'backups', run));
  const file = path.join(folder, 'backups', run, segment);
  chmodSync(file, 0o600);
  writeFileSync(file, readFileSync(file).subarray(1));
  const verify = await call('verify', '--quick', '--task', taskFile);
  expect(verify.exit).toBe(EXIT.damaged);
  expect(verify.out).toContain('it has');
  rmSync(file);
  expect((await call('verify', '--quick', '--task', taskFile)).out).toContain('it is not there');
});

test('a manifest under another name, and one that is none, are no backups', async () => {
  const backups = path.join(folder, 'backups');
  const [own = ''] = readdirSync(backups).filter((name) => /^20270103.*\.manifest\.json$/.test(name));
  const manifest = readFileSync(path.join(backups, own));
  const [other, none] = ['20270107T021500Z-full.manifest.json', '20270108T021500Z-full.manifest.json'];
  writeFileSync(path.join(backups, other), manifest);
  writeFileSync(path.join(backups, none), '{"version":1}');
  const { exit, out } = await call('verify', '--quick', '--task', taskFile);
  expect(exit).toBe(EXIT.damaged);
  expect(out).toContain(`${other}: the manifest is of what a run of this task puts at `);
  expect(out).toContain(`${none}: no manifest`);
  const { out: listed } = await call('list', '--task', taskFile, '--format', 'json');
  expect(JSON.parse(listed).backups.map((one: { slot: string }) => one.slot)).not.toContain('20270108T021500Z');
  rmSync(path.join(backups, other));
  rmSync(path.join(backups, none));
});

test('what was verified once and is gone is said', async () => {
  const backups = path.join(folder, 'backups');
  const [run = ''] = readdirSync(backups).filter((name) => /^20270103.*-[0-9a-f]{16}$/.test(name));
  const [segment = ''] = readdirSync(path.join(backups, run));
  const file = path.join(backups, run, segment);
  const bytes = readFileSync(file);
  rmSync(file);
  const { exit, out } = await call('verify', '--quick', '--task', taskFile);
  expect(exit).toBe(EXIT.damaged);
  expect(out).toContain(`${run}/${segment}: it was verified once and is gone`);
  writeFileSync(file, bytes);
});

test('a dry run says what would run and runs nothing', async () => {
  const { exit, out } = await call('backup', '--task', taskFile, '--dry-run', '--slot', '20270105T021500Z');
  expect(exit).toBe(EXIT.success);
  expect(out).toContain('would take a full backup of docs with tar, slot 20270105T021500Z\n');
  expect((await call('list', '--task', taskFile)).out).not.toContain('20270105');
});

test('Prometheus gets a file at once', async () => {
  const file = path.join(folder, 'backup.prom');
  await call('backup', '--task', taskFile, '--slot', '20270106T021500Z', '--metrics', `prometheus:${file}`);
  expect(readFileSync(file, 'utf8')).toContain('hypnoscript_backup_success{task="docs",engine="files",type="full"} 1');
});

test.each([
  [['--help'], EXIT.success],
  [[], EXIT.badInvocation],
  [['restore', '--task', 'x'], EXIT.badInvocation],
  [['backup'], EXIT.badInvocation],
  [['backup', '--task', '/nowhere.json'], EXIT.badInvocation],
  [['backup', '--task', 'x', '--type', 'half'], EXIT.badInvocation],
  [['verify', '--task', 'x'], EXIT.badInvocation],
  [['backup', '--task', 'x', '--no-such'], EXIT.badInvocation],
  [['restore', '--task', 'x', '--target', 'y', '--retrieval-tier', 'soon'], EXIT.badInvocation],
  [['verify', '--full', '--task', 'x', '--wait'], EXIT.badInvocation],
  [['test-restore', '--task', 'x', '--from', '20270106T021500Z'], EXIT.badInvocation],
  [['test-restore', '--task', 'x', '--database', 'shop'], EXIT.badInvocation],
  [['verify', '--quick', '--task', 'x', '--globals'], EXIT.badInvocation],
  [['thaw', '--task', 'x', '--target', 'y'], EXIT.badInvocation],
])('%j ends with %i', async (argv, exit) => {
  const { exit: got, out, err } = await call(...argv);
  expect(got).toBe(exit);
  expect(out + err).toContain('hypdr-runner');
});

test('a word of another command is named, and nothing is done', async () => {
  const { err } = await call('test-restore', '--task', 'x', '--from', 'latest', '--replace', 'shop');
  expect(err).toContain('--from and --replace are not for test-restore');
  expect((await call('thaw', '--task', '/nowhere.json', '--from', 'latest')).err).toContain('/nowhere.json');
});

test('a slot that is none, and a task of another type, are bad invocations', async () => {
  expect((await call('backup', '--task', taskFile, '--slot', 'now')).exit).toBe(EXIT.badInvocation);
  expect((await call('backup', '--task', taskFile, '--type', 'log')).exit).toBe(EXIT.badInvocation);
});
