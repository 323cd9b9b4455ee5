import { GoogleAuth } from 'google-auth-library';
import { secretNameIn } from '../../contract';
import { EngineError } from '../engine/engine';
import type { Machine } from '../machine';
import { Crc32c } from '../store/crc32c';
import { askForSecret } from './ask';
import type { Explain, Refusal } from './ask';
import { SecretAnswer, addressIn, getJson, getText, networkCode } from './http';
import type { SecretStore } from './secret';

/** gcloud's own variable for an endpoint of one's own: https://cloud.google.com/vpc/docs/configure-private-service-connect-apis */
const ENDPOINT = 'CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER';

/** Google Secret Manager, under application default credentials. By plain REST: its client would bring gRPC along. */
export function openGoogleSecrets(machine: Machine): SecretStore {
  const { environment } = machine;
  const endpoint = addressIn(ENDPOINT, environment[ENDPOINT] || 'https://secretmanager.googleapis.com');
  const project = environment.GOOGLE_CLOUD_PROJECT || environment.GCLOUD_PROJECT;
  // Without a project the library asks `gcloud`, if there is one, and hands it the whole environment of this process.
  const projectId = project || 'unknown';
  const auth = new GoogleAuth({ projectId, scopes: ['https://www.googleapis.com/auth/cloud-platform'] });
  const place = `Secret Manager${project ? ` of ${project}` : ''}`;
  return {
    place,
    read: (name) => {
      const held = secretNameIn('google', name);
      const where = `secret ${held} in ${place}`;
      return askForSecret(
        async () => {
          const token = await auth.getRequestHeaders(endpoint.href);
          const owner = project || projectOf(auth.jsonContent) || (await projectOfMachine(machine));
          const address = new URL(`/v1/projects/${owner}/secrets/${held}/versions/latest:access`, endpoint);
          const answer = await getJson(address, token, machine);
          const bytes = payloadOf(answer);
          if (!bytes) throw new EngineError('retry', `${where}: the answer came without its bytes, or with others`);
          return bytes.toString('utf8');
        },
        { machine, where, read: refusalOf, explain: explainTo(held) },
      );
    },
  };
}

/** The project of a service account's key. */
function projectOf(credentials: unknown): string | undefined {
  const { project_id: id } = (credentials ?? {}) as { project_id?: unknown };
  return typeof id === 'string' ? id : undefined;
}

/** https://cloud.google.com/compute/docs/metadata/querying-metadata */
async function projectOfMachine(machine: Machine): Promise<string> {
  const host = machine.environment.GCE_METADATA_HOST || 'metadata.google.internal';
  const address = new URL(`http://${host}/computeMetadata/v1/project/project-id`);
  try {
    return await getText(address, { 'metadata-flavor': 'Google' }, machine);
  } catch (error) {
    // Outside of Google's cloud nobody has that name.
    if (networkCode(error) !== 'ENOTFOUND') throw error;
    throw new EngineError('config', 'HYPDR_SECRETS is google and no project is known', 'set GOOGLE_CLOUD_PROJECT');
  }
}

/** https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access */
function payloadOf(answer: unknown): Buffer | undefined {
  const { payload } = (answer ?? {}) as { payload?: { data?: unknown; dataCrc32c?: unknown } };
  if (typeof payload?.data !== 'string') return undefined;
  const bytes = Buffer.from(payload.data, 'base64');
  const { dataCrc32c: said } = payload;
  if (said === undefined) return bytes;
  const crc = new Crc32c();
  crc.update(bytes);
  return Buffer.from(crc.base64(), 'base64').readUInt32BE() === Number(said) ? bytes : undefined;
}

/** What decides of an error of the library or of a service. Words of the library on credentials are replaced: a file that is no JSON is quoted in them. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof SecretAnswer) return error.refusal;
  const { message = '', status, code } = error as Error & { status?: unknown; code?: unknown };
  const number = typeof status === 'number' ? status : Number(code);
  if (/JSON/i.test(message)) return { code: CREDENTIALS, status: undefined, message: 'the credentials are no JSON' };
  if (/default credentials|project id|credential file|ENOENT|invalid_grant|PEM|DECODER/i.test(message)) {
    return { code: CREDENTIALS, status: undefined, message: 'there are no credentials that work' };
  }
  return { code: networkCode(error) ?? '', status: Number.isInteger(number) ? number : undefined, message };
}

/** The code of a refusal that is about this machine's own credentials. */
export const CREDENTIALS = 'credentials';

function explainTo(name: string): Explain {
  return ({ code, status, message }) => {
    if (code === CREDENTIALS) {
      const fix = 'give the job a service account, or set GOOGLE_APPLICATION_CREDENTIALS and GOOGLE_CLOUD_PROJECT';
      return { what: message, fix };
    }
    if (status === 404)
      return { what: 'it is not there', fix: `create it: gcloud secrets create ${name} --data-file=secret.json` };
    if (code === 'FAILED_PRECONDITION')
      return { what: 'its newest version is disabled or destroyed', fix: 'enable it, or add a version' };
    if (status === 403 && /has not been used|disabled/i.test(message))
      return {
        what: 'the Secret Manager API is not enabled',
        fix: 'gcloud services enable secretmanager.googleapis.com',
      };
    if (status === 403)
      return { what: 'it may not be read', fix: `grant roles/secretmanager.secretAccessor on ${name}` };
    if (status === 401) return { what: 'the credentials are not valid', fix: 'check the service account' };
    return undefined;
  };
}
