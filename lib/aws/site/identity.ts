import { Stack } from 'aws-cdk-lib';
import {
  CfnInstanceProfile,
  Effect,
  ManagedPolicy,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';

export interface SiteIdentityProps {
  readonly description: string;
  readonly statements: readonly PolicyStatement[];
}

/**
 * What machines act as. Nobody logs in to them: Systems Manager reaches them by its agent, which Ubuntu's images have.
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-instance-permissions.html
 */
export class SiteIdentity extends Construct {
  readonly role: Role;
  readonly profile: CfnInstanceProfile;

  constructor(scope: Construct, id: string, { description, statements }: SiteIdentityProps) {
    super(scope, id);
    this.role = new Role(this, 'Resource', {
      description,
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('AmazonSSMManagedInstanceCore')],
      inlinePolicies: { site: new PolicyDocument({ statements: [...statements, denyParameters()] }) },
    });
    this.profile = new CfnInstanceProfile(this, 'profile', { roles: [this.role.roleName] });
  }
}

/**
 * AWS's policy for the agent also reads every parameter of the account, those of others and secret ones among them. No
 * document of ours names one.
 * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSSMManagedInstanceCore.html
 */
function denyParameters(): PolicyStatement {
  return new PolicyStatement({
    effect: Effect.DENY,
    actions: ['ssm:GetParameter', 'ssm:GetParameters'],
    resources: ['*'],
  });
}

/** A secret by its name: the service appends six characters that nobody knows before. */
export function secretArn(scope: Construct, name: string): string {
  const { partition, region, account } = Stack.of(scope);
  return `arn:${partition}:secretsmanager:${region}:${account}:secret:${name}-??????`;
}

/** Lets a role fetch exactly this upload: the bucket has those of every deployment. */
export function fetching(asset: Asset): PolicyStatement {
  return new PolicyStatement({
    actions: ['s3:GetObject'],
    resources: [asset.bucket.arnForObjects(asset.s3ObjectKey)],
  });
}

/** Numbers of a site, and of nothing else. */
export function putMetrics(namespace: string): PolicyStatement {
  return new PolicyStatement({
    actions: ['cloudwatch:PutMetricData'],
    resources: ['*'],
    conditions: { StringEquals: { 'cloudwatch:namespace': namespace } },
  });
}
