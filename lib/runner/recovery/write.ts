import { readFile } from 'node:fs/promises';
import type { TaskManifest } from '../../contract';
import type { Place } from '../history';
import type { Machine } from '../machine';
import { ledgerPrefix } from '../object-key';
import { StoreError } from '../store/store';
import { LOCAL } from '../task';
import { recoveryBundles } from './bundle';
import type { RecoveryBundle } from './bundle';
import type { RecipePlace } from './recipe';

const KINDS = { aws: 's3', azure: 'azure', google: 'google' } as const;

/**
 * Puts beside what was verified all that a restore needs where nothing of ours is left: once for each task manifest and
 * runner, found again by its hash. Nothing of a verification hangs on it: where it can't be written, the log says so.
 */
export async function writeRecovery(place: Place, task: TaskManifest, machine: Machine): Promise<void> {
  const recipe = recipePlace(place, task);
  if (machine.program === undefined || !recipe) return;
  try {
    const runner = { bytes: await readFile(machine.program), version: machine.version };
    for (const bundle of recoveryBundles({ task, place: recipe, runner })) {
      if (!(await isThere(place, bundle))) await create(place, bundle, task.name, machine);
    }
  } catch (error) {
    if (!(error instanceof StoreError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    const { message } = error as Error;
    machine.log({
      level: 'warning',
      event: 'recovery_not_written',
      message: `${place.store.url}: what a restore without us needs is not beside the data: ${message}`,
      task: task.name,
    });
  }
}

async function isThere({ store }: Place, { folder, files }: RecoveryBundle): Promise<boolean> {
  const last = files.at(-1)?.name ?? '';
  for await (const { key } of store.list(folder)) if (key === `${folder}${last}`) return true;
  return false;
}

async function create(
  { store }: Place,
  { folder, files }: RecoveryBundle,
  task: string,
  machine: Machine,
): Promise<void> {
  for (const { name, bytes } of files) await store.create(`${folder}${name}`, bytes, { contentType: typeOf(name) });
  const message = `${store.url}/${folder}: what a restore without us needs`;
  machine.log({ level: 'info', event: 'recovery_written', message, task });
}

function typeOf(name: string): string {
  return name.endsWith('.json') ? 'application/json' : 'text/plain; charset=utf-8';
}

function recipePlace({ store, path }: Place, task: TaskManifest): RecipePlace | undefined {
  const ledger = ledgerPrefix(task.name, path);
  if (store.id === LOCAL) return task.local ? { kind: 'folder', folder: task.local.path, ledger } : undefined;
  const target = [...task.stores, ...task.copies].find((one) => one.store === store.id);
  if (!target) return undefined;
  const { cloud, bucket, account } = target;
  return { kind: KINDS[cloud], bucket, ledger, ...(cloud === 'azure' && account !== undefined && { account }) };
}
