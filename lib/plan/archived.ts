import { clouds } from '../clouds';
import type { TaskManifest } from '../contract';
import { intervalDays } from '../units';
import type { Claim } from './claim';
import { storeId } from './task';

/** That what a test restore reads may lie in an archive, in every store of its task. */
export interface Archived {
  /** Days after which the last of the stores archives. */
  readonly afterDays: number;
  /** Days that the newest full may be old. */
  readonly age: number;
  /** Path of the move into that archive. @default - none says it */
  readonly path: string | undefined;
}

/** Whether the full that the newest backup needs may be archived everywhere. */
export function archivedBeforeFull(task: TaskManifest, claims: readonly Claim[]): Archived | undefined {
  const moves = task.stores.map((store) => archiving(claims.filter((claim) => holds(claim, task, store.store))));
  const afterDays = Math.max(...moves.map((move) => move?.afterDays ?? Infinity));
  const age = Math.max(...task.runs.map(({ cadence }) => intervalDays(cadence)));
  if (afterDays > age) return undefined;
  return { afterDays, age, path: moves.find((move) => move?.afterDays === afterDays)?.path };
}

function holds(claim: Claim, task: TaskManifest, store: string): boolean {
  return storeId(claim) === store && (claim.dataSet?.name === task.name || claim.store !== undefined);
}

/** The first move into a class that has to be thawed. */
function archiving(claims: readonly Claim[]) {
  const all = claims.flatMap(({ cloud, moves }) =>
    moves.filter(({ storageClass }) => {
      const known = clouds[cloud].storageClasses.find((one) => one.name === storageClass);
      return Object.keys(known?.retrievalHours ?? {}).length > 0;
    }),
  );
  return all.sort((a, b) => a.afterDays - b.afterDays)[0];
}
