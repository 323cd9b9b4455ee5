import { ProjectIamCustomRole } from '@cdktf/provider-google/lib/project-iam-custom-role';
import type { Construct } from 'constructs';
import type { SiteFrame } from './frame';

/**
 * A role of exactly these permissions. Cloud SQL has no policies of single instances: a condition on its name is what
 * narrows the role to one.
 * @see https://cloud.google.com/sql/docs/postgres/iam-conditions
 */
export function customRole(
  scope: Construct,
  id: string,
  { frame, permissions }: { readonly frame: SiteFrame; readonly permissions: readonly string[] },
): ProjectIamCustomRole {
  return new ProjectIamCustomRole(scope, id, {
    roleId: `${frame.site.prefix}_${id}`.replace(/[^A-Za-z0-9_]/g, '_'),
    title: `Recovery site ${frame.site.prefix}: ${id}`.slice(0, 100),
    permissions: [...permissions],
    dependsOn: frame.services,
  });
}

/** Look at instances and at what is under way: conditions on names do not hold for operations. */
export const SQL_LOOK = ['cloudsql.instances.get'] as const;
/** Start and stop one instance. */
export const SQL_RUN = ['cloudsql.instances.update'] as const;
/** Give the administrator a password; see databases, and remove those that were replaced. */
export const SQL_RESTORE = ['cloudsql.users.update', 'cloudsql.databases.list', 'cloudsql.databases.delete'] as const;
