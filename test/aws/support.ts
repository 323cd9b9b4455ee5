import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { createApp } from '../../lib/aws/app';
import type { AwsStack } from '../../lib/contract/aws-storage';
import { addAwsStacks } from '../../stacks/aws';

/** A stack with an account and a region, for a construct on its own. */
export function emptyStack(env = { account: '111122223333', region: 'eu-west-1' }): Stack {
  return new Stack(createApp(), 'test', { env });
}

/** The templates of plans, by the name of the stack. */
export function templatesOf(plans: readonly AwsStack[]): Map<string, Template> {
  return new Map(addAwsStacks(createApp(), plans).map((stack) => [stack.stackName, Template.fromStack(stack)]));
}

export function templateOf(plan: AwsStack): Template {
  const template = templatesOf([{ ...plan, after: [] }]).get(plan.name);
  if (!template) throw new Error(`no template of '${plan.name}'`);
  return template;
}

/** The bill of materials: the sorted types of a template's resources. */
export function resourceTypes(template: Template): string[] {
  return resources(template)
    .map(({ Type }) => Type)
    .sort();
}

export interface RawResource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: readonly string[];
  readonly Metadata?: { readonly hypdr?: { readonly nodes: readonly string[] } };
}

export function resources(template: Template): RawResource[] {
  return Object.values(template.toJSON()['Resources'] as Record<string, RawResource>);
}

export function resourcesOfType(template: Template, type: string): RawResource[] {
  return resources(template).filter(({ Type }) => Type === type);
}

/** The one bucket with this name or name prefix. */
export function bucketNamed(template: Template, name: string): RawResource {
  const [bucket] = resourcesOfType(template, 'AWS::S3::Bucket').filter(
    ({ Properties }) => Properties['BucketName'] === name || Properties['BucketNamePrefix'] === name,
  );
  if (!bucket) throw new Error(`no bucket '${name}'`);
  return bucket;
}
