import { Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

export interface StarterProps {
  readonly description: string;
  /** The one that it may start. */
  readonly machineArn: string;
}

/** What EventBridge acts as when it starts a workflow of a site. */
export function starterRole(scope: Construct, id: string, { description, machineArn }: StarterProps): Role {
  return new Role(scope, id, {
    description,
    assumedBy: new ServicePrincipal('events.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
    inlinePolicies: {
      start: new PolicyDocument({
        statements: [new PolicyStatement({ actions: ['states:StartExecution'], resources: [machineArn] })],
      }),
    },
  });
}
