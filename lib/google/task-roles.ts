import { ProjectIamCustomRole } from '@cdktf/provider-google/lib/project-iam-custom-role';
import { Construct } from 'constructs';
import { nodeComment, type ITerraformDependable } from '../terraform';
import { PERMISSIONS, roleId } from './task-names';
import type { Right } from './task-names';

export interface TaskRolesProps {
  readonly prefix: string;
  readonly region: string;
  /** Id of the plan's node that asks for them. */
  readonly nodeId: string;
  readonly services: ITerraformDependable[];
}

/** The custom roles that identities of tasks get, with the permissions of one right each; one that is bound to nobody is no right. */
export class TaskRoles extends Construct {
  constructor(scope: Construct, id: string, { prefix, region, nodeId, services }: TaskRolesProps) {
    super(scope, id);
    for (const right of Object.keys(PERMISSIONS) as readonly Right[]) {
      const role = new ProjectIamCustomRole(this, right, {
        roleId: roleId({ prefix, region }, right),
        title: `Backup tasks: ${right}`,
        permissions: [...PERMISSIONS[right]],
        dependsOn: services,
      });
      nodeComment(role, [nodeId]);
    }
  }
}
