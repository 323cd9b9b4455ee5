import type { Construct } from 'constructs';
import { TerraformStack } from '../terraform';
import { input } from './input';

/** The vault's id, where `vaultInput` asks for it. */
export const SECRETS_VAULT = '${var.secrets_vault_id}';

/** Address of that vault, as a local value: an expression with quotes of its own cannot stand in a text of JSON. */
export const VAULT_URL = '${local.secrets_vault_url}';

/** How the runner finds a task's connection, and asks for it itself, as often as it needs it: a reference would be read once. */
export function secretsOf(): Readonly<Record<string, string>> {
  return { HYPDR_SECRETS: 'azure', HYPDR_KEY_VAULT_URL: VAULT_URL };
}

/** The vault that holds the connections of tasks; the operator's own, since no stack ever sees a password. */
export function vaultInput(scope: Construct): void {
  TerraformStack.of(scope).addOverride(
    'locals.secrets_vault_url',
    'https://${element(split("/", var.secrets_vault_id), 8)}.vault.azure.net',
  );
  input(scope, 'secrets_vault_id', {
    type: 'string',
    description:
      'Id of the key vault with the connections of tasks and, for test restores, the key restore-records (EC, P-256, sign); its permission model is Azure RBAC.',
    checks: [
      {
        condition:
          '${can(regex("^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft.KeyVault/vaults/[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]$", var.secrets_vault_id))}',
        errorMessage: 'it is an id: az keyvault show --name NAME --query id --output tsv',
      },
    ],
  });
}
