import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { RoleDefinition } from '@cdktf/provider-azurerm/lib/role-definition';
import { Construct } from 'constructs';
import { TerraformStack } from '../terraform';
import { subscriptionScope } from './resource-id';
import { SECRETS_VAULT } from './secrets-vault';

/** Name of the key in the operator's vault, made by hand: docs/deploy.md. */
const KEY = 'restore-records';

export interface RecordSignerProps {
  /** Beginning of the role's name, which is taken once in a tenant. */
  readonly name: string;
}

/** What signs records of test restores: with one key of the operator's vault, and nothing else that is in it. */
export class RecordSigner extends Construct {
  readonly #role: RoleDefinition;
  /** How the runner finds the key, by cosign's name. */
  readonly environment: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, { name }: RecordSignerProps) {
    super(scope, id);
    this.#role = new RoleDefinition(this, 'Resource', {
      name: `${name} record signer`,
      scope: subscriptionScope(this),
      description: 'what signs records of test restores',
      // https://learn.microsoft.com/azure/role-based-access-control/permissions/security#microsoftkeyvault
      permissions: [
        { dataActions: ['Microsoft.KeyVault/vaults/keys/read', 'Microsoft.KeyVault/vaults/keys/sign/action'] },
      ],
      assignableScopes: [subscriptionScope(this)],
    });
    TerraformStack.of(this).addOverride(
      'locals.record_key',
      `azurekms://\${element(split("/", var.secrets_vault_id), 8)}.vault.azure.net/${KEY}`,
    );
    this.environment = { HYPDR_RECORD_KEY: '${local.record_key}' };
  }

  /** The role on the one key, not on its vault. https://learn.microsoft.com/azure/key-vault/general/rbac-guide */
  grant(scope: Construct, principalId: string): RoleAssignment {
    return new RoleAssignment(scope, 'sign', {
      scope: `${SECRETS_VAULT}/keys/${KEY}`,
      roleDefinitionId: this.#role.roleDefinitionResourceId,
      principalId,
      principalType: 'ServicePrincipal',
      skipServicePrincipalAadCheck: true,
    });
  }
}
