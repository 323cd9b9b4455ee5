import { IamWorkloadIdentityPool } from '@cdktf/provider-google/lib/iam-workload-identity-pool';
import { IamWorkloadIdentityPoolProvider } from '@cdktf/provider-google/lib/iam-workload-identity-pool-provider';
import { ProjectIamCustomRole } from '@cdktf/provider-google/lib/project-iam-custom-role';
import { StorageBucketIamMember } from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import { Construct } from 'constructs';
import type { GoogleReader } from '../contract/google-readers';
import { nodeComment, type ITerraformDependable } from '../terraform';
import { trustInputs } from './copier-trust';
import { renderCopyReader } from './rights';
import { PERMISSIONS, roleId } from './task-names';
import { literalRights } from './task-role';

export interface CopyReaderProps {
  readonly reader: GoogleReader;
  readonly roles: ReaderRoles;
  readonly services: ITerraformDependable[];
}

/** Rights of readers: what a role of each has is one permission. */
const RIGHTS = ['list', 'read'] as const;
/** Stands where roles of tasks have their region: readers are the whole project's. */
const PLACE = 'copies';

/** Full names of the custom roles, by right. */
export type ReaderRoles = Readonly<Record<string, string>>;

export interface ReaderRolesProps {
  readonly prefix: string;
  /** Id of the plan's node that asks for them. */
  readonly nodeId: string;
  readonly services: ITerraformDependable[];
}

/** What readers may do with objects, under the conditions of their bindings: the built-in roles can do more. */
export function addReaderRoles(scope: Construct, { prefix, nodeId, services }: ReaderRolesProps): ReaderRoles {
  const named = RIGHTS.map((right) => {
    const role = new ProjectIamCustomRole(scope, `role_${right}`, {
      roleId: roleId({ prefix, region: PLACE }, right),
      title: `Copies to other clouds: ${right}`,
      permissions: [...PERMISSIONS[right]],
      dependsOn: services,
    });
    nodeComment(role, [nodeId]);
    return [right, role.name] as const;
  });
  return Object.fromEntries(named);
}

/**
 * What copy jobs of another cloud act as here: they show a token that their own cloud signed, and no key exists that
 * could be lost. Whom the provider lets in has these rights itself, with no service account between: it reads what it
 * copies, and the ledger that says what counts. Who the jobs are is known when they exist: until then nobody is let in.
 * @see https://cloud.google.com/iam/docs/workload-identity-federation
 */
export class CopyReader extends Construct {
  /** How jobs name the provider to Google: `//iam.googleapis.com/projects/N/.../providers/NAME`. */
  readonly provider: string;

  constructor(scope: Construct, id: string, { reader, roles, services }: CopyReaderProps) {
    super(scope, id);
    const { cloud } = reader;
    const pool = new IamWorkloadIdentityPool(this, 'Resource', {
      workloadIdentityPoolId: reader.pool,
      displayName: `Copies to ${cloud}`,
      description: `Copy jobs on ${cloud}, which read backups`,
      dependsOn: services,
    });
    nodeComment(pool, [reader.id]);
    this.provider = `//iam.googleapis.com/${pool.name}/providers/${reader.provider}`;
    this.#letIn(pool, reader);
    for (const store of reader.stores) {
      literalRights(renderCopyReader(store)).forEach(({ right, title, condition }, index) => {
        const role = roles[right];
        if (role === undefined) throw new Error(`readers have no role of the right '${right}'`);
        new StorageBucketIamMember(this, `store_${store.bucket}_${right}_${index}`, {
          bucket: store.bucket,
          role,
          member: `principalSet://iam.googleapis.com/${pool.name}/*`,
          condition: { title: `${right}: ${title}`, expression: condition },
        });
      });
    }
  }

  /** The way into the pool: there is none before the issuer is said, and nobody comes through before subjects are. */
  #letIn(pool: IamWorkloadIdentityPool, reader: GoogleReader): void {
    const { issuer, isKnown, audiences, condition } = trustInputs(this, reader);
    const provider = new IamWorkloadIdentityPoolProvider(this, 'provider', {
      workloadIdentityPoolId: pool.workloadIdentityPoolId,
      workloadIdentityPoolProviderId: reader.provider,
      displayName: `Copy jobs on ${reader.cloud}`,
      attributeMapping: { 'google.subject': 'assertion.sub' },
      attributeCondition: condition,
      oidc: { issuerUri: issuer, ...(audiences && { allowedAudiences: audiences }) },
    });
    provider.addOverride('count', `\${${isKnown} ? 1 : 0}`);
    nodeComment(provider, [reader.id]);
  }
}
