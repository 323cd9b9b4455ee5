import { IdentityPoolClient } from 'google-auth-library';
import type { Machine } from '../machine';
import { StoreError } from '../store/store';
import { tokenAddress } from '../token-address';
import type { WebIdentity } from './identity';

/** gcloud's own variable for an endpoint of one's own. */
const ENDPOINT = 'CLOUDSDK_API_ENDPOINT_OVERRIDES_STS';

/**
 * The provider of a workload identity pool, `HYPDR_GOOGLE_PROVIDER`
 * (`//iam.googleapis.com/projects/N/locations/global/workloadIdentityPools/POOL/providers/NAME`), which takes the job's
 * token; the rights are those of the principal itself. `undefined` where it is not set. The token's audience is
 * `HYPDR_GOOGLE_AUDIENCE`, else the one that a provider takes when nobody tells it others.
 * https://cloud.google.com/iam/docs/workload-identity-federation
 */
export function googlePool(identity: WebIdentity, { environment }: Machine): IdentityPoolClient | undefined {
  const { HYPDR_GOOGLE_PROVIDER: audience, HYPDR_GOOGLE_AUDIENCE: asked } = environment;
  if (!audience) return undefined;
  const endpoint = tokenAddress(environment[ENDPOINT] || 'https://sts.googleapis.com');
  if (!endpoint) {
    throw new StoreError('refused', `${ENDPOINT} is no address that a token can be sent to: set it to https://...`);
  }
  return new IdentityPoolClient({
    type: 'external_account',
    audience,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: new URL('/v1/token', endpoint).href,
    subject_token_supplier: { getSubjectToken: () => identity(asked || audience.replace(/^\/\//, 'https://')) },
    scopes: ['https://www.googleapis.com/auth/devstorage.read_write'],
  });
}
