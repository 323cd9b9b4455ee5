import { readFileSync } from 'node:fs';
import { TaskManifest } from '../contract';
import type { Machine } from './machine';
import { readAll } from './manifest';
import { openUrl } from './store/open';

/** A task manifest that cannot be used: the command line or its file is wrong. */
export class TaskError extends Error {}

/** Reads a task manifest from a path, or from `s3://bucket/key`, `azblob://account/container/key` or `gs://bucket/key`. */
export async function loadTask(where: string, machine: Machine): Promise<TaskManifest> {
  const text = /^(s3|azblob|gs):\/\//.test(where) ? await download(where, machine) : readLocal(where);
  const parsed = TaskManifest.safeParse(parseJson(where, text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TaskError(`${where} is no task manifest: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}

async function download(where: string, machine: Machine): Promise<string> {
  const { store, key } = await openUrl(where, machine);
  try {
    return (await readAll(await store.read(key))).toString('utf8');
  } finally {
    await store.close();
  }
}

function readLocal(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new TaskError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
}

function parseJson(where: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TaskError(`${where} is not JSON`);
  }
}
