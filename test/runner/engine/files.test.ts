import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FileSource } from '../../../lib/runner/engine/files-arguments';
import { exclusions, isBelow, tarArguments } from '../../../lib/runner/engine/files-arguments';
import { passesUnseen, readTarMessage } from '../../../lib/runner/engine/files-messages';
import { MountNotes } from '../../../lib/runner/engine/files-mounts';
import type { FileRoot } from '../../../lib/runner/engine/files-roots';
import { changedIdentity, identityOfRoots } from '../../../lib/runner/engine/files-roots';
import { momentOf } from '../../../lib/runner/engine/files-state';
import { TarCounter } from '../../../lib/runner/engine/tar-counter';

const root = (name: string, changes: Partial<FileRoot> = {}): FileRoot => ({
  path: name,
  member: name.slice(1),
  device: '1',
  mount: 'of its parent',
  ...changes,
});
const source = (changes: Partial<FileSource> = {}): FileSource => ({
  kind: 'files',
  paths: [],
  exclude: [],
  hidden: true,
  permissions: true,
  ownership: true,
  ...changes,
});
const args = (changes: Partial<FileSource> = {}, ownFolders: readonly string[] = []) =>
  tarArguments({ source: source(changes), roots: [root('/srv/-x')], state: '/state/working.snar', ownFolders });

describe('arguments of tar', () => {
  test('keep everything by default, with roots after the options', () => {
    expect(args()).toEqual([
      '--create',
      '--file=-',
      '--format=posix',
      '--blocking-factor=120',
      '--directory=/',
      '--listed-incremental=/state/working.snar',
      '--sparse',
      '--numeric-owner',
      '--quoting-style=escape',
      '--acls',
      '--xattrs',
      '--xattrs-include=*',
      '--anchored',
      '--',
      'srv/-x',
    ]);
  });

  test('never say --wildcards, with which tar forgets the folders of a listed-incremental archive', () => {
    expect(args({ hidden: false, exclude: ['*.log'] }).join(' ')).not.toContain('--wildcards');
  });

  test('drop modes and owners where the spec says so', () => {
    expect(args({ permissions: false })).toEqual(
      expect.arrayContaining(['--no-acls', '--no-xattrs', '--mode=u=rwX,go=rX']),
    );
    expect(args({ ownership: false })).toEqual(expect.arrayContaining(['--owner=0', '--group=0']));
  });

  test('exclude below a root, at any depth, never the root itself, and what is ours', () => {
    const roots = [root('/srv/[a]')];
    expect(
      exclusions(source({ hidden: false, exclude: ['*.log', 'tmp/', '/srv/x'] }), roots, ['/srv/[a]/state', '/other']),
    ).toEqual([
      'srv/\\[a\\]/.*',
      'srv/\\[a\\]/*/.*',
      'srv/\\[a\\]/*.log',
      'srv/\\[a\\]/*/*.log',
      'srv/\\[a\\]/tmp',
      'srv/\\[a\\]/*/tmp',
      'srv/x',
      'srv/\\[a\\]/state',
    ]);
    expect([isBelow('/a/..b', '/a'), isBelow('/ab', '/a'), isBelow('/a', '/a'), isBelow('/x', '/')]).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });
});

describe('what tar says', () => {
  const kind = (line: string) => readTarMessage(line, ['srv/a']);

  test.each([
    ['tar: srv/a/x: file changed as we read it', '/srv/a/x', 'file changed as we read it'],
    ['tar: srv/a/x: y: File removed before we read it', '/srv/a/x: y', 'File removed before we read it'],
    ['tar: srv/a/x: Cannot open: Permission denied', '/srv/a/x', 'Cannot open: Permission denied'],
    [
      'tar: srv/a/x: File shrank by 9 bytes; padding with zeros',
      '/srv/a/x',
      'File shrank by 9 bytes; padding with zeros',
    ],
    [
      'tar: srv/a/n\\n\\377: Cannot stat: No such file or directory',
      '/srv/a/n\\n\\377',
      'Cannot stat: No such file or directory',
    ],
    ['tar: srv/a: file changed as we read it', '/srv/a', 'file changed as we read it'],
  ])('%s degrades', (line, name, why) => {
    expect(kind(line)).toEqual({ kind: 'degraded', name, why });
  });

  test.each([
    'tar: srv/a: Cannot open: Permission denied',
    'tar: srv/b/x: Cannot open: Permission denied',
    'tar: /state/working.snar: Cannot open: Permission denied',
    'tar: -: Cannot write: Broken pipe',
    'tar: Error is not recoverable: exiting now',
  ])('%s is fatal', (line) => {
    expect(kind(line).kind).toBe('fatal');
  });

  test.each([
    'tar: srv/a/s: socket ignored',
    'tar: srv/a/d: Directory is new',
    'tar: Exiting with failure status due to previous errors',
  ])('%s is a note', (line) => {
    expect(kind(line).kind).toBe('note');
  });

  test('tells errors that pass without a trace from those that tar sees again', () => {
    expect(passesUnseen('Read error at byte 0, while reading 512 bytes: Input/output error')).toBe(true);
    expect(passesUnseen('Cannot open: Permission denied')).toBe(false);
    expect(passesUnseen('file changed as we read it')).toBe(false);
  });
});

describe('the source', () => {
  test('is another one where a device or the list of roots is', () => {
    const now = identityOfRoots([root('/a'), root('/b', { mount: 'own' })]);
    expect(now).toEqual({ 'device./a': '1, no mount of its own', 'device./b': '1' });
    expect(changedIdentity(now, now)).toBeUndefined();
    expect(changedIdentity(now, { ...now, 'device./b': '2' })).toMatch(/\/b$/);
    expect(changedIdentity(now, { 'device./a': '1, no mount of its own' })).toMatch(/\/b$/);
  });

  test('whose mount is gone is refused until the note of it is removed', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-mounts-'));
    const notes = new MountNotes(folder);
    await notes.check([root('/a')]);
    await notes.write([root('/a', { mount: 'own' }), root('/b')]);
    await notes.check([root('/a', { mount: 'own' }), root('/b')]);
    await expect(notes.check([root('/a')])).rejects.toThrow('no longer a mount of its own: /a');
    rmSync(path.join(folder, 'mounts.json'));
    await notes.check([root('/a')]);
    rmSync(folder, { recursive: true });
  });

  test("has its moment in the head of tar's state", () => {
    expect(momentOf(Buffer.from('GNU tar-1.34-2\n1700000000\x00123456789\x00rest'))?.toISOString()).toBe(
      '2023-11-14T22:13:20.123Z',
    );
    expect(momentOf(Buffer.from('1700000000\n'))).toBeUndefined();
  });
});

describe('counting an archive', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-count-'));
  mkdirSync(path.join(folder, 'top', 'dir'), { recursive: true });
  writeFileSync(path.join(folder, 'top', 'n'.repeat(150)), 'x'.repeat(1000));
  writeFileSync(path.join(folder, 'top', 'dir', 'empty'), '');
  const archive = execFileSync('tar', ['-c', '--format=posix', '-C', folder, 'top']);
  rmSync(folder, { recursive: true });

  function archiveOf(bytes: number, factor: number): Buffer {
    const source = mkdtempSync(path.join(tmpdir(), 'hypdr-record-'));
    writeFileSync(path.join(source, 'one'), 'x'.repeat(bytes));
    const made = execFileSync('tar', ['-c', '--format=posix', '-b', `${factor}`, '-C', source, 'one']);
    rmSync(source, { recursive: true });
    return made;
  }

  async function count(bytes: Buffer, chunk: number, member = 'top') {
    const counter = new TarCounter([member]);
    const out: Buffer[] = [];
    counter.on('data', (one: Buffer) => out.push(one));
    const done = new Promise((resolve, reject) => counter.once('end', resolve).once('error', reject));
    for (let at = 0; at < bytes.length; at += chunk) counter.write(bytes.subarray(at, at + chunk));
    counter.end();
    await done;
    expect(Buffer.concat(out).equals(bytes)).toBe(true);
    return { ...counter.counts.get(member), files: counter.files, complete: counter.complete };
  }

  test.each([1, 511, 512, 100_000])('is the same in chunks of %d bytes, and changes none', async (chunk) => {
    expect(await count(archive, chunk)).toEqual({ entries: 4, bytes: 1000, files: 2, complete: true });
  });

  test.each([1, 511, 4096, 1_000_000])(
    'ends a large record where a record of 20 blocks ends, in chunks of %d bytes',
    async (chunk) => {
      const written = { 20: new Set<number>(), 120: new Set<number>() };
      for (let blocks = 0; blocks <= 20; blocks += 1) {
        const usual = archiveOf(blocks * 512, 20);
        const large = archiveOf(blocks * 512, 120);
        written[20].add(usual.length);
        written[120].add(large.length);
        const counter = new TarCounter(['one']);
        const out: Buffer[] = [];
        counter.on('data', (piece: Buffer) => out.push(piece));
        const done = once(counter, 'end');
        for (let at = 0; at < large.length; at += chunk) counter.write(large.subarray(at, at + chunk));
        counter.end();
        await done;
        expect(Buffer.concat(out).equals(large.subarray(0, usual.length))).toBe(true);
      }
      expect([...written[20]]).toEqual([10240, 20480]);
      expect([...written[120]]).toEqual([61440]);
    },
  );

  test('tells an archive that was cut off, one that is none, and one of something else', async () => {
    expect((await count(archive.subarray(0, 2048), 512)).complete).toBe(false);
    await expect(count(Buffer.alloc(512, 'x'), 512)).rejects.toThrow(/no pax archive/);
    await expect(count(archive, 512, 'other')).rejects.toThrow(/below no path/);
  });
});
