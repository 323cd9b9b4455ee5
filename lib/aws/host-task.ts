import { CfnOutput, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyDocument } from 'aws-cdk-lib/aws-iam';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import type { AwsHost } from '../contract/aws-tasks';
import { isTestRestored } from '../plan/aws-task-groups';
import { renderDownload, renderHostWriter, renderOutput } from './host-rights';
import { renderTarget, targetText } from './host-target';
import { answerFor } from './node-metadata';
import { RESTORER_PATH, renderSigning } from './record-key';
import { renderPruner, renderRestorer, renderThawer, renderVerifier } from './rights';
import type { TaskBucket } from './rights';
import { knowing } from './task';
import type { BackupTaskProps, TaskRuns } from './task';
import { taskBuckets } from './task-bucket';
import { defineContainer } from './task-container';
import { assetReading, secretReading } from './task-reading';
import { TaskRole } from './task-role';

/** The program that hosts run. */
export interface HostRunner {
  readonly asset: Asset;
  readonly sha256: string;
}

export interface HostTaskProps extends Omit<BackupTaskProps, 'fileSystemId'> {
  readonly host: AwsHost;
  /** What its container is and acts as, where tasks share that. @default - its own */
  readonly container?: Pick<HostTask, 'definition' | 'roles'>;
  /** What the hosts of the shard share. */
  readonly shared: {
    readonly runner: HostRunner;
    /** Name of the log group of what hosts say. */
    readonly outputGroup: string;
  };
}

/**
 * A task whose backups run on a host. The host's role is not ours: a managed policy has what it needs, for whoever runs
 * the host to attach. What a host must not do, verification and pruning of stores, is done by the task's container.
 */
export class HostTask extends Construct implements TaskRuns {
  readonly definition: FargateTaskDefinition;
  readonly roles: Omit<TaskRuns['roles'], 'writer'>;
  readonly host: object;

  constructor(scope: Construct, id: string, props: HostTaskProps) {
    super(scope, id);
    const { task, host, manifest, rolePath: path } = props;
    const { runner, outputGroup } = props.shared;
    const buckets = taskBuckets(this, task);
    const { definition, roles } = props.container ?? this.#container(props, buckets);
    this.roles = roles;
    this.definition = definition;
    const { partition, region, account } = Stack.of(this);
    const policy = new ManagedPolicy(this, 'host', {
      path,
      description: `What the host of ${task.task} needs to write its backups`,
      document: new PolicyDocument({
        statements: [
          ...assetReading([manifest, runner.asset]),
          renderDownload(runner.asset),
          ...renderHostWriter(buckets, host),
          ...secretReading(this, task),
          ...renderOutput(`arn:${partition}:logs:${region}:${account}:log-group:${outputGroup}:*`),
        ],
      }),
    });
    answerFor(policy, [host.id]);
    new CfnOutput(this, 'HostPolicy', {
      description: `Policy for the role of the host that is ${targetText(host.target)}`,
      value: policy.managedPolicyArn,
    });
    this.host = {
      where: targetText(host.target),
      targets: [renderTarget(host.target)],
      runner: runner.asset.httpUrl,
      runnerSha256: runner.sha256,
      local: host.local,
    };
  }

  #container(props: HostTaskProps, buckets: readonly TaskBucket[]): Pick<HostTask, 'definition' | 'roles'> {
    const { task, manifest, rolePath, recordKey } = props;
    const role = (name: string, statements: readonly PolicyStatement[], path = rolePath) =>
      new TaskRole(this, name, {
        path,
        description: `${name} of ${task.task}`,
        statements: [...assetReading([manifest]), ...statements],
      }).role;
    const verifier = role('verifier', [...buckets.flatMap(renderVerifier), ...knowing(recordKey)]);
    const pruner = role('pruner', buckets.flatMap(renderPruner));
    const restorer =
      isTestRestored(task) && recordKey !== undefined
        ? role(
            'restorer',
            [...buckets.flatMap(renderRestorer), ...renderSigning(recordKey)],
            `${rolePath}${RESTORER_PATH}`,
          )
        : undefined;
    const definition = defineContainer(this, { ...props, taskRole: verifier });
    answerFor(definition, [task.id]);
    const thawer = restorer && task.thaws ? role('thawer', buckets.flatMap(renderThawer)) : undefined;
    return { definition, roles: { verifier, pruner, ...(restorer && { restorer }), ...(thawer && { thawer }) } };
  }
}
