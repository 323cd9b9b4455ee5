import type { IAspect } from 'aws-cdk-lib';
import { CfnResource, Stack } from 'aws-cdk-lib';
import { CfnRole, CfnUser } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/**
 * Gives each role that a stack makes the permissions boundary that an organization asks of whoever makes roles, those of
 * the CDK's own functions too. A policy of that name is in the account of each stack.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
 */
export class RolesBoundary implements IAspect {
  /** @param policy - name of a managed policy of the account, with its path where it has one */
  constructor(private readonly policy: string) {}

  visit(node: IConstruct): void {
    if (!CfnResource.isCfnResource(node)) return;
    if (
      node.cfnResourceType !== CfnRole.CFN_RESOURCE_TYPE_NAME &&
      node.cfnResourceType !== CfnUser.CFN_RESOURCE_TYPE_NAME
    )
      return;
    const arn = Stack.of(node).formatArn({ service: 'iam', region: '', resource: 'policy', resourceName: this.policy });
    node.addPropertyOverride('PermissionsBoundary', arn);
  }
}
