import type { App } from 'aws-cdk-lib';
import { CfnOutput, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { FailureTopic } from '../../lib/aws/failure-topic';
import { LocalCopies } from '../../lib/aws/local-copies';
import { TaskNetwork } from '../../lib/aws/network';
import { stackAnswersFor } from '../../lib/aws/node-metadata';
import { OperationsKey } from '../../lib/aws/operations-key';
import { RecordKey } from '../../lib/aws/record-key';
import { ReplicationAlarm } from '../../lib/aws/replication-alarm';
import { restorersOf, sharedNames } from '../../lib/aws/task-names';
import type { AwsSharedTasks } from '../../lib/contract/aws-tasks';

export interface SharedTaskStackProps {
  readonly plan: AwsSharedTasks;
}

/** What all tasks of a region share: network, cluster, the list of starts, the topic of failures. */
export class SharedTaskStack extends Stack {
  constructor(app: App, { plan }: SharedTaskStackProps) {
    super(app, plan.name, {
      env: { region: plan.region, account: plan.account },
      description: `what backup tasks share, ${plan.region}`,
      terminationProtection: true,
    });
    const names = sharedNames(plan.prefix);
    const { key } = new OperationsKey(this, 'key', { alias: names.key });
    const network = new TaskNetwork(this, 'network', {
      network: plan.network,
      key,
      logGroupName: `/hypnoscript/${plan.prefix}/flows`,
    });
    new Cluster(this, 'cluster', {
      clusterName: names.cluster,
      vpc: network.vpc,
      containerInsightsV2: ContainerInsights.ENABLED,
    });
    new Table(this, 'starts', {
      tableName: names.table,
      partitionKey: { name: 'run', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: key,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // A start that is forgotten would run twice; the table is made again by the next deployment.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const { topic } = new FailureTopic(this, 'failures', { topicName: names.topic, key });
    for (const replication of plan.replications)
      new ReplicationAlarm(this, `replication-${replication.source.name}`, { replication, topic });
    this.#export(names.exports.key, key.keyArn);
    if (plan.network.kind === 'isolated') {
      network.subnetIds.forEach((id, index) => this.#export(names.exports.subnets[index] ?? '', id));
    }
    this.#export(names.exports.securityGroup, network.securityGroup.securityGroupId);
    if (network.copies) {
      network.copies.subnetIds.forEach((id, index) => this.#export(names.exports.copySubnets[index] ?? '', id));
      this.#export(names.exports.copySecurityGroup, network.copies.securityGroup.securityGroupId);
    }
    if (plan.fileSystem) {
      const { fileSystem } = new LocalCopies(this, 'local', {
        vpc: network.vpc,
        subnetIds: network.subnetIds,
        containers: network.securityGroup,
        key,
      });
      this.#export(names.exports.fileSystem, fileSystem.fileSystemId);
    }
    const { key: records } = new RecordKey(this, 'records', {
      records: plan.records,
      restorers: restorersOf(plan.region, plan.prefix),
    });
    this.#export(names.exports.recordKey, records.keyArn);
    stackAnswersFor(this, [plan.id]);
  }

  /** The first two of the region, chosen at deployment: the library would ask the account for their names. */
  override get availabilityZones(): string[] {
    return [0, 1].map((index) => Fn.select(index, Fn.getAzs()));
  }

  #export(exportName: string, value: string): void {
    new CfnOutput(this, exportName, { exportName, value });
  }
}
