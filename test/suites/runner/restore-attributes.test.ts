import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import type { RestoreReport } from '../../../lib/runner/restore/report';
import { BIND_SERVICE, aclOf, attributesBelow, setAttribute, whyNoAttribute } from './file-attributes';
import { fileTask, slotAt } from './file-task';
import { runHere, writeTask } from './program-run';
import type { Host } from './program-run';

/** What a file has beside its bytes comes back out of a full and out of what follows it: attributes, rights, owners. */

jest.setTimeout(120_000);

let folder: string;
let source: string;
let host: Host;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-attributes-'));
  source = path.join(folder, 'source');
  mkdirSync(path.join(source, 'sub'), { recursive: true });
  for (const name of ['kept', 'changed', 'bare', 'sub/below']) writeFileSync(path.join(source, name), name);
  host = { folder, state: path.join(folder, 'state'), environment: {} };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => path.join(source, name);
const text = (value: string) => Buffer.from(value);

type Kept = Partial<Extract<TaskManifest['source'], { kind: 'files' }>>;

function written(kept: Kept = {}): string {
  const local = { id: 'local', from: [], path: path.join(folder, 'local') };
  const task = fileTask('attributes', source, { stores: [], local });
  return writeTask(host, { ...task, source: { ...task.source, ...kept } as TaskManifest['source'] });
}

const now = (day: number) => ({ now: () => new Date(Date.UTC(2027, 0, 1 + day, 3)) });

/** A backup that is verified, `day` days after the full. */
async function take(task: string, day: number): Promise<void> {
  const type = day === 0 ? 'full' : 'incremental';
  const ran = await runHere(host, ['backup', '--task', task, '--type', type, '--slot', slotAt(day)], now(day));
  expect([ran.exit, ran.stderr]).toEqual([EXIT.success, '']);
  expect((await runHere(host, ['verify', '--quick', '--task', task], now(day))).exit).toBe(EXIT.success);
}

/** @returns where the source is, below the folder that was restored */
async function restored(task: string, day: number): Promise<string> {
  const target = path.join(folder, `day-${day}`);
  const argv = ['restore', '--task', task, '--from', slotAt(day), '--target', target, '--format', 'json'];
  const report = JSON.parse((await runHere(host, argv, now(7))).stdout) as RestoreReport;
  expect([day, report.exit, report.why, report.warnings]).toEqual([day, EXIT.success, undefined, []]);
  return path.join(target, source);
}

/** Where a file system has none, a test that looks for them would look at nothing. */
function canHave(name: string, value: Buffer): boolean {
  const why = whyNoAttribute(at('kept'), name, value);
  if (why !== undefined) process.stderr.write(`skipped: ${why}\n`);
  return why === undefined;
}

/** Makes each change, takes a backup after it, and compares what comes back with what was there on each day. */
async function comesBack(changes: readonly (() => void)[]): Promise<void> {
  const task = written();
  const days: ReturnType<typeof attributesBelow>[] = [];
  for (const [day, change] of changes.entries()) {
    change();
    await take(task, day);
    days.push(attributesBelow(source));
  }
  for (const [day, expected] of days.entries())
    expect([day, attributesBelow(await restored(task, day))]).toEqual([day, expected]);
  // A day on which nothing was there would compare nothing.
  expect(days.filter((one) => Object.keys(one).length === 0)).toEqual([]);
  expect(new Set(days.map((one) => JSON.stringify(one))).size).toBe(days.length);
}

test('extended attributes, with any bytes, of files and folders: set, changed, taken away, while the bytes stay', async () => {
  if (!canHave('user.probe', text('x'))) return;
  await comesBack([
    () => {
      setAttribute(at('kept'), 'user.kept', text('as it was'));
      setAttribute(at('kept'), 'user.bytes', Buffer.from([0, 10, 61, 255, 0]));
      setAttribute(at('changed'), 'user.changed', text('one'));
      setAttribute(at('changed'), 'user.gone', text('gone soon'));
      setAttribute(at('sub'), 'user.folder', text('one'));
      setAttribute(source, 'user.root', text('root'));
      setAttribute(at('sub/below'), 'user.long', Buffer.alloc(2000, 'x'));
    },
    () => {
      setAttribute(at('changed'), 'user.changed', text('two'));
      setAttribute(at('changed'), 'user.gone', undefined);
      setAttribute(at('bare'), 'user.new', text('new'));
      setAttribute(at('sub'), 'user.folder', text('two'));
      setAttribute(at('sub'), 'user.more', text('more'));
    },
    () => {
      setAttribute(at('sub/below'), 'user.long', undefined);
      writeFileSync(at('sub/later'), 'later');
      setAttribute(at('sub/later'), 'user.late', text('late'));
    },
  ]);
});

test('an attribute that a folder lost after the full is on it again: tar takes none from a folder that is there', async () => {
  if (!canHave('user.probe', text('x'))) return;
  const task = written();
  setAttribute(at('sub'), 'user.gone', text('gone'));
  setAttribute(at('sub'), 'user.kept', text('kept'));
  await take(task, 0);
  setAttribute(at('sub'), 'user.gone', undefined);
  await take(task, 1);
  // As docs/runner.md says. Where this turns red because it is gone, the words go too.
  expect(attributesBelow(await restored(task, 1)).sub).toEqual({
    'user.gone': text('gone').toString('hex'),
    'user.kept': text('kept').toString('hex'),
  });
});

test('POSIX lists of rights, of files, and of folders those that what is made in them inherits', async () => {
  const [access, inherited] = ['system.posix_acl_access', 'system.posix_acl_default'];
  if (!canHave(access, aclOf(12345, 4))) return;
  await comesBack([
    () => {
      setAttribute(at('kept'), access, aclOf(12345, 4));
      setAttribute(at('changed'), access, aclOf(12345, 7));
      setAttribute(at('bare'), access, aclOf(12345, 7));
      setAttribute(at('sub'), access, aclOf(12345, 5));
      setAttribute(at('sub'), inherited, aclOf(12345, 6));
      setAttribute(source, inherited, aclOf(54321, 4));
    },
    () => {
      // Who lost a right does not get it back.
      setAttribute(at('changed'), access, aclOf(12345, 0));
      setAttribute(at('bare'), access, undefined);
      setAttribute(at('sub'), access, undefined);
      setAttribute(source, inherited, undefined);
      // Inherits the list of its folder.
      writeFileSync(at('sub/later'), 'later');
    },
    () => {
      setAttribute(at('sub'), inherited, undefined);
      setAttribute(at('sub/below'), access, aclOf(1, 1));
    },
  ]);
});

test('capabilities of programs, although their owner is set too', async () => {
  if (!canHave('security.capability', BIND_SERVICE)) return;
  await comesBack([
    () => {
      chownSync(at('kept'), 12345, 54321);
      chmodSync(at('kept'), 0o755);
      setAttribute(at('kept'), 'security.capability', BIND_SERVICE);
    },
    () => {
      chownSync(at('changed'), 1, 2);
      setAttribute(at('changed'), 'security.capability', BIND_SERVICE);
    },
  ]);
});

test('attributes that only root sees, of links too', async () => {
  if (!canHave('trusted.probe', text('x'))) return;
  symlinkSync('kept', at('link'));
  await comesBack([
    () => setAttribute(at('link'), 'trusted.of-link', text('one')),
    () => setAttribute(at('kept'), 'trusted.of-file', text('two')),
  ]);
});

const owner = (root: string, name: string) => {
  const { uid, gid, mode } = lstatSync(path.join(root, name));
  return [name, uid, gid, (mode & 0o7777).toString(8)];
};

test('owners and their modes, of folders and links too, also where nothing but the owner changed', async () => {
  if (process.getuid?.() !== 0) return void process.stderr.write('skipped: to give files away takes root\n');
  symlinkSync('kept', at('link'));
  const names = ['', 'kept', 'changed', 'sub', 'sub/below', 'link'];
  const changes = [
    () => {
      chownSync(at('kept'), 12345, 54321);
      // Giving a file away takes these bits from it, so that the order matters.
      chmodSync(at('kept'), 0o6751);
      chownSync(at('sub'), 2_000_000_000, 3);
      chmodSync(at('sub'), 0o3770);
    },
    () => {
      chownSync(at('changed'), 7, 8);
      chownSync(at('sub'), 9, 10);
      chownSync(source, 11, 12);
      chmodSync(at('kept'), 0o600);
    },
  ];
  const task = written();
  const days: unknown[] = [];
  for (const [day, change] of changes.entries()) {
    change();
    await take(task, day);
    days.push(names.map((name) => owner(source, name)));
  }
  for (const [day, expected] of days.entries()) {
    const root = await restored(task, day);
    expect([day, names.map((name) => owner(root, name))]).toEqual([day, expected]);
  }
});

test('neither attributes nor rights nor owners where the task keeps none', async () => {
  if (!canHave('user.probe', text('x'))) return;
  setAttribute(at('kept'), 'user.kept', text('secret'));
  if (canHave('system.posix_acl_access', aclOf(1, 4)))
    setAttribute(at('changed'), 'system.posix_acl_access', aclOf(1, 4));
  if (process.getuid?.() === 0) chownSync(at('kept'), 12345, 54321);
  const task = written({ permissions: false, ownership: false });
  await take(task, 0);
  setAttribute(at('sub'), 'user.folder', text('secret'));
  await take(task, 1);
  const root = await restored(task, 1);
  expect(attributesBelow(root)).toEqual({});
  const { uid, gid } = lstatSync(path.join(root, 'kept'));
  expect([uid, gid]).toEqual([process.getuid?.(), process.getgid?.()]);
});
