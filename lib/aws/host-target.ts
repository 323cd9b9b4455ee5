import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { AwsHost } from '../contract/aws-tasks';

type Target = AwsHost['target'];

/** A target as Run Command takes it. */
export function renderTarget(target: Target): { readonly Key: string; readonly Values: readonly string[] } {
  return target.kind === 'tag'
    ? { Key: `tag:${target.key}`, Values: [target.value] }
    : { Key: 'InstanceIds', Values: [target.node] };
}

/** The same for people, after "is" or "are". */
export function targetText(target: Target): string {
  return target.kind === 'tag' ? `tagged ${target.key}=${target.value}` : target.node;
}

/**
 * Lets a command be sent to these machines alone, wherever they are: an EC2 instance and a machine that was activated
 * have ARNs of two services.
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command-setting-up.html
 */
export function renderSending(scope: Construct, targets: readonly Target[]): PolicyStatement[] {
  const { partition, region, account } = Stack.of(scope);
  const instance = (id: string) => `arn:${partition}:ec2:${region}:${account}:instance/${id}`;
  const hybrid = (id: string) => `arn:${partition}:ssm:${region}:${account}:managed-instance/${id}`;
  const nodes = targets.flatMap((one) => (one.kind === 'node' ? [one.node] : []));
  const tags = new Map<string, Set<string>>();
  for (const one of targets) {
    if (one.kind === 'tag') tags.set(one.key, (tags.get(one.key) ?? new Set()).add(one.value));
  }
  return [
    ...[...tags].map(
      ([key, values]) =>
        new PolicyStatement({
          actions: ['ssm:SendCommand'],
          resources: [instance('*'), hybrid('*')],
          conditions: { StringEquals: { [`ssm:resourceTag/${key}`]: [...values].sort() } },
        }),
    ),
    ...(nodes.length > 0
      ? [
          new PolicyStatement({
            actions: ['ssm:SendCommand'],
            resources: nodes.map((id) => (id.startsWith('mi-') ? hybrid(id) : instance(id))),
          }),
        ]
      : []),
  ];
}
