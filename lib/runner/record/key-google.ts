import { createHash } from 'node:crypto';
import { GoogleAuth } from 'google-auth-library';
import { z } from 'zod';
import { EngineError } from '../engine/engine';
import type { Machine } from '../machine';
import { askForSecret } from '../secret/ask';
import type { Explain } from '../secret/ask';
import { CREDENTIALS, refusalOf } from '../secret/google';
import { addressIn, getJson, postJson } from '../secret/http';
import { Crc32c } from '../store/crc32c';
import { keyIdOf, publicKeyOf } from './public-key';
import type { RecordKey } from './public-key';

/** gcloud's own variable for an endpoint of one's own. */
const ENDPOINT = 'CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS';

/** The one algorithm that a hash of SHA-256 is signed by, with the curve P-256. */
const ALGORITHM = 'EC_SIGN_P256_SHA256';

/** Sums come as text, since JSON has no numbers of 64 bits. */
const PublicKeyAnswer = z.object({ pem: z.string(), algorithm: z.string() });
const SignAnswer = z.object({
  signature: z.string(),
  signatureCrc32c: z.union([z.string(), z.number()]),
  verifiedDigestCrc32c: z.literal(true),
});

/**
 * A version of a key of Google Cloud KMS for `EC_SIGN_P256_SHA256`, under application default credentials. By plain
 * REST, as secrets are read. Needs `cloudkms.cryptoKeyVersions.viewPublicKey`, and to sign `useToSign`.
 * https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys.cryptoKeyVersions/asymmetricSign
 * @param name - what stands behind `gcpkms://`; cosign's `versions/N` at its end is taken too
 * @throws EngineError
 */
export async function openGoogleKey(name: string, machine: Machine): Promise<RecordKey> {
  const { environment } = machine;
  const [, key, version] =
    /^(projects\/[\w.:-]+\/locations\/[\w-]+\/keyRings\/[\w-]+\/cryptoKeys\/[\w-]+)\/(?:cryptoKeyVersions|versions)\/(\d+)$/.exec(
      name,
    ) ?? [];
  if (key === undefined || version === undefined) {
    const fix =
      'write gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/V: signing needs a version';
    throw new EngineError('config', `gcpkms://${name} names no version of a key`, fix);
  }
  const full = `${key}/cryptoKeyVersions/${version}`;
  const where = `Cloud KMS key ${full}`;
  const endpoint = addressIn(ENDPOINT, environment[ENDPOINT] || 'https://cloudkms.googleapis.com');
  // Without a project the library asks `gcloud`, if there is one, and hands it the whole environment of this process.
  const projectId = full.split('/')[1] ?? 'unknown';
  const auth = new GoogleAuth({ projectId, scopes: ['https://www.googleapis.com/auth/cloudkms'] });
  const ask = <T>(work: (headers: Record<string, string>) => Promise<T>) =>
    askForSecret(async () => work(await auth.getRequestHeaders(endpoint.href)), {
      machine,
      where,
      read: refusalOf,
      explain,
      event: 'record_key_retry',
    });
  const pem = await ask(async (headers) => {
    const answer = PublicKeyAnswer.safeParse(
      await getJson(new URL(`/v1/${full}/publicKey`, endpoint), headers, machine),
    );
    if (!answer.success) throw new EngineError('retry', `${where}: the answer holds no public key`);
    if (answer.data.algorithm === ALGORITHM) return answer.data.pem;
    const fix = `make one: gcloud kms keys create NAME --purpose asymmetric-signing --default-algorithm ec-sign-p256-sha256`;
    throw new EngineError('config', `${where} is for ${answer.data.algorithm}, and not for ${ALGORITHM}`, fix);
  });
  const publicKey = publicKeyOf(pem, where);
  return {
    id: keyIdOf(publicKey),
    where,
    publicKey: () => publicKey,
    sign: (bytes) =>
      ask(async (headers) => {
        const digest = createHash('sha256').update(bytes).digest();
        const body = { digest: { sha256: digest.toString('base64') }, digestCrc32c: `${crcOf(digest)}` };
        const address = new URL(`/v1/${full}:asymmetricSign`, endpoint);
        const answer = SignAnswer.safeParse(await postJson(address, headers, body, machine));
        const sig = answer.success ? Buffer.from(answer.data.signature, 'base64') : undefined;
        if (!sig || crcOf(sig) !== Number(answer.data?.signatureCrc32c))
          throw new EngineError('retry', `${where}: the answer came without its signature, or with another`);
        return sig;
      }),
  };
}

function crcOf(bytes: Uint8Array): number {
  const crc = new Crc32c();
  crc.update(bytes);
  return Buffer.from(crc.base64(), 'base64').readUInt32BE();
}

const explain: Explain = ({ code, status, message }) => {
  if (code === CREDENTIALS)
    return { what: message, fix: 'give the job a service account, or set GOOGLE_APPLICATION_CREDENTIALS' };
  if (status === 404) return { what: 'it is not there', fix: 'check project, location, key ring, key and version' };
  if (code === 'FAILED_PRECONDITION')
    return { what: 'it is disabled or destroyed', fix: 'enable it, or name another version' };
  if (status === 403 && /has not been used|disabled/i.test(message))
    return { what: 'the Cloud KMS API is not enabled', fix: 'gcloud services enable cloudkms.googleapis.com' };
  if (status === 403)
    return {
      what: 'it may not be used',
      fix: 'grant roles/cloudkms.publicKeyViewer on it, and roles/cloudkms.signerVerifier to whoever writes records',
    };
  if (status === 401) return { what: 'the credentials are not valid', fix: 'check the service account' };
  if (status === 400) return { what: `Cloud KMS refuses: ${message || code}`, fix: `it has to be for ${ALGORITHM}` };
  return undefined;
};
