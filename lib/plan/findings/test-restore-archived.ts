import { archivedBeforeFull } from '../archived';
import { testRestoresOf } from '../test-restore';
import type { PlanCheck } from './finding';

/** Restorers may read, and thaw nothing: where every store archives before the next full, a test finds only ice. */
export const archivedTestRestore: PlanCheck = ({ context, dataSets, claims, plan }) => {
  const started = testRestoresOf(plan);
  const thawed = new Set([
    ...plan.awsTasks.shards.flatMap(({ tasks }) => tasks.filter(({ thaws }) => thaws)).map(({ task }) => task),
    ...plan.azureTasks.shards
      .flatMap(({ tasks }) => tasks.filter(({ jobs }) => jobs.thawer !== undefined))
      .map(({ task }) => task),
  ]);
  for (const task of plan.tasks) {
    const archived = started.has(task.name) ? archivedBeforeFull(task, claims) : undefined;
    if (!archived) continue;
    const { afterDays, age, path } = archived;
    context.report({
      code: 'DR3077',
      path: path ?? dataSets.find((one) => one.name === task.name)?.path ?? '',
      message: `backups of "${task.name}" go into an archive after ${afterDays} days, and a full is up to ${age} days old: ${thawed.has(task.name) ? 'a test restore thaws it first, for hours and for money each time' : "a test restore can't read it, and thaws nothing"}`,
      fix: `archive after more than ${age} days${thawed.has(task.name) ? '' : ', or let somebody who may thaw run hypdr-runner thaw before it'}`,
    });
  }
};
