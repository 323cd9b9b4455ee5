import type { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { RoleDefinition } from '@cdktf/provider-azurerm/lib/role-definition';
import { Construct } from 'constructs';
import { grantBlobs } from './blob-grant';
import { BLOB_ACTIONS } from './condition';
import { subscriptionScope } from './resource-id';
import {
  configRights,
  proberRights,
  prunerRights,
  restorerRights,
  thawerRights,
  verifierRights,
  writerRights,
} from './rights';
import type { BlobRights } from './rights';

export interface TaskRolesProps {
  /** Beginning of the roles' names, which are taken once in a tenant. */
  readonly name: string;
  /** What the shard's tasks need beside what every shard has. */
  readonly also: readonly ('restorer' | 'thawer')[];
}

const NOBODY = { prefixes: [], dataSet: '' };
/** Actions of each role; under what condition, its assignments say. */
const ROLES = {
  writer: writerRights(NOBODY),
  verifier: verifierRights(NOBODY),
  pruner: prunerRights(NOBODY),
  prober: proberRights(NOBODY),
  restorer: restorerRights(NOBODY),
  thawer: thawerRights(NOBODY),
  reader: configRights([]),
} as const;

export type TaskRoleName = keyof typeof ROLES;

/**
 * The roles of a shard's identities: data actions on blobs and nothing else, since the built-in ones can delete. What
 * narrows them to a task's own names are the conditions of their assignments.
 * @see https://learn.microsoft.com/azure/role-based-access-control/custom-roles
 */
export class TaskRoles extends Construct {
  readonly #roles: Readonly<Partial<Record<TaskRoleName, RoleDefinition>>>;

  constructor(scope: Construct, id: string, { name, also }: TaskRolesProps) {
    super(scope, id);
    const blob = (word: TaskRoleName) =>
      new RoleDefinition(this, word, {
        name: `${name} ${word}`,
        scope: subscriptionScope(this),
        description: `what the ${word} of backup tasks may do`,
        permissions: [{ dataActions: ROLES[word].actions.map((action) => BLOB_ACTIONS[action]) }],
        assignableScopes: [subscriptionScope(this)],
      });
    this.#roles = {
      writer: blob('writer'),
      verifier: blob('verifier'),
      pruner: blob('pruner'),
      prober: blob('prober'),
      reader: blob('reader'),
      ...Object.fromEntries(also.map((word) => [word, blob(word)])),
    };
  }

  /** Gives an identity a role in a container, for the blobs that its rights name. */
  grant(scope: Construct, id: string, grant: BlobGrant): RoleAssignment {
    const role = this.#roles[grant.role];
    if (!role) throw new Error(`no role ${grant.role}`);
    return grantBlobs(scope, id, { ...grant, roleDefinitionId: role.roleDefinitionResourceId });
  }
}

export interface BlobGrant {
  readonly role: TaskRoleName;
  readonly rights: BlobRights;
  readonly containerId: string;
  readonly principalId: string;
}
