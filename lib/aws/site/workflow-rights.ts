import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Site } from '../../contract/site';

export interface WorkflowRightsProps {
  readonly site: Pick<Site, 'name'>;
  readonly key: IKey;
  readonly topic: string;
  readonly table: string;
  /** The lease and the records. */
  readonly objects: readonly string[];
  readonly group: string;
  readonly replica: string | undefined;
  readonly documents: readonly string[];
}

/** What the workflows of a site may do: its own state, its own machines and database, and nothing of another site. */
export function workflowRights(scope: Construct, props: WorkflowRightsProps): PolicyStatement[] {
  const { site, key, topic, table, objects, group, replica, documents } = props;
  const { partition, region, account } = Stack.of(scope);
  const arn = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`;
  const ours = { StringEquals: { 'aws:ResourceTag/hypnoscript:site': site.name } };
  return [
    new PolicyStatement({ actions: ['dynamodb:UpdateItem'], resources: [table] }),
    new PolicyStatement({ actions: ['s3:PutObject'], resources: [...objects] }),
    new PolicyStatement({ actions: ['sns:Publish'], resources: [topic] }),
    new PolicyStatement({
      actions: ['autoscaling:SetDesiredCapacity'],
      resources: [arn('autoscaling', `autoScalingGroup:*:autoScalingGroupName/${group}`)],
    }),
    // Questions, for which these services know no resources.
    new PolicyStatement({
      actions: [
        'autoscaling:DescribeAutoScalingGroups',
        'cloudwatch:DescribeAlarms',
        'elasticloadbalancing:DescribeTargetHealth',
        ...(documents.length > 0 ? ['ec2:DescribeInstances', 'ssm:GetCommandInvocation'] : []),
      ],
      resources: ['*'],
    }),
    ...(replica === undefined
      ? []
      : [
          new PolicyStatement({
            actions: ['rds:DescribeDBInstances', 'rds:PromoteReadReplica'],
            resources: [arn('rds', `db:${replica}`)],
          }),
        ]),
    ...(documents.length === 0
      ? []
      : [
          new PolicyStatement({
            actions: ['ec2:StartInstances', 'ec2:StopInstances'],
            resources: [arn('ec2', 'instance/*')],
            conditions: ours,
          }),
          new PolicyStatement({
            actions: ['kms:CreateGrant'],
            resources: [key.keyArn],
            conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
          }),
          new PolicyStatement({
            actions: ['ssm:SendCommand'],
            resources: documents.map((name) => arn('ssm', `document/${name}`)),
          }),
          new PolicyStatement({
            actions: ['ssm:SendCommand'],
            resources: [arn('ec2', 'instance/*')],
            conditions: { StringEquals: { 'ssm:resourceTag/hypnoscript:site': site.name } },
          }),
        ]),
  ];
}
