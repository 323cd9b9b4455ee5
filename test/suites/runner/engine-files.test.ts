import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  closeSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BackupManifest, BackupType, TaskManifest } from '../../../lib/contract';
import { EngineError, NotFollowed } from '../../../lib/runner/engine/engine';
import { openEngine } from '../../../lib/runner/engine/open';
import { readRun, testMachine, testTask } from './engine-machine';
import type { TestMachine } from './engine-machine';

// Real servers and tools on a machine that others share.
jest.setTimeout(90_000);

let folder: string;
let root: string;
let machine: TestMachine;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-files-'));
  root = path.join(folder, 'set [1]');
  mkdirSync(root);
  machine = testMachine();
});

afterEach(() => {
  machine.controller.abort();
  for (const one of [folder, machine.stateFolder]) rmSync(one, { recursive: true, force: true });
});

type Files = Partial<Extract<TaskManifest['source'], { kind: 'files' }>>;

async function prepare(source: Files = {}, at: TestMachine = machine) {
  const task = testTask({
    engine: 'files',
    tool: 'tar',
    source: { kind: 'files', paths: [root], exclude: [], hidden: true, permissions: true, ownership: true, ...source },
  });
  return (await openEngine(task)).prepare(task, at);
}

interface Taken {
  readonly archive: Buffer;
  readonly manifest: BackupManifest;
}

/** One run as the runner does it, up to what is done after the manifest is published. */
async function take(
  type: BackupType,
  parent?: Taken,
  source: Files = {},
  publish: 'published' | 'crashed' = 'published',
): Promise<Taken> {
  const prepared = await prepare(source);
  const lock = await prepared.lock('data');
  if (lock === 'held') throw new Error('held');
  try {
    if (type !== 'full') expect(await prepared.canFollow(type, parent?.manifest)).toEqual({ ok: true });
    const run = await prepared.begin(type, parent?.manifest);
    const { streams, contents, degraded } = await readRun(run);
    const manifest = {
      type,
      contents,
      degraded,
      pointInTime: run.pointInTime.toISOString(),
      source: { identity: prepared.identity, position: { ...run.position } },
    } as unknown as BackupManifest;
    if (publish === 'published') await run.adopt();
    return { archive: streams[0]?.bytes ?? Buffer.alloc(0), manifest };
  } finally {
    await lock.release();
  }
}

/** Restores a chain with plain tar alone. */
function restore(chain: readonly Taken[]): string {
  const target = mkdtempSync(path.join(folder, 'restored-'));
  for (const { archive } of chain) {
    const options = [
      '--extract',
      '--file=-',
      '--listed-incremental=/dev/null',
      '--numeric-owner',
      '--xattrs',
      '--xattrs-include=*',
      '--acls',
    ];
    execFileSync('tar', [...options, '--preserve-permissions', '--same-owner', '--directory', target], {
      input: archive,
      stdio: 'pipe',
    });
  }
  return path.join(target, root);
}

/** Everything about a tree: names as bytes, kinds, modes, owners, times, links, attributes and content. */
function tree(top: string): readonly string[] {
  const lines: string[] = [];
  const inodes = new Map<number, string>();
  const walk = (at: Buffer, name: Buffer) => {
    const stat = lstatSync(at);
    const facts = [
      name.toString('latin1'),
      stat.mode,
      stat.uid,
      stat.gid,
      stat.nlink > 1 && stat.isFile() ? stat.nlink : 1,
    ];
    if (!stat.isDirectory()) facts.push(stat.mtimeMs, stat.size);
    if (stat.isSymbolicLink()) facts.push(readlinkSync(at));
    if (stat.isFile()) {
      facts.push(createHash('sha256').update(readFileSync(at)).digest('hex'));
      if (stat.nlink > 1) {
        const first = inodes.get(stat.ino) ?? name.toString('latin1');
        inodes.set(stat.ino, first);
        facts.push(`same as ${first}`);
      }
    }
    lines.push(facts.join(' '));
    if (!stat.isDirectory()) return;
    for (const child of readdirSync(at, { encoding: 'buffer' }).sort(Buffer.compare)) {
      walk(Buffer.concat([at, SLASH, child]), Buffer.concat([name, SLASH, child]));
    }
  };
  walk(Buffer.from(top), Buffer.from('.'));
  return lines;
}

const SLASH = Buffer.from('/');
const asRoot = process.getuid?.() === 0;
const inside = (...parts: readonly string[]) => path.join(root, ...parts);
const odd = () =>
  Buffer.concat([Buffer.from(`${root}/not-utf8-`), Buffer.from([0xff, 0xfe]), Buffer.from('\nline: x')]);

function fill(): void {
  mkdirSync(inside('.hidden'));
  writeFileSync(inside('.hidden', '.deep'), 'hidden');
  mkdirSync(inside('a', 'b'), { recursive: true });
  mkdirSync(inside('empty'), { mode: 0o750 });
  writeFileSync(inside('a', 'one.txt'), 'one');
  writeFileSync(inside('a', 'b', 'two.log'), 'two'.repeat(70_000));
  writeFileSync(inside('a', 'b', 'gone.txt'), 'gone later');
  writeFileSync(inside('-rf *'), 'a name like an option');
  writeFileSync(inside('long'.repeat(60)), 'longer than a header');
  writeFileSync(odd(), 'odd');
  symlinkSync('../nowhere', inside('a', 'link'));
  linkSync(inside('a', 'one.txt'), inside('a', 'b', 'same'));
  chmodSync(inside('a', 'one.txt'), 0o4711);
  if (asRoot) chownSync(inside('a', 'b', 'two.log'), 1234, 4321);
  const sparse = openSync(inside('sparse'), 'w');
  writeSync(sparse, 'end', 64 * 1024 * 1024);
  ftruncateSync(sparse, 96 * 1024 * 1024);
  closeSync(sparse);
  utimesSync(inside('a', 'one.txt'), 1_000_000_000.5, 1_000_000_000.25);
}

describe('a full', () => {
  test('is restored bit for bit by plain tar, with its entries and bytes counted', async () => {
    fill();
    const full = await take('full');
    expect(tree(restore([full]))).toEqual(tree(root));
    const files = tree(root).length;
    const [content] = full.manifest.contents;
    expect(content).toMatchObject({ name: root, entries: files, exact: true });
    const bytes = execFileSync('find', [root, '-type', 'f', '-printf', '%i %s\n']).toString().trim().split('\n');
    expect(content?.bytes).toBe(
      [...new Map(bytes.map((line) => line.split(' ').map(Number) as [number, number])).values()].reduce(
        (a, b) => a + b,
        0,
      ),
    );
    expect(full.archive.length).toBeLessThan(2 * 1024 * 1024);
    expect(full.manifest.degraded).toEqual([]);
  });

  test('keeps hidden files, or leaves them out at any depth, and always keeps the root', async () => {
    fill();
    const hiddenRoot = inside('.hidden');
    writeFileSync(path.join(hiddenRoot, 'seen'), 'x');
    writeFileSync(inside('a', 'b', '.secret'), 'x');
    const names = (taken: Taken) => execFileSync('tar', ['-t', '-f', '-'], { input: taken.archive }).toString();
    expect(names(await take('full'))).toContain('.hidden/.deep');
    const without = names(await take('full', undefined, { hidden: false }));
    expect(without).not.toMatch(/\/\./);
    expect(without).toContain('a/b/two.log');
    const below = names(await take('full', undefined, { hidden: false, paths: [hiddenRoot] }));
    expect(below).toContain('.hidden/seen');
    expect(below).not.toContain('.deep');
  });

  test('leaves out what patterns say, below the root, and its own folders', async () => {
    fill();
    mkdirSync(inside('backups'));
    writeFileSync(inside('backups', 'yesterday'), 'x');
    const task = { exclude: ['*.log', 'empty/', path.join(root, 'a', 'one*').replace('[', '\\[').replace(']', '\\]')] };
    const prepared = await prepare(task);
    expect(prepared.tools.tar).toMatch(/^\d+\.\d+$/);
    const names = execFileSync('tar', ['-t', '-f', '-'], {
      input: (await take('full', undefined, task)).archive,
    }).toString();
    expect(names).not.toMatch(/two\.log|empty|\/one\.txt/);
    expect(names).toMatch(/a\/b\/gone\.txt/);
    expect(names).toMatch(/set \[1\]\/\n/);
  });

  test('forgets modes and owners where the spec says so', async () => {
    fill();
    const { archive } = await take('full', undefined, { permissions: false, ownership: false });
    const list = execFileSync('tar', ['-t', '-v', '--numeric-owner', '-f', '-'], { input: archive }).toString();
    expect(list).not.toMatch(/1234\/4321|^-rws/m);
    expect(list).toMatch(/^-rwxr-xr-x 0\/0 .*one\.txt$/m);
  });
});

describe('a chain', () => {
  test('is restored bit for bit at each date, deletions and renames too', async () => {
    fill();
    const full = await take('full');
    const dates = [{ chain: [full], tree: tree(root) }];
    const step = async (type: BackupType, parent: Taken, chain: readonly Taken[], change: () => void) => {
      change();
      const taken = await take(type, parent);
      dates.push({ chain: [...chain, taken], tree: tree(root) });
      return taken;
    };
    const first = await step('incremental', full, [full], () => {
      rmSync(inside('a', 'b', 'gone.txt'));
      writeFileSync(inside('new.txt'), 'new');
      renameSync(inside('empty'), inside('renamed'));
    });
    await step('differential', full, [full], () => appendFileSync(inside('new.txt'), ' more'));
    const second = await step('incremental', first, [full, first], () => {
      rmSync(inside('a', 'link'));
      rmSync(odd());
      rmSync(inside('.hidden'), { recursive: true });
      writeFileSync(inside('.hidden'), 'a file where a folder was');
    });
    await step('incremental', second, [full, first, second], () => rmSync(inside('new.txt')));
    await step('differential', full, [full], () => writeFileSync(inside('last'), 'last'));
    for (const date of dates) expect(tree(restore(date.chain))).toEqual(date.tree);
    expect(first.archive.length).toBeLessThan(full.archive.length / 2);
  });

  test('follows a backup whose run crashed after its manifest, and repeats one that crashed before', async () => {
    fill();
    const full = await take('full', undefined, {}, 'crashed');
    writeFileSync(inside('new.txt'), 'new');
    // Crashed before its manifest was published: nobody knows it, the next one follows the full again.
    await take('incremental', full, {}, 'crashed');
    writeFileSync(inside('newer.txt'), 'newer');
    const next = await take('incremental', full);
    expect(tree(restore([full, next]))).toEqual(tree(root));
  });

  test('is not followed with a reason where state or source are not what the newest backup left', async () => {
    fill();
    const full = await take('full');
    const why = async (manifest: BackupManifest, at: TestMachine = machine, source: Files = {}) => {
      const answer = await (await prepare(source, at)).canFollow('incremental', manifest);
      return answer.ok ? '' : answer.why;
    };
    expect(await why(full.manifest)).toBe('');
    expect(await why(full.manifest, testMachine())).toMatch(/no tar state/);
    const yesterday = { ...machine, now: () => new Date(new Date(full.manifest.pointInTime).getTime() - 86_400_000) };
    expect(await why(full.manifest, yesterday)).toMatch(/from the future/);
    const moved = { ...full.manifest, source: { ...full.manifest.source, identity: { [`device.${root}`]: '1' } } };
    expect(await why(moved)).toMatch(/another device/);
    mkdirSync(path.join(folder, 'second'));
    writeFileSync(path.join(folder, 'second', 'x'), 'x');
    expect(await why(full.manifest, machine, { paths: [root, path.join(folder, 'second')] })).toMatch(
      /another list of paths/,
    );
    const states = path.join(machine.stateFolder, 'files', 'test');
    const [state] = readdirSync(states).filter((name) => name.endsWith('.snar'));
    appendFileSync(path.join(states, state ?? ''), 'x');
    expect(await why(full.manifest)).toMatch(/damaged/);
  });
});

describe('what cannot be stored', () => {
  const refused = async (source: Files) => {
    const error = await prepare(source).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(EngineError);
    return (error as EngineError).message;
  };

  test('roots that are missing, empty or links are failures', async () => {
    expect(await refused({})).toMatch(/is empty/);
    expect(await refused({ paths: [inside('missing')] })).toMatch(/ENOENT/);
    symlinkSync(folder, inside('link'));
    expect(await refused({ paths: [inside('link')] })).toMatch(/symbolic link/);
    expect(await refused({ paths: ['relative'] })).toMatch(/no absolute path/);
    mkdirSync(inside('only', 'folders'), { recursive: true });
    rmSync(inside('link'));
    await expect(take('full')).rejects.toThrow(/not one file/);
    writeFileSync(inside('only', 'x.log'), '');
    await expect(take('full', undefined, { exclude: ['*'] })).rejects.toThrow(/not one file/);
  });

  test('a file that changes while it is read makes the backup degraded, by its name', async () => {
    const big = openSync(inside('changing'), 'w');
    ftruncateSync(big, 8 * 1024 * 1024);
    writeSync(big, Buffer.alloc(4 * 1024 * 1024, 1), 0);
    writeFileSync(inside('still'), 'still');
    const prepared = await prepare();
    await prepared.lock('data');
    const run = await prepared.begin('full', undefined);
    for await (const { output, ended } of run.streams()) {
      await new Promise((resolve) => output.once('readable', resolve));
      writeSync(big, 'changed', 0);
      output.resume();
      await ended;
    }
    closeSync(big);
    const { degraded, contents } = await run.finish();
    expect(degraded).toEqual([{ name: inside('changing'), why: 'file changed as we read it' }]);
    expect(contents[0]?.exact).toBe(false);
  });

  (asRoot ? test : test.skip)(
    'an unreadable file makes the backup degraded, by its name, and comes along once it can be read',
    async () => {
      fill();
      const tools = path.join(folder, 'tools');
      mkdirSync(tools);
      // Root reads everything: tar runs as nobody here.
      const script = '#!/bin/sh\nPATH=/usr/bin:/bin exec setpriv --reuid=65534 --regid=65534 --clear-groups tar "$@"\n';
      writeFileSync(path.join(tools, 'tar'), script, { mode: 0o755 });
      for (const one of [folder, machine.stateFolder]) chmodSync(one, 0o777);
      mkdirSync(path.join(machine.stateFolder, 'files', 'test'), { recursive: true });
      for (const one of [['files'], ['files', 'test']]) chmodSync(path.join(machine.stateFolder, ...one), 0o777);
      chmodSync(inside('a', 'one.txt'), 0o755);
      chmodSync(inside('empty'), 0o755);
      chmodSync(inside('a', 'b', 'two.log'), 0o600);
      chmodSync(inside('.hidden'), 0o700);
      machine = { ...machine, environment: { PATH: `${tools}:${process.env.PATH}` } };
      const full = await take('full');
      expect(full.manifest.degraded).toEqual([
        { name: inside('.hidden'), why: 'Cannot open: Permission denied' },
        { name: inside('a', 'b', 'two.log'), why: 'Cannot open: Permission denied' },
      ]);
      chmodSync(inside('a', 'b', 'two.log'), 0o644);
      chmodSync(inside('.hidden'), 0o755);
      machine = { ...machine, environment: { PATH: process.env.PATH } };
      const next = await take('incremental', full);
      expect(next.manifest.degraded).toEqual([]);
      expect(tree(restore([full, next]))).toEqual(tree(root));
    },
  );

  test('a tar that ends badly is a failure', async () => {
    fill();
    const tools = path.join(folder, 'tools');
    mkdirSync(tools);
    const script =
      '#!/bin/sh\ncase "$1" in --version) exec /bin/tar --version;; esac\n/bin/tar "$@" | head -c 100000; echo "tar: x: Cannot write: Broken pipe" >&2; exit 2\n';
    writeFileSync(path.join(tools, 'tar'), script, { mode: 0o755 });
    machine = { ...machine, environment: { PATH: `${tools}:${process.env.PATH}` } };
    await expect(take('full')).rejects.toThrow(/tar ended with exit code 2/);
  });
});

describe('the lock', () => {
  test('is held once, for data and logs apart, and freed by a release', async () => {
    fill();
    const [one, two] = [await prepare(), await prepare()];
    const lock = await one.lock('data');
    expect(await two.lock('data')).toBe('held');
    expect(await two.lock('log')).not.toBe('held');
    if (lock === 'held') throw new Error('held');
    await lock.release();
    expect(await two.lock('data')).not.toBe('held');
  });

  test('is freed when its process is killed', async () => {
    fill();
    const file = path.join(machine.stateFolder, 'files', 'test', 'data.lock');
    mkdirSync(path.dirname(file), { recursive: true });
    const script = `const c = require('node:child_process').spawn('flock', ['-n', ${JSON.stringify(file)}, 'cat'], { stdio: 'pipe', detached: true }); c.stdin.write('x'); c.stdout.once('data', () => console.log('ready'));`;
    const holder = spawn(process.execPath, ['-e', script], { stdio: 'pipe' });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    const prepared = await prepare();
    expect(await prepared.lock('data')).toBe('held');
    holder.kill('SIGKILL');
    await new Promise((resolve) => holder.once('close', resolve));
    const again = async (): Promise<unknown> => {
      const lock = await prepared.lock('data');
      return lock === 'held' ? again() : lock;
    };
    expect(await again()).not.toBe('held');
  });
});

test.each([
  [
    'swap their names',
    [
      ['left', 'aside'],
      ['right', 'left'],
      ['aside', 'right'],
    ],
  ],
  [
    'go into each other',
    [
      ['left', 'aside'],
      ['right', 'left'],
      ['aside', 'left/right'],
    ],
  ],
])(
  'folders that %s end an increment, which tar would restore wrongly without a word; a single rename does not',
  async (_, renames) => {
    fill();
    for (const name of ['left', 'right']) {
      mkdirSync(inside(name));
      writeFileSync(inside(name, 'which'), name);
    }
    const full = await take('full');
    for (const [from = '', to = ''] of renames) renameSync(inside(from), inside(to));
    await expect(take('incremental', full)).rejects.toThrow(NotFollowed);

    const next = await take('full');
    renameSync(inside('left'), inside('renamed'));
    const increment = await take('incremental', next);
    expect(tree(restore([next, increment]))).toEqual(tree(root));
  },
);
