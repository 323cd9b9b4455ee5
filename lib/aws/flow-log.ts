import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { FlowLogDestination } from 'aws-cdk-lib/aws-ec2';
import type { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

export interface FlowLogProps {
  readonly vpc: Vpc;
  readonly logGroupName: string;
  readonly key: IKey;
}

/**
 * What goes in and out of a network is written down. The library's own role is one that the service takes for whoever
 * asks it; this one is taken for flow logs of this account and region alone.
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
 */
export function addFlowLog(scope: Construct, { vpc, logGroupName, key }: FlowLogProps): void {
  const { partition, region, account } = Stack.of(scope);
  const role = new Role(scope, 'flow-role', {
    description: 'Flows of a network are written as this role',
    assumedBy: new ServicePrincipal('vpc-flow-logs.amazonaws.com', {
      conditions: {
        StringEquals: { 'aws:SourceAccount': account },
        ArnLike: { 'aws:SourceArn': `arn:${partition}:ec2:${region}:${account}:vpc-flow-log/*` },
      },
    }),
  });
  const group = new LogGroup(scope, 'flow-log', {
    logGroupName,
    encryptionKey: key,
    retention: RetentionDays.THREE_MONTHS,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  vpc.addFlowLog('flows', { destination: FlowLogDestination.toCloudWatchLogs(group, role) });
}
