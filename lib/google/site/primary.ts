import { StorageBucketIamMember } from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import type { Construct } from 'constructs';
import { input } from '../../terraform';

const MEMBERS = 'primary_members';

/** As whom the primary comes here. It is somebody else's machine, so whoever deploys says who it is. */
export function primaryInputs(scope: Construct, { archives }: { readonly archives: boolean }): void {
  input(scope, MEMBERS, {
    type: 'list(string)',
    default: [],
    description: `Identities of the primary, such as serviceAccount:db@PROJECT.iam.gserviceaccount.com: they read the lease${archives ? ' and write the archive' : ''}, and nothing else. None: the primary sees no lease, and nothing stops it when the site takes over.`,
    checks: [
      {
        condition: `\${alltrue([for one in var.${MEMBERS} : can(regex("^(serviceAccount:|principal://|principalSet://).+$", one))])}`,
        errorMessage: 'each is serviceAccount:ADDRESS, or principal:// or principalSet:// of a workload identity pool',
      },
    ],
  });
}

export interface PrimaryGrantProps {
  readonly bucket: string;
  readonly role: string;
  /** Beginning of the names of objects in the bucket; each is a condition of its own. */
  readonly under: string;
}

/** Gives the primary a role of Google's own on what lies in one folder of a bucket. */
export function grantPrimary(scope: Construct, id: string, { bucket, role, under }: PrimaryGrantProps): void {
  const grant = new StorageBucketIamMember(scope, id, {
    bucket,
    role,
    member: `\${var.${MEMBERS}[count.index]}`,
    condition: inFolder(bucket, under),
  });
  grant.addOverride('count', `\${length(var.${MEMBERS})}`);
}

/**
 * What lies under a beginning. Lists are of the bucket, and are of nothing but that beginning.
 * @see https://cloud.google.com/iam/docs/conditions-attribute-reference#api-attributes
 */
export function inFolder(bucket: string, under: string): { readonly title: string; readonly expression: string } {
  const asked = 'api.getAttribute("storage.googleapis.com/objectListPrefix", "")';
  return {
    title: `below ${under}`.slice(0, 100),
    expression: `resource.name.startsWith("projects/_/buckets/${bucket}/objects/${under}") || ${asked}.startsWith("${under}")`,
  };
}
