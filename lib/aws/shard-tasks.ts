import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import type { AwsTask, AwsTaskShard } from '../contract/aws-tasks';
import type { TaskManifest } from '../contract/task';
import { HostTask } from './host-task';
import { manifestAsset } from './manifest-asset';
import type { TaskBucket } from './rights';
import { SharedContainers } from './shared-containers';
import type { SharedHost } from './shared-host';
import { BackupTask } from './task';
import type { BackupTaskProps, TaskRuns } from './task';
import { taskBuckets } from './task-bucket';

export interface ShardTasksProps extends Omit<BackupTaskProps, 'task' | 'manifest'> {
  readonly plan: AwsTaskShard;
  /** Name of the shard. */
  readonly name: string;
  readonly manifests: readonly TaskManifest[];
  readonly hosts: SharedHost | undefined;
}

/** A task with what starts it, and where its manifest lies. */
export interface ShardTask {
  readonly task: AwsTask;
  readonly manifest: Asset;
  readonly runs: TaskRuns;
  readonly buckets: readonly TaskBucket[];
}

/** The tasks of a shard in their containers and on their hosts; where they are many, they share containers and roles. */
export function addShardTasks(scope: Construct, props: ShardTasksProps): readonly ShardTask[] {
  const { plan, name, hosts } = props;
  const made = plan.tasks.map((task) => ({ task, manifest: addManifest(scope, task, props.manifests) }));
  const uploads = made[0]?.manifest.bucket;
  const shared =
    plan.groups && uploads
      ? new SharedContainers(scope, 'shared', { ...props, name, groups: plan.groups, tasks: plan.tasks, uploads })
      : undefined;
  return made.map(({ task, manifest }) => {
    const common = { ...props, task, manifest };
    const id = `task-${task.task}`;
    const container = shared?.runs(task);
    const runs: TaskRuns =
      task.host && hosts
        ? new HostTask(scope, id, { ...common, host: task.host, shared: hosts, ...(container && { container }) })
        : (container ?? new BackupTask(scope, id, common));
    return { task, manifest, runs, buckets: taskBuckets(scope, task) };
  });
}

function addManifest(scope: Construct, { task }: AwsTask, manifests: readonly TaskManifest[]): Asset {
  const manifest = manifests.find((one) => one.name === task);
  if (!manifest) throw new Error(`no manifest of task '${task}'`);
  return manifestAsset(scope, `manifest-${task}`, manifest);
}
