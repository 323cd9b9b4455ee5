import { ProjectIamCustomRole } from '@cdktf/provider-google/lib/project-iam-custom-role';
import { StorageBucketIamMember } from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import { Construct } from 'constructs';
import type { SiteBackups } from '../../contract/site';
import type { TaskManifest } from '../../contract/task';
import { googleTaskStores } from '../../plan/google-task-stores';
import { nodeComment, type ITerraformDependable } from '../../terraform';
import { renderWriter } from '../rights';
import { PERMISSIONS, roleId } from '../task-names';
import { literalRights } from '../task-role';
import type { SiteFrame } from './frame';

export interface BackupAccessProps {
  readonly frame: SiteFrame;
  /** Who takes the backups. */
  readonly member: string;
  readonly backups: SiteBackups;
  readonly task: TaskManifest;
}

/**
 * What a machine that backs itself up may do in the stores of its task: what the task's own writer may, and no more. Its
 * roles are the site's own: those of the tasks go with the tasks.
 */
export class BackupAccess extends Construct {
  readonly grants: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { frame, member, backups, task }: BackupAccessProps) {
    super(scope, id);
    const { site, services } = frame;
    const roles = Object.fromEntries(
      (['create', 'list', 'read'] as const).map((right) => {
        const role = new ProjectIamCustomRole(this, `role_${right}`, {
          roleId: roleId({ prefix: site.prefix, region: 'backups' }, right),
          title: `Backups of ${site.prefix}: ${right}`,
          permissions: [...PERMISSIONS[right]],
          dependsOn: services,
        });
        nodeComment(role, [backups.id]);
        return [right, role.name];
      }),
    );
    this.grants = googleTaskStores(task.stores).flatMap(({ bucket, prefixes }) =>
      literalRights(renderWriter({ bucket, prefixes, dataSet: task.name })).map(({ right, title, condition }) => {
        const grant = new StorageBucketIamMember(this, `${bucket}_${right}`, {
          bucket,
          role: roles[right] ?? '',
          member,
          condition: { title: `${right}: ${title}`, expression: condition },
        });
        nodeComment(grant, [backups.id]);
        return grant;
      }),
    );
  }
}
