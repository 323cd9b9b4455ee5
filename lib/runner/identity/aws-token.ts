import { GetWebIdentityTokenCommand } from '@aws-sdk/client-sts';
import { ownCredentials } from '../aws-credentials';
import type { Machine } from '../machine';
import { stsClient } from './sts';
import { IdentityError } from './identity';

/** It is shown once, right away; the service takes 60 to 3600. */
const LIFETIME_SECONDS = 300;

/**
 * The token of a job's role, where its account has outbound federation on.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html
 */
export async function awsToken(audience: string, machine: Machine): Promise<string> {
  const client = stsClient(machine, ownCredentials(machine));
  try {
    const command = new GetWebIdentityTokenCommand({
      Audience: [audience],
      SigningAlgorithm: 'RS256',
      DurationSeconds: LIFETIME_SECONDS,
    });
    const { WebIdentityToken: token } = await client.send(command, { abortSignal: machine.signal });
    if (!token) throw new IdentityError(`AWS gives no credentials for ${audience}`);
    return token;
  } finally {
    client.destroy();
  }
}
