import type { Machine } from '../machine';
import { IdentityError } from './identity';

const PATIENCE_MILLISECONDS = 10_000;

/**
 * The token of a job's service account, from the metadata server.
 * https://cloud.google.com/run/docs/securing/service-identity#identity_tokens
 */
export async function googleToken(audience: string, { environment, signal }: Machine): Promise<string> {
  const host = environment.GCE_METADATA_HOST || 'metadata.google.internal';
  const address = new URL(`http://${host}/computeMetadata/v1/instance/service-accounts/default/identity`);
  address.searchParams.set('audience', audience);
  const answer = await fetch(address, {
    headers: { 'metadata-flavor': 'Google' },
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MILLISECONDS)]),
  });
  const token = (await answer.text()).trim();
  if (!answer.ok || token === '') {
    throw new IdentityError(`the metadata server gives no credentials for ${audience} (${answer.status})`);
  }
  return token;
}
