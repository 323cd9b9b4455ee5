import type { FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { SHARED_ROLES } from '../contract/shared-roles';
import type { AwsTaskGroups } from '../contract/aws-task-groups';
import type { AwsTask } from '../contract/aws-tasks';
import { copierEnvironment } from './copier-inputs';
import { answerFor } from './node-metadata';
import { renderSigning } from './record-key';
import { SharedRoles } from './shared-roles';
import type { SharedRolesProps } from './shared-roles';
import { knowing, tokens } from './task';
import type { TaskRuns } from './task';
import { defineContainer } from './task-container';
import type { TaskContainerProps } from './task-container';
import { folderAccess, folderMounting, taskFolder } from './task-folder';
import type { TaskFolder } from './task-folder';

export interface SharedContainersProps
  extends Omit<SharedRolesProps, 'beside'>, Pick<TaskContainerProps, 'image' | 'executionRole' | 'logs'> {
  readonly groups: AwsTaskGroups;
  readonly tasks: readonly AwsTask[];
  readonly fileSystemId: string | undefined;
  /** ARN of the key that signs records. @default - no task of the shard is test-restored */
  readonly recordKey: string | undefined;
}

/** The containers of a shard whose tasks are many, and what they act as: each serves all tasks of its family. */
export class SharedContainers extends Construct {
  readonly #roles: SharedRoles;
  readonly #definitions = new Map<string, FargateTaskDefinition>();

  constructor(scope: Construct, id: string, props: SharedContainersProps) {
    super(scope, id);
    const { tasks, recordKey } = props;
    const families = new Map<string, readonly AwsTask[]>();
    for (const task of tasks) families.set(task.family, [...(families.get(task.family) ?? []), task]);
    const made = [...families].map(([family, members]) => {
      const place = new Construct(this, family);
      const [task] = members;
      if (!task) throw new Error(`no task in ${family}`);
      return { place, task, members, folder: taskFolder(place, task, props.fileSystemId) };
    });
    const folders = made.flatMap(({ folder }) => folder ?? []);
    const mounts = folderAccess(this, folders);
    const reads = [...new Set(tasks.flatMap((task) => task.reads))].sort();
    this.#roles = new SharedRoles(this, 'roles', {
      ...props,
      beside: {
        writer: mounts,
        verifier: [...mounts, ...knowing(recordKey)],
        pruner: mounts,
        copier: reads.length > 0 ? tokens({ reads }) : [],
        restorer: [...folderMounting(this, folders), ...(recordKey === undefined ? [] : renderSigning(recordKey))],
      },
    });
    for (const { place, task, members, folder } of made) {
      const definition = this.#define(place, props, { task, folder, reads });
      answerFor(
        definition,
        members.flatMap((one) => [one.id, ...(one.local ? [one.local.id] : [])]),
      );
      this.#definitions.set(task.family, definition);
    }
  }

  /** What the runs of a task are started with. */
  runs({ family, reads }: AwsTask): TaskRuns {
    const definition = this.#definitions.get(family);
    if (!definition) throw new Error(`no container of ${family}`);
    const writer = this.#roles.bases.get(reads.length > 0 ? 'copier' : 'writer') ?? this.#roles.base('verifier');
    const restorer = this.#roles.bases.get('restorer');
    return {
      definition,
      roles: {
        writer,
        verifier: this.#roles.base('verifier'),
        pruner: this.#roles.base('pruner'),
        ...(restorer && { restorer }),
      },
    };
  }

  #define(
    place: Construct,
    { image, executionRole, logs }: SharedContainersProps,
    made: { readonly task: AwsTask; readonly folder: TaskFolder | undefined; readonly reads: AwsTask['reads'] },
  ): FargateTaskDefinition {
    const { task, folder, reads } = made;
    const isCopy = task.reads.length > 0;
    const lock = Math.max(0, ...task.stores.map((store) => store.longestLockDays));
    return defineContainer(place, {
      // Lines of its log say whose they are.
      task: folder ? task : { ...task, task: isCopy ? 'copies' : 'tasks' },
      image,
      executionRole,
      logs,
      folder,
      // A start names the role that it needs; who names none can only verify.
      taskRole: this.#roles.base('verifier'),
      environment: {
        ...(isCopy && copierEnvironment({ ...task, reads })),
        [SHARED_ROLES]: this.#roles.told(isCopy ? 'copier' : 'writer', lock),
      },
    });
  }
}
