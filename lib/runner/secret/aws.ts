import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ownCredentials } from '../aws-credentials';
import { EngineError } from '../engine/engine';
import { secretRole } from '../identity/shared-role';
import type { Machine } from '../machine';
import { SECRET_MILLISECONDS, askForSecret } from './ask';
import type { Explain, Refusal } from './ask';
import type { SecretStore } from './secret';

/** Of a client whose retries are ours: the SDK's own know neither our clock nor our bound. */
export const ONE_REQUEST = {
  maxAttempts: 1,
  requestHandler: {
    connectionTimeout: SECRET_MILLISECONDS / 2,
    requestTimeout: SECRET_MILLISECONDS,
    throwOnRequestTimeout: true,
  },
};

/** AWS Secrets Manager, under the credentials and in the region of the environment. */
export function openAwsSecrets(machine: Machine): SecretStore {
  const { environment } = machine;
  const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION;
  const endpoint = environment.AWS_ENDPOINT_URL_SECRETS_MANAGER || environment.AWS_ENDPOINT_URL;
  const place = `Secrets Manager of ${region ?? 'no region'}`;
  return {
    place,
    read: async (name) => {
      if (!region)
        throw new EngineError('config', `${place}: no region is set`, 'set AWS_REGION to the one that has it');
      const credentials = secretRole(name, region, machine) ?? ownCredentials(machine);
      const client = new SecretsManagerClient({
        region,
        ...(endpoint && { endpoint }),
        ...(credentials && { credentials }),
        ...ONE_REQUEST,
      });
      const where = `secret ${name} in ${place}`;
      try {
        return await askForSecret(
          async () => {
            const command = new GetSecretValueCommand({ SecretId: name });
            const { SecretString: text, SecretBinary: bytes } = await client.send(command, {
              abortSignal: machine.signal,
            });
            return text ?? Buffer.from(bytes ?? []).toString('utf8');
          },
          { machine, where, read: refusalOf, explain: explainTo(name) },
        );
      } finally {
        client.destroy();
      }
    },
  };
}

/** The little of an SDK's error that decides. */
export function refusalOf(error: unknown): Refusal {
  const { name = '', message = '', $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
  // Credentials that ran out are asked anew, and a timeout says nothing of the secret.
  const passes = ['ExpiredTokenException', 'ExpiredToken', 'TimeoutError', 'ThrottlingException'].includes(name);
  return { code: name, status: passes ? 503 : $metadata?.httpStatusCode, message };
}

/**
 * What is wrong with who asks, whatever is asked for.
 * https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
 */
export const explainIdentity: Explain = ({ code }) => {
  switch (code) {
    case 'CredentialsProviderError':
    case 'TokenProviderError':
      return {
        what: 'there are no AWS credentials',
        fix: 'give the task a role, or set the variables of the AWS SDKs',
      };
    case 'UnrecognizedClientException':
    case 'InvalidSignatureException':
    case 'InvalidClientTokenId':
      return { what: `the AWS credentials are not valid (${code})`, fix: 'check them, and the clock of this host' };
    default:
      return undefined;
  }
};

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
function explainTo(name: string): Explain {
  return (refusal) => {
    const { code, status, message } = refusal;
    const identity = explainIdentity(refusal);
    if (identity) return identity;
    switch (code) {
      case 'ResourceNotFoundException':
        return {
          what: 'it is not there',
          fix: `create it: aws secretsmanager create-secret --name ${name} --secret-string file://secret.json; or set AWS_REGION to its region`,
        };
      case 'InvalidRequestException':
        return {
          what: `it cannot be read: ${message.replace(/\s+/g, ' ')}`,
          fix: 'restore it where it was deleted, or create it again',
        };
      case 'DecryptionFailure':
        return { what: 'its key does not open it', fix: "grant kms:Decrypt on the secret's key" };
      case 'AccessDeniedException': {
        const key = /kms/i.test(message);
        return {
          what: key ? 'its key may not be used' : 'it may not be read',
          fix: key
            ? "grant the task's role kms:Decrypt on the secret's key"
            : `grant the task's role secretsmanager:GetSecretValue on ${name}`,
        };
      }
      default:
        return status === 403 || status === 401
          ? { what: `it may not be read (${code})`, fix: `grant secretsmanager:GetSecretValue on ${name}` }
          : undefined;
    }
  };
}
