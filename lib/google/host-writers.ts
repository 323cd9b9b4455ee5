import { SecretManagerSecretIamMember } from '@cdktf/provider-google/lib/secret-manager-secret-iam-member';
import { StorageBucketIamMember } from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import { Construct } from 'constructs';
import type { GoogleTask } from '../contract/google-tasks';
import { input, nodeComment } from '../terraform';
import { renderHostWriter } from './rights';
import type { TaskProject } from './task-project';
import { literalRights } from './task-role';

export interface HostWritersProps {
  readonly project: TaskProject;
  readonly task: GoogleTask;
  /** Name of the variable with who they are. */
  readonly variable: string;
}

const MEMBER = '^(serviceAccount:.+@.+|principal(Set)?://iam[.]googleapis[.]com/.+)$';

/**
 * What hosts may do that take a task's backups by their own timers: each is a service account of a virtual machine, or
 * whoever a pool of identities lets in. None has a key of ours.
 * @see https://cloud.google.com/iam/docs/principal-identifiers
 */
export class HostWriters extends Construct {
  constructor(scope: Construct, id: string, { project, task, variable }: HostWritersProps) {
    super(scope, id);
    input(this, variable, {
      type: 'list(string)',
      description: `Who the hosts of ${task.task} are: members of IAM such as serviceAccount:NAME@PROJECT.iam.gserviceaccount.com.`,
      checks: [
        {
          condition: `\${length(var.${variable}) > 0}`,
          errorMessage: `give the identity of the host that ${task.task} is on`,
        },
        {
          condition: `\${alltrue([for one in var.${variable} : can(regex("${MEMBER}", one))])}`,
          errorMessage: 'each is serviceAccount:ADDRESS, principal://... or principalSet://...',
        },
      ],
    });
    const each = { count: `\${length(var.${variable})}`, member: `\${var.${variable}[count.index]}` };
    for (const { store, bucket, prefixes } of task.stores) {
      const rights = literalRights(renderHostWriter({ bucket, prefixes, dataSet: task.task }));
      for (const { right, title, condition } of rights) {
        const grant = new StorageBucketIamMember(this, `${right}_${store}`, {
          bucket,
          role: project.role(right),
          member: each.member,
          condition: { title: `${right}: ${title}`, expression: condition },
        });
        grant.addOverride('count', each.count);
        nodeComment(grant, [task.id]);
      }
    }
    if (task.secret === undefined) return;
    const secret = new SecretManagerSecretIamMember(this, 'secret', {
      secretId: task.secret,
      role: 'roles/secretmanager.secretAccessor',
      member: each.member,
    });
    secret.addOverride('count', each.count);
  }
}
