import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Site } from '../../contract/site';
import { SITE_TAG } from './names';

export interface WorkflowRightsProps {
  readonly site: Pick<Site, 'prefix'>;
  readonly topic: string;
  readonly table: string;
  /** The lease and the records. */
  readonly objects: readonly string[];
  readonly group: string;
  /** Documents of Run Command that it runs on the machines with the database. */
  readonly documents: readonly string[];
}

/** What both workflows of a site may do: its own state, its own machines, and nothing of another site. */
function workflowRights(scope: Construct, props: WorkflowRightsProps): PolicyStatement[] {
  const { site, topic, table, objects, group, documents } = props;
  const arn = arnsOf(scope);
  return [
    new PolicyStatement({ actions: ['dynamodb:UpdateItem'], resources: [table] }),
    new PolicyStatement({ actions: ['s3:PutObject'], resources: [...objects] }),
    new PolicyStatement({ actions: ['sns:Publish'], resources: [topic] }),
    new PolicyStatement({
      actions: ['autoscaling:SetDesiredCapacity'],
      resources: [arn('autoscaling', `autoScalingGroup:*:autoScalingGroupName/${group}`)],
    }),
    ...(documents.length === 0
      ? []
      : [
          asking(['ec2:DescribeInstances', 'ssm:GetCommandInvocation']),
          new PolicyStatement({
            actions: ['ssm:SendCommand'],
            resources: documents.map((name) => arn('ssm', `document/${name}`)),
          }),
          new PolicyStatement({
            actions: ['ssm:SendCommand'],
            resources: [arn('ec2', 'instance/*')],
            conditions: { StringEquals: { [`ssm:resourceTag/${SITE_TAG}`]: site.prefix } },
          }),
        ]),
  ];
}

export interface ActivationRightsProps extends WorkflowRightsProps {
  readonly key: IKey;
  /** Identifier of the replica that it promotes. @default - there is none */
  readonly replica: string | undefined;
  /** Whether it asks an alarm for a second sign. */
  readonly measured: boolean;
}

/** What has a site take over: it starts and promotes, and stops nothing. */
export function activationRights(scope: Construct, props: ActivationRightsProps): PolicyStatement[] {
  const { site, key, replica, documents, measured } = props;
  return [
    ...workflowRights(scope, props),
    asking([
      'autoscaling:DescribeAutoScalingGroups',
      'elasticloadbalancing:DescribeTargetHealth',
      ...(measured ? ['cloudwatch:DescribeAlarms'] : []),
    ]),
    ...(replica === undefined
      ? []
      : [
          new PolicyStatement({
            actions: ['rds:DescribeDBInstances', 'rds:PromoteReadReplica'],
            resources: [arnsOf(scope)('rds', `db:${replica}`)],
          }),
        ]),
    ...(documents.length === 0
      ? []
      : [
          switching(scope, site, 'ec2:StartInstances'),
          new PolicyStatement({
            actions: ['kms:CreateGrant'],
            resources: [key.keyArn],
            conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
          }),
        ]),
  ];
}

export interface DeactivationRightsProps extends WorkflowRightsProps {
  /** Whether machines with the database are off while the site sleeps. */
  readonly stops: boolean;
}

/** What has a site sleep again: it stops, and starts and promotes nothing. */
export function deactivationRights(scope: Construct, props: DeactivationRightsProps): PolicyStatement[] {
  return [...workflowRights(scope, props), ...(props.stops ? [switching(scope, props.site, 'ec2:StopInstances')] : [])];
}

/** Questions, for which these services know no resources. */
function asking(actions: string[]): PolicyStatement {
  return new PolicyStatement({ actions, resources: ['*'] });
}

/** Machines of a site go on or off. */
function switching(
  scope: Construct,
  { prefix }: Pick<Site, 'prefix'>,
  action: 'ec2:StartInstances' | 'ec2:StopInstances',
): PolicyStatement {
  return new PolicyStatement({
    actions: [action],
    resources: [arnsOf(scope)('ec2', 'instance/*')],
    conditions: { StringEquals: { [`aws:ResourceTag/${SITE_TAG}`]: prefix } },
  });
}

function arnsOf(scope: Construct): (service: string, resource: string) => string {
  const { partition, region, account } = Stack.of(scope);
  return (service, resource) => `arn:${partition}:${service}:${region}:${account}:${resource}`;
}
