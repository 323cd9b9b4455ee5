import { constants } from 'node:fs';
import { lstat, open, readdir, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Machine } from '../machine';
import { isUnfinished } from '../object-key';
import { isDenied, isMissing, localError, onDisk } from './local-error';
import { FOLDER_MARK, existingPath, keyNames, realRoot, syncFolder } from './local-path';
import { LocalUpload } from './local-upload';
import { readable } from './readable';
import { StoreError } from './store';
import type { Created, ListOptions, Store, StoredObject, Upload } from './store';

/**
 * A folder as a store, which has to be there: whether one may be made is not for here to say. Without versions, locks
 * and a key of its own.
 */
export async function openFolder(id: string, path: string, machine: Machine): Promise<Store> {
  return onDisk(path, async () => {
    const root = await realRoot(path);
    if (!(await lstat(root)).isDirectory()) throw new StoreError('missing', `${path} is no folder`);
    return new LocalStore(id, path, root, machine);
  });
}

class LocalStore implements Store {
  readonly url: string;
  readonly encryption = 'none';
  readonly locks = 'none';

  constructor(
    readonly id: string,
    path: string,
    private readonly root: string,
    private readonly machine: Machine,
  ) {
    this.url = path;
  }

  upload(key: string): Upload {
    return new LocalUpload(this.root, key, this.machine.randomHex(4));
  }

  async create(key: string, body: Uint8Array): Promise<Created> {
    const upload = this.upload(key);
    try {
      await upload.write(body);
      return { kind: 'created', receipt: await upload.finish() };
    } catch (error) {
      if (error instanceof StoreError && error.kind === 'foreign') return { kind: 'exists' };
      throw error;
    }
  }

  async *list(prefix: string, { versions = 'newest' }: ListOptions = {}): AsyncGenerator<StoredObject> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (folder !== '') keyNames(folder.slice(0, -1));
    try {
      yield* this.#walk(folder, { prefix, versions });
    } catch (error) {
      throw localError(error, this.url);
    }
  }

  async head(key: string): Promise<StoredObject | undefined> {
    return onDisk(join(this.url, key), async () => {
      try {
        return await this.#look(key);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  async read(key: string): Promise<Readable> {
    const where = join(this.url, key);
    return onDisk(where, async () => {
      const path = await existingPath(this.root, key);
      const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
      return readable(file.createReadStream(), {
        failure: (error) => {
          const failure = localError(error, where);
          return failure instanceof StoreError ? failure : new StoreError('retry', String(error), { cause: error });
        },
      });
    });
  }

  async remove(key: string): Promise<void> {
    await onDisk(join(this.url, key), async () => {
      const path = await existingPath(this.root, key);
      await unlink(path);
      await syncFolder(dirname(path));
      // Folders that hold nothing more go with their last object.
      for (let folder = dirname(path); folder !== this.root; folder = dirname(folder)) {
        try {
          await rmdir(folder);
        } catch {
          return;
        }
      }
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async *#walk(folder: string, asked: Asked): AsyncGenerator<StoredObject> {
    const { prefix } = asked;
    for (const { name, isFolder } of await this.#entries(folder, asked)) {
      const key = `${folder}${name}`;
      if (isFolder) {
        if (key.startsWith(prefix) || prefix.startsWith(key)) yield* this.#walk(key, asked);
        continue;
      }
      if (!key.startsWith(prefix)) continue;
      const object = await this.#look(key).catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
      });
      if (object) yield object;
    }
  }

  /** Names in a folder in the order of the keys that they begin; a link is neither object nor folder. */
  async #entries(
    folder: string,
    { prefix, versions }: Asked,
  ): Promise<readonly { readonly name: string; readonly isFolder: boolean }[]> {
    try {
      const path = folder === '' ? this.root : await existingPath(this.root, `${folder}x`).then(dirname);
      const entries = await readdir(path, { withFileTypes: true });
      return entries
        .filter((entry) => entry.isDirectory() || (entry.isFile() && isMeant(entry.name, versions)))
        .map((entry) => ({ name: entry.isDirectory() ? `${entry.name}/` : entry.name, isFolder: entry.isDirectory() }))
        .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
    } catch (error) {
      if (isMissing(error) && folder !== '') return [];
      // The verifier's own, which it may keep to itself: who asks for everything gets everything else.
      if (isDenied(error) && folder.startsWith('_') && !prefix.startsWith('_')) return [];
      throw error;
    }
  }

  async #look(key: string): Promise<StoredObject | undefined> {
    const seen = await lstat(await existingPath(this.root, key));
    if (!seen.isFile()) return undefined;
    return { key, bytes: seen.size, modified: seen.mtime, latest: true, deleteMarker: false };
  }
}

interface Asked extends Required<ListOptions> {
  readonly prefix: string;
}

function isMeant(name: string, versions: Asked['versions']): boolean {
  return name !== FOLDER_MARK && (versions === 'all' || !isUnfinished(name));
}
