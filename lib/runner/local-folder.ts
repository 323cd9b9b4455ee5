import { mkdir, open, readFile, realpath, rename } from 'node:fs/promises';
import path from 'node:path';
import type { Machine } from './machine';
import { mountPoint } from './mount-point';
import { isMissing, onDisk } from './store/local-error';
import { FOLDER_MARK, syncFolder } from './store/local-path';
import { StoreError } from './store/store';

/** The folder of a task on this host, as its manifest names it. */
export interface LocalFolder {
  readonly task: string;
  readonly path: string;
}

/** What this host remembers of a task's folder between its runs. */
interface Note {
  readonly path: string;
  /** What the folder's mark holds. */
  readonly mark: string;
  /** Where the file system that it lies on is mounted. */
  readonly mount: string;
}

/**
 * Makes sure that a run writes where earlier ones did. Where a mount is lost, its path is an empty folder of the disk
 * below, or can be made there: backups would fill that disk, and nobody would find them. So the first run marks the
 * folder with a random word and this host remembers it; numbers of devices would not do, since many change when a host
 * starts again.
 * @param moved - `accepted`: whatever lies there now is what is meant
 * @throws StoreError
 */
export async function claimFolder(folder: LocalFolder, moved: 'accepted' | 'refused', machine: Machine): Promise<void> {
  const note = await readNote(folder, machine);
  const mark = await readMark(folder.path);
  const known = note?.path === path.resolve(folder.path);
  if (known && mark === note.mark) return;
  if (known && moved === 'refused') throw moveOf(folder, note, mark, await mountPoint(folder.path));
  const claimed = await onDisk(folder.path, async () => {
    if (!(await exists(folder.path))) await makeFolder(folder, machine);
    return mark ?? (await writeMark(folder.path, machine));
  });
  await remember(folder, claimed, machine);
}

/** @returns `never used` where there is no such folder, and this host never wrote to one; @throws StoreError as above */
export async function findFolder(folder: LocalFolder, machine: Machine): Promise<'there' | 'never used'> {
  const note = await readNote(folder, machine);
  const mark = await readMark(folder.path);
  if (note?.path === path.resolve(folder.path)) {
    if (mark === note.mark) return 'there';
    throw moveOf(folder, note, mark, await mountPoint(folder.path));
  }
  return (await exists(folder.path)) ? 'there' : 'never used';
}

function moveOf(folder: LocalFolder, note: Note, mark: string | undefined, mount: string): StoreError {
  const found = mark === undefined ? `has no ${FOLDER_MARK}` : `bears the mark of another folder`;
  const where =
    mount === note.mount ? `` : `: it was on the file system at ${note.mount} and is on the one at ${mount}`;
  return new StoreError(
    'missing',
    `${folder.path} is not the folder that earlier runs wrote to, it ${found}${where}; mount it again, or run backup once with --accept-moved-local if it is meant to be so`,
  );
}

async function makeFolder({ task, path: folder }: LocalFolder, machine: Machine): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const message = `${folder} was made for the first backup, on the file system mounted at ${await mountPoint(folder)}`;
  machine.log({ level: 'info', event: 'local_folder_made', message, task });
}

async function readMark(folder: string): Promise<string | undefined> {
  return onDisk(folder, async () => {
    try {
      return (await readFile(path.join(folder, FOLDER_MARK), 'utf8')).trim();
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  });
}

/** Two tasks may share a folder: whoever comes second takes the first one's mark. */
async function writeMark(folder: string, machine: Machine): Promise<string> {
  const mark = machine.randomHex(16);
  try {
    await writeDurably(path.join(folder, FOLDER_MARK), `${mark}\n`, 'wx');
    return mark;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return (await readMark(folder)) ?? mark;
  }
}

async function remember(folder: LocalFolder, mark: string, machine: Machine): Promise<void> {
  const file = noteFile(folder, machine);
  const note: Note = { path: path.resolve(folder.path), mark, mount: await mountPoint(folder.path) };
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeDurably(`${file}.new`, JSON.stringify(note), 'w');
    await rename(`${file}.new`, file);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    const message = `${file} cannot be written (${why}): a mount of ${folder.path} that is lost would not be noticed`;
    machine.log({ level: 'warning', event: 'local_not_remembered', message, task: folder.task });
  }
}

async function readNote(folder: LocalFolder, machine: Machine): Promise<Note | undefined> {
  const text = await readFile(noteFile(folder, machine), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { path: at, mark, mount } = JSON.parse(text) as Partial<Note>;
    return at !== undefined && mark !== undefined && mount !== undefined ? { path: at, mark, mount } : undefined;
  } catch {
    return undefined;
  }
}

function noteFile({ task }: LocalFolder, machine: Machine): string {
  return path.join(machine.stateFolder, 'local', `${encodeURIComponent(task)}.json`);
}

async function writeDurably(file: string, text: string, flags: 'w' | 'wx'): Promise<void> {
  const handle = await open(file, flags, 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncFolder(path.dirname(file));
}

async function exists(folder: string): Promise<boolean> {
  return onDisk(folder, async () => {
    try {
      await realpath(folder);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  });
}
