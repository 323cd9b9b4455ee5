import type { EngineName, ProtectionPlan, RunSchedule, TaskManifest } from '../contract';
import type { Cadence } from '../units';
import type { PlanContext } from './context';
import { wellAfterWindow } from './full-read';
import type { Window } from './slots';
import { MYSQL_IN_IMAGE } from './task-image';

/**
 * When the newest backup of a data set is restored into a throw-away target: as full re-reads, after what follows the
 * window has begun, on a day and minute of its own.
 */
export function testRestoreOf(cadence: Cadence, window: Window, name: string): RunSchedule {
  return wellAfterWindow(cadence, window, `${name} test-restore`);
}

/**
 * Whether a container can make a throw-away target for backups of an engine: Debian has neither SQL Server nor MySQL,
 * and a backup of MySQL goes to a server of its own family only, which the image has where the spec names it.
 */
export function hasTestServer(engine: EngineName, { deployment }: Pick<PlanContext, 'deployment'>): boolean {
  if (engine === 'mysql') return deployment.image?.mysql !== undefined;
  return engine !== 'sqlserver';
}

/**
 * When a container of a cloud restores a task's newest backup for a test, if its stacks start the task: in the task's
 * own cloud, since a copy elsewhere holds the same bytes. `undefined` where nobody asks for it, and where nothing could
 * run it (DR3076).
 */
export function testRestoreIn(
  cloud: TaskManifest['cloud'],
  { cloud: own, validation: { testRestore } }: TaskManifest,
): RunSchedule | undefined {
  return own === cloud && testRestore?.byHand !== true ? testRestore?.schedule : undefined;
}

/**
 * What a container of AWS has for a test restore: a server beside the runner, and all of the disk that Fargate gives.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html
 */
export const AWS_TEST_RESTORE_SIZE = { cpu: 2048, memoryMiB: 8192, diskGiB: 200 } as const;

/** When the stacks of a plan start test restores, by task: one that no stack starts has none (DR3057). */
export function testRestoresOf({
  awsTasks,
  azureTasks,
  googleTasks,
}: Pick<ProtectionPlan, 'awsTasks' | 'azureTasks' | 'googleTasks'>): ReadonlyMap<string, RunSchedule> {
  const started = [
    ...[...awsTasks.shards, ...googleTasks.shards].flatMap(({ tasks }) =>
      tasks.flatMap(({ task, schedules }) =>
        schedules.flatMap((one) => (one.command === 'test-restore' ? [[task, one.schedule] as const] : [])),
      ),
    ),
    ...azureTasks.shards.flatMap(({ tasks }) =>
      tasks.flatMap(({ task, flows }) =>
        flows.flatMap((one) => (one.does === 'test-restore' ? [[task, one.schedule] as const] : [])),
      ),
    ),
  ];
  return new Map(started);
}

/** Paths of the spec that ask for one that a container runs, and that put its server there. */
export function testRestorePaths({ engine, validation }: TaskManifest): string[] {
  const asked = validation.from.filter((one) => one.startsWith('backup.'));
  return engine === 'mysql' ? [...asked, MYSQL_IN_IMAGE] : asked;
}
