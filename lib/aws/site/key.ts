import { Stack } from 'aws-cdk-lib';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { OperationsKey } from '../operations-key';

export interface SiteKeyProps {
  readonly alias: string;
}

/**
 * The key of a site. Auto Scaling starts machines as a role of its own, and without a grant of the key of their disks no
 * machine starts. The role is made by its first use: a condition may name it before, a principal may not.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
 */
export class SiteKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, { alias }: SiteKeyProps) {
    super(scope, id);
    this.key = new OperationsKey(this, 'Resource', {
      alias,
      description: 'Disks, logs, messages and the log archive of a recovery site',
    }).key;
    const { account, partition } = Stack.of(this);
    const role = 'aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling';
    const scaling = {
      StringEquals: { 'kms:CallerAccount': account },
      ArnEquals: { 'aws:PrincipalArn': `arn:${partition}:iam::${account}:role/${role}` },
    };
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AllowScaling',
        principals: [new AnyPrincipal()],
        actions: [
          'kms:Encrypt',
          'kms:Decrypt',
          'kms:ReEncryptFrom',
          'kms:ReEncryptTo',
          'kms:GenerateDataKey',
          'kms:GenerateDataKeyWithoutPlaintext',
          'kms:DescribeKey',
        ],
        resources: ['*'],
        conditions: scaling,
      }),
    );
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AllowScalingToGrant',
        principals: [new AnyPrincipal()],
        actions: ['kms:CreateGrant'],
        resources: ['*'],
        conditions: { ...scaling, Bool: { 'kms:GrantIsForAWSResource': 'true' } },
      }),
    );
  }
}
