import { Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

export interface TaskRoleProps {
  /** Path of the role: what starts tasks may hand out roles below it, and no others. */
  readonly path: string;
  readonly description: string;
  readonly statements: readonly PolicyStatement[];
}

/** One identity of a task's container. Its rights are inline: they live and die with it, and nobody else gets them. */
export class TaskRole extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, { path, description, statements }: TaskRoleProps) {
    super(scope, id);
    this.role = new Role(this, 'Resource', {
      path,
      description,
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      inlinePolicies: { task: new PolicyDocument({ statements: [...statements] }) },
    });
  }
}
