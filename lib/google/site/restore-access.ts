import { ProjectIamCustomRole } from '@cdktf/provider-google/lib/project-iam-custom-role';
import { StorageBucketIamMember } from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import { Construct } from 'constructs';
import type { TaskManifest } from '../../contract/task';
import { googleTaskStores } from '../../plan/google-task-stores';
import { nodeComment, type ITerraformDependable } from '../../terraform';
import { renderCopyReader } from '../rights';
import type { ReadBucket } from '../rights';
import { PERMISSIONS, roleId } from '../task-names';
import { literalRights } from '../task-role';
import type { SiteFrame } from './frame';

export interface RestoreAccessProps {
  readonly frame: SiteFrame;
  /** Who restores. */
  readonly member: string;
  readonly tasks: readonly TaskManifest[];
}

/** Who restores reads what its data sets stored, and their ledgers: nothing else, and it writes nowhere. */
export class RestoreAccess extends Construct {
  readonly grants: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { frame, member, tasks }: RestoreAccessProps) {
    super(scope, id);
    const { site, services } = frame;
    const roles = Object.fromEntries(
      (['list', 'read'] as const).map((right) => {
        const role = new ProjectIamCustomRole(this, `role_${right}`, {
          roleId: roleId({ prefix: site.prefix, region: 'restores' }, right),
          title: `Restores of ${site.prefix}: ${right}`,
          permissions: [...PERMISSIONS[right]],
          dependsOn: services,
        });
        if (site.synchronization.restores) nodeComment(role, [site.synchronization.restores.id]);
        return [right, role.name];
      }),
    );
    this.grants = bucketsOf(tasks).flatMap((store) =>
      literalRights(renderCopyReader(store)).map(
        ({ right, title, condition }, index) =>
          new StorageBucketIamMember(this, `${store.bucket}_${right}_${index}`, {
            bucket: store.bucket,
            role: roles[right] ?? '',
            member,
            condition: { title: `${right}: ${title}`, expression: condition },
          }),
      ),
    );
  }
}

/** Buckets that hold backups of these tasks, each once. */
function bucketsOf(tasks: readonly TaskManifest[]): readonly ReadBucket[] {
  const buckets = new Map<string, ReadBucket>();
  for (const task of tasks) {
    for (const { bucket, prefixes } of googleTaskStores([...task.stores, ...task.copies])) {
      const known = buckets.get(bucket);
      buckets.set(bucket, {
        bucket,
        prefixes: [...new Set([...(known?.prefixes ?? []), ...prefixes])].sort(),
        dataSets: [...new Set([...(known?.dataSets ?? []), task.name])].sort(),
      });
    }
  }
  return [...buckets.values()];
}
