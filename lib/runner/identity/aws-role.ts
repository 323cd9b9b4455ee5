import { AssumeRoleWithWebIdentityCommand } from '@aws-sdk/client-sts';
import type { AwsKeys } from '../aws-credentials';
import type { Machine } from '../machine';
import { stsClient } from './sts';
import { IdentityError } from './identity';
import type { WebIdentity } from './identity';

const AUDIENCE = 'sts.amazonaws.com';

/**
 * Keys of the role `HYPDR_AWS_ROLE_ARN` for a job of another cloud; the SDK asks again before they expire. The token's
 * audience is `HYPDR_AWS_AUDIENCE`, `sts.amazonaws.com` where that is not set.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
export function awsRole(
  identity: WebIdentity,
  region: string,
  machine: Machine,
): (() => Promise<AwsKeys & { readonly expiration?: Date }>) | undefined {
  const { HYPDR_AWS_ROLE_ARN: RoleArn, HYPDR_AWS_AUDIENCE: audience } = machine.environment;
  if (!RoleArn) return undefined;
  return async () => {
    const WebIdentityToken = await identity(audience || AUDIENCE);
    // The token is the whole of the proof: nothing is signed.
    const client = stsClient(machine, { accessKeyId: 'none', secretAccessKey: 'none' }, region);
    try {
      const command = new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: 'hypdr', WebIdentityToken });
      const { Credentials: keys } = await client.send(command, { abortSignal: machine.signal });
      if (!keys?.AccessKeyId || !keys.SecretAccessKey)
        throw new IdentityError(`AWS gives no credentials of ${RoleArn}`);
      return {
        accessKeyId: keys.AccessKeyId,
        secretAccessKey: keys.SecretAccessKey,
        ...(keys.SessionToken && { sessionToken: keys.SessionToken }),
        ...(keys.Expiration && { expiration: keys.Expiration }),
      };
    } finally {
      client.destroy();
    }
  };
}
