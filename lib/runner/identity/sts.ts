import { STSClient } from '@aws-sdk/client-sts';
import type { STSClientConfig } from '@aws-sdk/client-sts';
import { IdentityError } from './identity';
import type { Machine } from '../machine';

const PATIENCE_MILLISECONDS = 10_000;

/** A client of the region's own endpoint: the global one gives no tokens. @param region - @default - the environment's */
export function stsClient(
  { environment }: Machine,
  credentials: STSClientConfig['credentials'],
  region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION,
): STSClient {
  const endpoint = environment.AWS_ENDPOINT_URL_STS || environment.AWS_ENDPOINT_URL;
  if (!region) throw new IdentityError('no region is set: set AWS_REGION to one whose credentials service is asked');
  return new STSClient({
    region,
    ...(endpoint && { endpoint }),
    ...(credentials && { credentials }),
    // Whoever asks for credentials tries again.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: PATIENCE_MILLISECONDS / 2,
      requestTimeout: PATIENCE_MILLISECONDS,
      throwOnRequestTimeout: true,
    },
  });
}
