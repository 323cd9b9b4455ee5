import { clouds } from '../../clouds';
import type { TaskManifest } from '../../contract';
import { intervalDays } from '../../units';
import type { Claim } from '../claim';
import { storeId } from '../task';
import { testRestoresOf } from '../test-restore';
import type { PlanCheck } from './finding';

/** Restorers may read, and thaw nothing: where every store archives before the next full, a test finds only ice. */
export const archivedTestRestore: PlanCheck = ({ context, dataSets, claims, plan }) => {
  const started = testRestoresOf(plan);
  for (const task of plan.tasks) {
    if (!started.has(task.name)) continue;
    const moves = task.stores.map((store) => archiving(claims.filter((claim) => holds(claim, task, store.store))));
    const readable = Math.max(...moves.map((move) => move?.afterDays ?? Infinity));
    const age = Math.max(...task.runs.map(({ cadence }) => intervalDays(cadence)));
    if (readable > age) continue;
    const slowest = moves.find((move) => move?.afterDays === readable);
    context.report({
      code: 'DR3077',
      path: slowest?.path ?? dataSets.find((one) => one.name === task.name)?.path ?? '',
      message: `backups of "${task.name}" go into an archive after ${readable} days, and a full is up to ${age} days old: a test restore can't read it, and thaws nothing`,
      fix: `archive after more than ${age} days, or let somebody who may thaw run hypdr-runner thaw before it`,
    });
  }
};

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
