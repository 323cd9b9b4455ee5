import type { TaskManifest } from '../../contract';
import { AZURE_TEST_RESTORE_SIZE } from '../azure-tasks';
import { GOOGLE_TEST_RESTORE_SIZE } from '../google-tasks';
import { testRestoresOf } from '../test-restore';
import type { PlanCheck } from './finding';

/** What bounds a test restore in a container of a cloud, in words: what is restored is unknown before. */
const BOUNDS: Partial<Record<TaskManifest['cloud'], string>> = {
  azure: `${AZURE_TEST_RESTORE_SIZE.diskGiB} GiB of disk on Container Apps for server, data and what is read, and ${AZURE_TEST_RESTORE_SIZE.memoryGiB} GiB of memory`,
  google: `${GOOGLE_TEST_RESTORE_SIZE.memory.replace('Gi', ' GiB')} on Cloud Run, where files lie in memory: server, data and what is read count together`,
};

/** A container that is too small is killed in the middle, and then it looks as if the backup were bad. */
export const testRestoreSize: PlanCheck = ({ context, dataSets, plan }) => {
  const started = testRestoresOf(plan);
  for (const task of plan.tasks) {
    const bound = BOUNDS[task.cloud];
    if (bound === undefined || !started.has(task.name)) continue;
    context.report({
      code: 'DR3078',
      path: `${dataSets.find((one) => one.name === task.name)?.path ?? ''}.validation.test_restore`,
      message: `a test restore of "${task.name}" has ${bound}`,
      fix: 'if it may outgrow that: store it on AWS, whose containers have more disk, or run hypdr-runner test-restore on a machine of your own',
    });
  }
};
