import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as FilesModule from 'node:fs/promises';
import { openFolder } from '../../../lib/runner/store/local';
import type { Store } from '../../../lib/runner/store/store';
import { bytesOf, failureOf, keysOf, someBytes, upload } from './bytes';
import { testMachine } from './store-machine';

jest.mock('node:fs/promises', () => ({ ...jest.requireActual<object>('node:fs/promises') }));
const files = jest.requireMock<typeof FilesModule>('node:fs/promises');

type ShortWrite = (buffer: Uint8Array, offset: number, length: number) => Promise<never>;

describe('a folder as a store', () => {
  let parent: string;
  let root: string;
  let store: Store;

  beforeEach(async () => {
    parent = mkdtempSync(path.join(tmpdir(), 'hypdr-local-'));
    root = path.join(parent, 'root');
    mkdirSync(root);
    store = await openFolder('local', root, testMachine());
  });
  afterEach(() => {
    jest.restoreAllMocks();
    chmodSync(root, 0o700);
    rmSync(parent, { recursive: true });
  });

  it('shows an object under its name only when all of it is on disk', async () => {
    const going = store.upload('a/b', {});
    await going.write(someBytes(100));
    expect(readdirSync(path.join(root, 'a'))).toEqual([expect.stringMatching(/^\.b\.[0-9a-f]{8}\.unfinished$/)]);
    expect(await keysOf(store.list(''))).toEqual([]);
    // Whoever tidies up finds what a crash leaves.
    expect(await keysOf(store.list('', { versions: 'all' }))).toEqual([
      expect.stringMatching(/^a\/\.b\..*unfinished$/),
    ]);
    await going.finish();
    expect(readdirSync(path.join(root, 'a'))).toEqual(['b']);
    expect(readFileSync(path.join(root, 'a/b')).equals(someBytes(100))).toBe(true);
  });

  it('gives what it stores to its owner alone', async () => {
    await upload(store, 'a/b', someBytes(1));
    expect(lstatSync(path.join(root, 'a')).mode & 0o777).toBe(0o700);
    expect(lstatSync(path.join(root, 'a/b')).mode & 0o777).toBe(0o600);
  });

  it('lets one of two writers of a name win, and says so to the other', async () => {
    const both = await Promise.all([
      store.create('x.manifest.json', Buffer.from('one'), {}),
      store.create('x.manifest.json', Buffer.from('two'), {}),
    ]);
    expect(both.map((one) => one.kind).sort()).toEqual(['created', 'exists']);
    const winner = both[0]?.kind === 'created' ? 'one' : 'two';
    expect((await bytesOf(await store.read('x.manifest.json'))).toString()).toBe(winner);
    expect(readdirSync(root)).toEqual(['x.manifest.json']);
  });

  it('removes an attempt’s folder with its aborted upload, and none that holds something', async () => {
    await store.upload('attempt/1', {}).abort();
    const going = store.upload('attempt/1', {});
    await going.write(someBytes(1));
    await going.abort();
    expect(readdirSync(root)).toEqual([]);
    await upload(store, 'attempt/1', someBytes(1));
    const second = store.upload('attempt/2', {});
    await second.write(someBytes(1));
    await second.abort();
    expect(readdirSync(path.join(root, 'attempt'))).toEqual(['1']);
  });

  it('follows no link, neither out of the root nor within it', async () => {
    const outside = path.join(parent, 'outside');
    mkdirSync(outside);
    writeFileSync(path.join(outside, 'secret'), 'secret');
    symlinkSync(outside, path.join(root, 'link'));
    symlinkSync(path.join(outside, 'secret'), path.join(root, 'file'));
    expect(await failureOf(upload(store, 'link/new', someBytes(1)))).toBe('refused');
    expect(await failureOf(upload(store, 'file', someBytes(1)))).toBe('foreign');
    expect(await failureOf(store.read('link/secret'))).toBe('refused');
    expect(await failureOf(store.read('file'))).toBe('refused');
    expect(await failureOf(store.remove('link/secret', undefined))).toBe('refused');
    expect(await keysOf(store.list(''))).toEqual([]);
    expect(readdirSync(outside)).toEqual(['secret']);
    expect(readFileSync(path.join(outside, 'secret'), 'utf8')).toBe('secret');
  });

  it('takes no key that leads elsewhere', async () => {
    for (const key of ['../x', 'a/../../x', '/x', 'a//b', 'a/./b', '', 'a/', 'a\0b']) {
      expect(await failureOf(upload(store, key, someBytes(1)))).toBe('refused');
    }
    expect(readdirSync(parent)).toEqual(['root']);
  });

  it('is not made where it is missing, since a mount may be', async () => {
    expect(await failureOf(openFolder('local', path.join(parent, 'mount'), testMachine()))).toBe('missing');
    writeFileSync(path.join(parent, 'file'), '');
    expect(await failureOf(openFolder('local', path.join(parent, 'file'), testMachine()))).toBe('missing');
  });

  it('says that the disk is full, and leaves nothing', async () => {
    const open = files.open;
    jest.spyOn(files, 'open').mockImplementation(async (...args) => {
      const file = await open(...args);
      jest.spyOn(file, 'write').mockRejectedValue(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
      return file;
    });
    expect(await failureOf(upload(store, 'a/b', someBytes(10)))).toBe('full');
    expect(readdirSync(root)).toEqual([]);
  });

  it('does not call stored what did not reach the disk', async () => {
    const open = files.open;
    jest.spyOn(files, 'open').mockImplementation(async (...args) => {
      const file = await open(...args);
      jest.spyOn(file, 'sync').mockRejectedValue(Object.assign(new Error('bad sector'), { code: 'EIO' }));
      return file;
    });
    mkdirSync(path.join(root, 'a'));
    expect(await failureOf(upload(store, 'a/b', someBytes(10)))).toBe('retry');
    expect(await keysOf(store.list(''))).toEqual([]);
  });

  it('goes on after a short write', async () => {
    const open = files.open;
    jest.spyOn(files, 'open').mockImplementation(async (...args) => {
      const file = await open(...args);
      const write = file.write.bind(file) as unknown as ShortWrite;
      jest
        .spyOn(file, 'write')
        .mockImplementation(((buffer: Uint8Array, offset: number, length: number) =>
          write(buffer, offset, Math.min(7, length))) as never);
      return file;
    });
    await upload(store, 'a/b', someBytes(100));
    expect(readFileSync(path.join(root, 'a/b')).equals(someBytes(100))).toBe(true);
  });

  it('removes folders with their last object', async () => {
    await upload(store, 'a/b/c', someBytes(1));
    await upload(store, 'a/d', someBytes(1));
    await store.remove('a/b/c', undefined);
    expect(readdirSync(path.join(root, 'a'))).toEqual(['d']);
    await store.remove('a/d', undefined);
    expect(readdirSync(root)).toEqual([]);
  });
});
