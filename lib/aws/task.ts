import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import type { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import type { AwsTask } from '../contract/aws-tasks';
import { isTestRestored } from '../plan/aws-task-groups';
import { answerFor } from './node-metadata';
import { copierEnvironment } from './copier-inputs';
import { RESTORER_PATH, renderKnowing, renderSigning } from './record-key';
import { renderCopier, renderPruner, renderRestorer, renderThawer, renderVerifier, renderWriter } from './rights';
import { taskBuckets } from './task-bucket';
import { defineContainer } from './task-container';
import { folderAccess, folderMounting, taskFolder } from './task-folder';
import { assetReading, secretReading } from './task-reading';
import { TaskRole } from './task-role';

export interface BackupTaskProps {
  readonly task: AwsTask;
  /** Task manifest, uploaded at deployment. */
  readonly manifest: Asset;
  readonly image: DockerImageAsset;
  /** What ECS acts as to start a container: it pulls the image and writes the log. */
  readonly executionRole: IRole;
  readonly logs: ILogGroup;
  /** Path of the task's roles. */
  readonly rolePath: string;
  /** Id of the file system that holds local copies. */
  readonly fileSystemId: string | undefined;
  /** ARN of the key that signs records. @default - no task of the shard is test-restored */
  readonly recordKey: string | undefined;
}

/** What the runs of a task are started with. */
export interface TaskRuns {
  readonly definition: FargateTaskDefinition;
  /** A task on a host has no writer of its own: the host's role has its rights. */
  readonly roles: {
    readonly writer?: IRole;
    readonly verifier: IRole;
    readonly pruner: IRole;
    /** Left out where it is not test-restored. */
    readonly restorer?: IRole;
    /** Left out where nothing of it is archived before it is test-restored. */
    readonly thawer?: IRole;
  };
  /** What an execution of the state machine is told of the host. @default - a container */
  readonly host?: object;
}

/** One task in containers, or the job that pulls its copies, and an identity for each thing that they do. */
export class BackupTask extends Construct implements TaskRuns {
  readonly definition: FargateTaskDefinition;
  readonly roles: TaskRuns['roles'];

  constructor(scope: Construct, id: string, props: BackupTaskProps) {
    super(scope, id);
    const { task, rolePath: path } = props;
    const buckets = taskBuckets(this, task);
    const folder = taskFolder(this, task, props.fileSystemId);
    const folders = folder ? [folder] : [];
    const shared = assetReading([props.manifest]);
    const writes = folderAccess(this, folders);
    const role = (name: string, statements: readonly PolicyStatement[], below = '') =>
      new TaskRole(this, name, {
        path: `${path}${below}`,
        description: `${name} of ${task.task}`,
        statements: [...shared, ...statements],
      }).role;
    const isCopy = task.reads.length > 0;
    const writer = isCopy
      ? role('copier', [...buckets.flatMap(renderCopier), ...tokens(task), ...writes])
      : role('writer', [...buckets.flatMap(renderWriter), ...secretReading(this, task), ...writes]);
    const { recordKey } = props;
    const verifier = role('verifier', [...buckets.flatMap(renderVerifier), ...knowing(recordKey), ...writes]);
    const pruner = role('pruner', [...buckets.flatMap(renderPruner), ...writes]);
    const restorer =
      isTestRestored(task) && recordKey !== undefined
        ? role(
            'restorer',
            // What it restores is somebody's dump, which may not reach copies that nobody has sent yet.
            [...buckets.flatMap(renderRestorer), ...renderSigning(recordKey), ...folderMounting(this, folders)],
            RESTORER_PATH,
          )
        : undefined;
    const thawer =
      restorer && task.thaws
        ? role('thawer', [...buckets.flatMap(renderThawer), ...folderMounting(this, folders)])
        : undefined;
    this.roles = { writer, verifier, pruner, ...(restorer && { restorer }), ...(thawer && { thawer }) };
    const environment = isCopy ? copierEnvironment(task) : undefined;
    this.definition = defineContainer(this, {
      ...props,
      taskRole: writer,
      folder,
      ...(environment && { environment }),
    });
    answerFor(this.definition, [task.id, ...(task.local ? [task.local.id] : [])]);
  }
}

/** What a verifier may do where a shard has a key that signs records. */
export function knowing(recordKey: string | undefined): readonly PolicyStatement[] {
  return recordKey === undefined ? [] : renderKnowing(recordKey);
}

/** A token that says to another cloud who the job is; Entra ID wants one audience, a pool on Google its own name. */
export function tokens({ reads }: Pick<AwsTask, 'reads'>): PolicyStatement[] {
  const audiences = { azure: 'api://AzureADTokenExchange', google: 'https://iam.googleapis.com/*' } as const;
  return [
    new PolicyStatement({
      actions: ['sts:GetWebIdentityToken'],
      resources: ['*'],
      conditions: {
        'ForAllValues:StringLike': { 'sts:IdentityTokenAudience': reads.map((cloud) => audiences[cloud]) },
        NumericLessThanEquals: { 'sts:DurationSeconds': 300 },
      },
    }),
  ];
}
