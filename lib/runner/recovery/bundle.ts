import type { TaskManifest } from '../../contract';
import { sha256Of } from '../manifest';
import { renderRecipe } from './recipe';
import type { RecipePlace } from './recipe';
import { FETCH_SH } from './script';

/** Files of a folder in a store, whose name is the hash of the list of their hashes. */
export interface RecoveryBundle {
  /** `_recovery/<sha256>/` */
  readonly folder: string;
  /** In the order in which they are created: the list of hashes comes last, and says that the rest is there. */
  readonly files: readonly { readonly name: string; readonly bytes: Buffer }[];
}

export interface RecoveryInput {
  readonly task: TaskManifest;
  readonly place: RecipePlace;
  readonly runner: { readonly bytes: Buffer; readonly version: string };
}

export const RECOVERY = '_recovery/';
const LIST = 'SHA256SUMS';

/** The runner's folder, which all tasks of a store share, and the task's own. */
export function recoveryBundles({ task, place, runner }: RecoveryInput): readonly RecoveryBundle[] {
  const program = sha256Of(runner.bytes);
  const files = [
    { name: 'fetch.sh', bytes: Buffer.from(FETCH_SH) },
    {
      name: 'recipe.md',
      bytes: Buffer.from(renderRecipe({ task, place, runner: { folder: program, version: runner.version } })),
    },
    { name: 'task.json', bytes: Buffer.from(`${JSON.stringify(task, null, 1)}\n`) },
  ];
  const sums = [
    ...files.map(({ name, bytes }) => `${sha256Of(bytes)}  ${name}`),
    `${program}  ../${program}/runner.js`,
  ];
  const list = Buffer.from(`${sums.join('\n')}\n`);
  return [
    { folder: `${RECOVERY}${program}/`, files: [{ name: 'runner.js', bytes: runner.bytes }] },
    { folder: `${RECOVERY}${sha256Of(list)}/`, files: [...files, { name: LIST, bytes: list }] },
  ];
}
