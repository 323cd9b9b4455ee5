import { ClientAssertionCredential } from '@azure/identity';
import type { TokenCredential } from '@azure/identity';
import type { Machine } from '../machine';
import type { WebIdentity } from './identity';

/** What Entra ID wants in every such token, whoever issued it. */
const AUDIENCE = 'api://AzureADTokenExchange';

/**
 * The application or managed identity `HYPDR_AZURE_CLIENT_ID` of the tenant `HYPDR_AZURE_TENANT_ID`, whose federated
 * credential knows the job; `undefined` where they are not set.
 * https://learn.microsoft.com/entra/workload-id/workload-identity-federation
 */
export function azureApplication(identity: WebIdentity, { environment }: Machine): TokenCredential | undefined {
  const { HYPDR_AZURE_TENANT_ID: tenant, HYPDR_AZURE_CLIENT_ID: client, AZURE_AUTHORITY_HOST: own } = environment;
  if (!tenant || !client) return undefined;
  // Microsoft's public cloud knows its own authorities only.
  const options = { disableInstanceDiscovery: own !== undefined };
  return new ClientAssertionCredential(tenant, client, () => identity(AUDIENCE), options);
}
