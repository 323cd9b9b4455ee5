import { createHash } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { ownCredentials } from '../aws-credentials';
import { EngineError } from '../engine/engine';
import type { Machine } from '../machine';
import { askForSecret } from '../secret/ask';
import type { Explain } from '../secret/ask';
import { ONE_REQUEST, explainIdentity, refusalOf } from '../secret/aws';
import { keyIdOf, publicKeyOf } from './public-key';
import type { RecordKey } from './public-key';

/** Longest message that KMS hashes itself; of what is longer it takes the hash. */
const LONGEST_RAW_BYTES = 4096;

/**
 * A key of AWS KMS for signing with the curve P-256, under the credentials of the environment: an ARN of a key or an
 * alias, in the ARN's own region. Needs `kms:GetPublicKey`, and to sign `kms:Sign`.
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
 * @param name - what stands behind `awskms:///`
 * @throws EngineError
 */
export async function openAwsKey(name: string, machine: Machine): Promise<RecordKey> {
  const [, region] = /^arn:[\w-]+:kms:([\w-]+):\d{12}:(?:key|alias)\/\S+$/.exec(name) ?? [];
  const where = `KMS key ${name}`;
  if (region === undefined) {
    const fix = 'write awskms:/// and the ARN: awskms:///arn:aws:kms:REGION:ACCOUNT:key/ID';
    throw new EngineError('config', `awskms:///${name} names no key by its ARN`, fix);
  }
  const kms = { region, where, machine };
  const der = await ask(kms, async (client, abortSignal) => {
    const { PublicKey: bytes } = await client.send(new GetPublicKeyCommand({ KeyId: name }), { abortSignal });
    return Buffer.from(bytes ?? []);
  });
  const publicKey = publicKeyOf({ key: der, format: 'der', type: 'spki' }, where);
  return {
    id: keyIdOf(publicKey),
    where,
    publicKey: () => publicKey,
    sign: (bytes) =>
      ask(kms, async (client, abortSignal) => {
        const command = new SignCommand({ KeyId: name, SigningAlgorithm: 'ECDSA_SHA_256', ...messageOf(bytes) });
        const { Signature: sig } = await client.send(command, { abortSignal });
        return Buffer.from(sig ?? []);
      }),
  };
}

function messageOf(bytes: Uint8Array) {
  return bytes.length <= LONGEST_RAW_BYTES
    ? ({ MessageType: 'RAW', Message: bytes } as const)
    : ({ MessageType: 'DIGEST', Message: createHash('sha256').update(bytes).digest() } as const);
}

async function ask<T>(
  { region, where, machine }: { readonly region: string; readonly where: string; readonly machine: Machine },
  work: (client: KMSClient, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { environment, signal } = machine;
  const endpoint = environment.AWS_ENDPOINT_URL_KMS || environment.AWS_ENDPOINT_URL;
  const credentials = ownCredentials(machine);
  const client = new KMSClient({
    region,
    ...(endpoint && { endpoint }),
    ...(credentials && { credentials }),
    ...ONE_REQUEST,
  });
  try {
    const request = { machine, where, read: refusalOf, explain, event: 'record_key_retry' };
    return await askForSecret(() => work(client, signal), request);
  } finally {
    client.destroy();
  }
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html#API_Sign_Errors */
const explain: Explain = (refusal) => {
  const { code, status } = refusal;
  const identity = explainIdentity(refusal);
  if (identity) return identity;
  switch (code) {
    case 'NotFoundException':
      return { what: 'it is not there', fix: 'check the account, the region and the id in the ARN' };
    case 'DisabledException':
      return { what: 'it is disabled', fix: 'enable it: aws kms enable-key' };
    case 'KMSInvalidStateException':
      return { what: 'it cannot be used as it is now', fix: 'cancel its deletion, or enable it' };
    case 'InvalidKeyUsageException':
    case 'UnsupportedOperationException':
      return {
        what: 'it is no key for signing with the curve P-256',
        fix: 'make one: aws kms create-key --key-usage SIGN_VERIFY --key-spec ECC_NIST_P256',
      };
    default:
      return code === 'AccessDeniedException' || status === 401 || status === 403
        ? {
            what: `it may not be used (${code})`,
            fix: 'grant kms:GetPublicKey on it, and kms:Sign to whoever writes records',
          }
        : undefined;
  }
};
