import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import type { AwsTask } from '../contract/aws-tasks';

/** Lets an identity read what a deployment uploads, by the hash that is its name. */
export function assetReading(assets: readonly Asset[]): PolicyStatement[] {
  return [
    new PolicyStatement({
      actions: ['s3:GetObject'],
      resources: assets.map(({ bucket, s3ObjectKey }) => bucket.arnForObjects(s3ObjectKey)),
    }),
  ];
}

/** A secret that the operator made: Secrets Manager adds six characters to its name. */
export function secretReading(scope: Construct, { secret }: AwsTask): PolicyStatement[] {
  if (secret === undefined) return [];
  const { partition, region, account } = Stack.of(scope);
  return [
    new PolicyStatement({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [`arn:${partition}:secretsmanager:${region}:${account}:secret:${secret}-??????`],
    }),
  ];
}
