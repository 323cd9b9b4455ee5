import { DefaultAzureCredential } from '@azure/identity';
import type { Machine } from '../machine';

/**
 * The token of a job's managed identity for an application of Entra ID, such as `api://AzureADTokenExchange`.
 * https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 */
export async function azureToken(audience: string, { signal }: Machine): Promise<string> {
  const { token } = await new DefaultAzureCredential().getToken(`${audience}/.default`, { abortSignal: signal });
  return token;
}
