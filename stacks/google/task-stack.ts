import type { Construct } from 'constructs';
import {
  addCopierInputs,
  addProvider,
  BackupTask,
  findProject,
  imageVariable,
  notificationChannels,
  Prober,
  shardNames,
  TaskAlarms,
  TaskSchedules,
  TaskStateMachine,
  type GoogleTaskShard,
} from '../../lib/google';
import type { TaskManifest } from '../../lib/contract/task';
import { frameStack, TerraformOutput, TerraformStack } from '../../lib/terraform';

export interface GoogleTaskStackProps {
  readonly plan: GoogleTaskShard;
  readonly manifests: readonly TaskManifest[];
}

/** The tasks of one shard: their jobs, their schedules, the workflow around each run, the prober and the alarms. */
export class GoogleTaskStack extends TerraformStack {
  constructor(scope: Construct, { plan, manifests }: GoogleTaskStackProps) {
    super(scope, plan.name);
    frameStack(this, plan);
    addProvider(this, plan);
    const project = findProject(this, plan);
    const image = imageVariable(this);
    const channels = notificationChannels(this);
    const names = shardNames(plan);
    addCopierInputs(this, plan.tasks);
    const tasks = plan.tasks.map((task) => {
      const manifest = manifests.find((one) => one.name === task.task);
      if (!manifest) throw new Error(`no manifest of task '${task.task}'`);
      const container = new BackupTask(this, `task_${task.task}`, {
        task,
        manifest,
        project,
        image,
        network: plan.network,
        recordKey: plan.recordKey,
      });
      return { task, container };
    });
    const machine = new TaskStateMachine(this, 'machine', {
      project,
      name: names.shard,
      accountId: names.accounts.workflow,
      containers: tasks.map(({ task, container }) => ({ task: task.task, container })),
    });
    const schedules = new TaskSchedules(this, 'schedules', {
      project,
      accountId: names.accounts.scheduler,
      machine,
      tasks,
    });
    new Prober(this, 'prober', {
      project,
      name: names.prober,
      accountId: names.accounts.prober,
      image,
      scheduler: schedules.account,
      nodeId: plan.id,
      tasks,
    });
    new TaskAlarms(this, 'alarm', {
      shard: names.shard,
      prober: names.prober,
      workflow: names.shard,
      tasks: plan.tasks,
      channels,
    });
    this.#output('workflow', 'workflow of the runs of this stack', machine.workflow.name);
    const copiers = tasks
      .filter(({ task }) => task.reads.length > 0)
      .flatMap(({ container }) => container.accounts.writer ?? []);
    if (copiers.length > 0) {
      this.#output(
        'copier_subjects',
        'who the copy jobs of this stack are to other clouds: GoogleCopiers of the copy readers on AWS',
        copiers.map(({ uniqueId }) => uniqueId).join(','),
      );
    }
    this.#output('prober', 'job that says how old the newest verified backups are', names.prober);
  }

  #output(name: string, description: string, value: string): void {
    new TerraformOutput(this, `output_${name}`, { description, value }).overrideLogicalId(name);
  }
}
