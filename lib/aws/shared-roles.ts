import { Stack } from 'aws-cdk-lib';
import { ArnPrincipal, PolicyDocument, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { AwsSharedRole, AwsTaskGroups } from '../contract/aws-task-groups';
import { answerFor } from './node-metadata';
import { RESTORER_PATH } from './record-key';
import { renderCopier, renderPruner, renderRestorer, renderVerifier, renderWriter } from './rights';
import type { TaskBucket } from './rights';
import { taskBucket } from './task-bucket';
import { TaskRole } from './task-role';

type Work = AwsSharedRole['work'];

export interface SharedRolesProps {
  /** Name of the shard. */
  readonly name: string;
  readonly groups: AwsTaskGroups;
  /** Path of the roles that containers start as. */
  readonly rolePath: string;
  /** Where manifests are uploaded, below the shard's name. */
  readonly uploads: IBucket;
  /** What containers may do beside, by what they do. @default - nothing */
  readonly beside: Readonly<Partial<Record<Work, readonly PolicyStatement[]>>>;
}

const RENDER: Readonly<Record<Work, (bucket: TaskBucket) => PolicyStatement[]>> = {
  writer: renderWriter,
  copier: renderCopier,
  verifier: renderVerifier,
  pruner: renderPruner,
  restorer: renderRestorer,
};

/**
 * The identities that the tasks of a shard share. A container starts as a base, which may take the roles of its work and
 * touches nothing itself; the runner takes a role for one store, narrowed to one task's places by a session policy.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
 */
export class SharedRoles extends Construct {
  /** What containers start as. */
  readonly bases: ReadonlyMap<Work, IRole>;
  readonly #roles: readonly { readonly plan: AwsSharedRole; readonly role: IRole }[];
  readonly #secrets: IRole | undefined;

  constructor(scope: Construct, id: string, props: SharedRolesProps) {
    super(scope, id);
    const { roles, secrets } = props.groups;
    const works = [...new Set(roles.map(({ work }) => work))].sort();
    this.bases = new Map(works.map((work) => [work, this.#base(work, props)]));
    this.#roles = roles.map((plan) => ({ plan, role: this.#role(plan, props) }));
    this.#secrets = secrets.length > 0 && this.bases.has('writer') ? this.#secretReader(props) : undefined;
  }

  /** What a container is told of the roles that it may take, where its writer is held to this lock. */
  told(writing: 'writer' | 'copier', lockDays: number): string {
    const of = (work: Work) =>
      Object.fromEntries(
        this.#roles
          .filter(({ plan }) => plan.work === work && (work !== writing || plan.store.longestLockDays === lockDays))
          .map(({ plan, role }) => [plan.store.store, role.roleArn]),
      );
    return Stack.of(this).toJsonString({
      stores: {
        writer: of(writing),
        verifier: of('verifier'),
        pruner: of('pruner'),
        ...(this.bases.has('restorer') && { restorer: of('restorer') }),
      },
      ...(writing === 'writer' && this.#secrets && { secrets: this.#secrets.roleArn }),
    });
  }

  base(work: Work): IRole {
    const role = this.bases.get(work);
    if (!role) throw new Error(`no task of the shard has a ${work}`);
    return role;
  }

  #base(work: Work, { name, rolePath, uploads, beside }: SharedRolesProps): IRole {
    const { partition, account } = Stack.of(this);
    return new TaskRole(this, work, {
      path: work === 'restorer' ? `${rolePath}${RESTORER_PATH}` : rolePath,
      description: `Containers that work as ${work} start as this role`,
      statements: [
        new PolicyStatement({ actions: ['s3:GetObject'], resources: [uploads.arnForObjects(`${name}/*.json`)] }),
        new PolicyStatement({
          actions: ['sts:AssumeRole'],
          resources: [`arn:${partition}:iam::${account}:role${sharedPath(this, name, work)}*`],
        }),
        ...(beside[work] ?? []),
      ],
    }).role;
  }

  #role(plan: AwsSharedRole, { name }: SharedRolesProps): IRole {
    const { id, work, store, ledgers } = plan;
    const statements = RENDER[work](taskBucket(this, store, ledgers));
    const role = this.#taken(id, name, work, { description: `${work} in ${store.bucket}`, statements });
    answerFor(role, [id]);
    return role;
  }

  #secretReader({ name, groups }: SharedRolesProps): IRole {
    const { partition, region, account } = Stack.of(this);
    const secret = (one: string) => (one.endsWith('/') ? `${one}*` : `${one}-??????`);
    return this.#taken('secrets', name, 'writer', {
      description: 'Reads the secrets of sources',
      statements: [
        new PolicyStatement({
          actions: ['secretsmanager:GetSecretValue'],
          resources: groups.secrets.map(
            (one) => `arn:${partition}:secretsmanager:${region}:${account}:secret:${secret(one)}`,
          ),
        }),
      ],
    });
  }

  /** A role that only the base of its work takes. */
  #taken(
    id: string,
    name: string,
    work: Work,
    { description, statements }: { readonly description: string; readonly statements: PolicyStatement[] },
  ): Role {
    return new Role(this, id, {
      path: sharedPath(this, name, work),
      description,
      assumedBy: new ArnPrincipal(this.base(work).roleArn),
      inlinePolicies: { shared: new PolicyDocument({ statements }) },
    });
  }
}

/**
 * Path of the roles that a base takes: what starts containers may not hand these out. Roles are of no region, and shards
 * of two have one name.
 */
function sharedPath(scope: Construct, name: string, work: Work): string {
  return `/hypnoscript-shared/${Stack.of(scope).region}/${name}/${work}/`;
}
