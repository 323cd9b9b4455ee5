import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, rm, rmdir, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { onDisk } from './local-error';
import { newPath, syncFolder } from './local-path';
import { StoreError } from './store';
import type { Receipt, Upload } from './store';

/**
 * One object on its way to a folder: written under another name beside its own, brought to disk, then given its name
 * by a hard link, which never replaces anything (rename would).
 * https://man7.org/linux/man-pages/man2/link.2.html
 */
export class LocalUpload implements Upload {
  readonly #hash = createHash('sha256');
  #opened: Promise<Opened> | undefined;
  #bytes = 0;
  #ended = false;

  constructor(
    private readonly root: string,
    private readonly key: string,
    private readonly suffix: string,
  ) {}

  async write(chunk: Uint8Array): Promise<void> {
    await this.#orAbort(async () => {
      const { file } = await this.#open();
      for (let offset = 0; offset < chunk.length;) {
        offset += (await file.write(chunk, offset, chunk.length - offset)).bytesWritten;
      }
      this.#hash.update(chunk);
      this.#bytes += chunk.length;
    });
  }

  async finish(): Promise<Receipt> {
    return this.#orAbort(async () => {
      const { file, path, target } = await this.#open();
      await file.sync();
      await file.close();
      await link(path, target);
      this.#ended = true;
      await unlink(path);
      await syncFolder(dirname(target));
      return { bytes: this.#bytes, checksum: `sha256:${this.#hash.digest('hex')}` };
    });
  }

  async abort(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    if (this.#ended) return;
    this.#ended = true;
    if (!opened) return;
    await opened.file.close().catch(() => undefined);
    await rm(opened.path, { force: true }).catch(() => undefined);
    // Only an empty folder goes: the attempt's own.
    if (dirname(opened.path) !== this.root) await rmdir(dirname(opened.path)).catch(() => undefined);
  }

  #open(): Promise<Opened> {
    if (this.#ended) return Promise.reject(new StoreError('retry', `${this.key}: the upload was aborted`));
    return (this.#opened ??= this.#create());
  }

  async #create(): Promise<Opened> {
    const target = await newPath(this.root, this.key);
    const path = join(dirname(target), `.${basename(target)}.${this.suffix}.unfinished`);
    const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants;
    return { target, path, file: await open(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600) };
  }

  async #orAbort<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await onDisk(join(this.root, this.key), work);
    } catch (error) {
      await this.abort();
      throw error;
    }
  }
}

interface Opened {
  readonly file: FileHandle;
  /** Name while it is written. */
  readonly path: string;
  readonly target: string;
}
