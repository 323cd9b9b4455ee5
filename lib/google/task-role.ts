import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { StorageBucketIamMember } from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import { Construct } from 'constructs';
import { escapeTemplate, nodeComment } from '../terraform';
import type { ConditionalRight } from './rights';
import type { TaskProject } from './task-project';

export interface TaskRoleProps {
  readonly project: TaskProject;
  /** 6 to 30 lower case letters, digits and hyphens. */
  readonly accountId: string;
  readonly description: string;
  /** Ids of the plan's nodes that it answers for. */
  readonly nodes: readonly string[];
  /** Bucket by bucket: names that Terraform knows only when it runs are fine. */
  readonly rights: readonly { readonly bucket: string; readonly rights: readonly ConditionalRight[] }[];
}

/** One identity of a task's container: a service account without a key, and what it may do in each bucket. */
export class TaskRole extends Construct {
  readonly account: ServiceAccount;
  readonly member: string;

  constructor(scope: Construct, id: string, { project, accountId, description, nodes, rights }: TaskRoleProps) {
    super(scope, id);
    this.account = new ServiceAccount(this, 'Resource', { accountId, displayName: description.slice(0, 100) });
    this.member = this.account.member;
    nodeComment(this.account, nodes);
    rights.forEach((one, index) => {
      for (const { right, title, condition } of one.rights) {
        new StorageBucketIamMember(this, `${right}_${index}`, {
          bucket: one.bucket,
          role: project.role(right),
          member: this.member,
          condition: { title: `${right}: ${title}`, expression: condition },
        });
      }
    });
  }
}

/** Text of the spec in a condition: Terraform leaves it alone. */
export function literalRights(rights: readonly ConditionalRight[]): readonly ConditionalRight[] {
  return rights.map((one) => ({ ...one, condition: escapeTemplate(one.condition) }));
}
