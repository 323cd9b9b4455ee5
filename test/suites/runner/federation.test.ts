import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Storage } from '@google-cloud/storage';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { BackupManifest, TaskStore } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { startTokenAzurite, storageToken } from '../../servers/azurite-tokens';
import type { TokenAzurite } from '../../servers/azurite-tokens';
import { startGiver } from '../../servers/credential-giver';
import type { CredentialGiver, Give } from '../../servers/credential-giver';
import { startFakeGcs } from '../../servers/fake-gcs';
import type { SeenRequest } from '../../servers/fault';
import { startFaultProxy } from '../../servers/fault-proxy';
import type { FaultProxy } from '../../servers/fault-proxy';
import { startMinio, withPolicy } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { createBucket, s3Client } from '../../servers/s3';
import { fileTask, makeSource, slotAt } from './file-task';
import { bundleRunner, startRunner, writeTask } from './program-run';
import type { Host, Ran } from './program-run';

/**
 * Copies between clouds without a key that lasts: the job shows the token that its own cloud gives it to the other one.
 * Stores are real servers; who gives tokens, and who takes them for credentials, are scripted after the clouds'
 * documents and take nothing else.
 */

type Cloud = 'aws' | 'azure' | 'google';

const ROLE = 'arn:aws:iam::111122223333:role/copier';
const PROVIDER = '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/acme/providers/copies';
const TENANT = '22222222-0000-4000-8000-000000000000';
const CLIENT = '33333333-0000-4000-8000-000000000000';
const HEADERS = { 'metadata-flavor': 'Google' };

let folder: string;
let program: string;
let minio: MinioServer;
let azurite: TokenAzurite;
let gcs: Awaited<ReturnType<typeof startFakeGcs>>;
let gcsFront: FaultProxy;
let giver: CredentialGiver;
let login: CredentialGiver;
/** Credentials that a store was shown, by its cloud. */
const shown: Record<Cloud, Set<string>> = { aws: new Set(), azure: new Set(), google: new Set() };
/** What was taken for credentials: who gave it, and for whom. */
const taken: string[] = [];

/** A token that says who gave it, to whom it may be shown. */
const tokenOf = (cloud: Cloud, audience: string) => `${cloud}|${audience}`;

const json = (value: object) => ({ headers: HEADERS, body: JSON.stringify(value) });

/** Metadata server, identity endpoint, container's credentials, and the token services of AWS and Google. */
const give: Give = async (asked, headers, { query, body }) => {
  const form = new URLSearchParams(body);
  switch (asked.replace(/\/$/, '')) {
    case '/computeMetadata/v1/instance/service-accounts/default/identity':
      return { headers: HEADERS, body: tokenOf('google', query.get('audience') ?? '') };
    case '/computeMetadata/v1/instance/service-accounts/default/token':
      return json({ access_token: 'own', expires_in: 600, token_type: 'Bearer' });
    case '/identity': {
      const resource = query.get('resource') ?? '';
      const token = resource.startsWith('https://storage') ? storageToken() : tokenOf('azure', resource);
      return json({ access_token: token, expires_on: `${Math.floor(Date.now() / 1000) + 600}`, resource });
    }
    case '/credentials': {
      const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey } = minio.credentials;
      const Expiration = new Date(Date.now() + 600_000).toISOString();
      return json({ AccessKeyId, SecretAccessKey, Token: '', Expiration });
    }
    case '/sts': {
      if (form.get('Action') === 'GetWebIdentityToken') {
        // Asked with the container's own credentials.
        expect(headers.authorization).toContain(`Credential=${minio.credentials.accessKeyId}/`);
        return sts('GetWebIdentityToken', {
          WebIdentityToken: tokenOf('aws', form.get('Audience.member.1') ?? ''),
          Expiration: new Date(Date.now() + 300_000).toISOString(),
        });
      }
      expect([form.get('Action'), form.get('RoleArn')]).toEqual(['AssumeRoleWithWebIdentity', ROLE]);
      taken.push(form.get('WebIdentityToken') ?? '');
      const read = { Effect: 'Allow', Action: ['s3:GetObject*', 's3:ListBucket*'], Resource: ['arn:aws:s3:::*'] };
      const keys = await withPolicy(minio, { Version: '2012-10-17', Statement: [read] });
      shown.aws.add(keys.accessKeyId);
      return sts('AssumeRoleWithWebIdentity', {
        Credentials: {
          AccessKeyId: keys.accessKeyId,
          SecretAccessKey: keys.secretAccessKey,
          SessionToken: keys.sessionToken ?? '',
          Expiration: keys.expires.toISOString(),
        },
      });
    }
    case '/v1/token':
      expect(form.get('audience')).toBe(PROVIDER);
      taken.push(form.get('subject_token') ?? '');
      return json({ access_token: 'federated', issued_token_type: 'x', token_type: 'Bearer', expires_in: 600 });
    default:
      return { status: 404, headers: HEADERS, body: '' };
  }
};

/** https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html: the query protocol answers in XML. */
function sts(action: string, result: object) {
  const xml = (value: unknown): string =>
    typeof value === 'object' && value !== null
      ? Object.entries(value)
          .map(([name, inner]) => `<${name}>${xml(inner)}</${name}>`)
          .join('')
      : String(value);
  const body = `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${xml(result)}</${action}Result></${action}Response>`;
  return { headers: { 'content-type': 'text/xml' }, body };
}

/** Entra ID: the document of a tenant, and its token endpoint. */
const entra: Give = async (asked, _headers, { body }) => {
  const base = `${login.origin}/${TENANT}`;
  if (asked === `/${TENANT}/v2.0/.well-known/openid-configuration`) {
    return json({
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      jwks_uri: `${base}/keys`,
    });
  }
  const form = new URLSearchParams(body);
  expect([asked, form.get('client_id')]).toEqual([`/${TENANT}/oauth2/v2.0/token`, CLIENT]);
  taken.push(form.get('client_assertion') ?? '');
  const token = storageToken();
  shown.azure.add(token);
  return json({ access_token: token, expires_in: 600, token_type: 'Bearer' });
};

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-federation-'));
  program = bundleRunner(folder);
  [minio, azurite, gcs, giver] = await Promise.all([
    startMinio(),
    startTokenAzurite(() => false),
    startFakeGcs(),
    startGiver(give),
  ]);
  gcsFront = await startFaultProxy(gcs);
  login = await startGiver(entra, azurite.tls);
}, 120_000);

afterAll(async () => {
  await Promise.all([login.stop(), giver.stop(), gcsFront.stop()]);
  await Promise.all([minio.stop(), azurite.stop(), gcs.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

/** What a job of a cloud has, and what every job is told of the other clouds: names, and no secret. */
function jobIn(cloud: Cloud): Record<string, string> {
  const own: Record<Cloud, Record<string, string>> = {
    aws: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${giver.origin}/credentials` },
    azure: { IDENTITY_ENDPOINT: `${giver.origin}/identity`, IDENTITY_HEADER: 'header' },
    google: { GCE_METADATA_HOST: giver.host },
  };
  return {
    ...own[cloud],
    ...endpoints(),
    HYPDR_IDENTITY: cloud,
    HYPDR_AWS_ROLE_ARN: ROLE,
    HYPDR_AZURE_TENANT_ID: TENANT,
    HYPDR_AZURE_CLIENT_ID: CLIENT,
    HYPDR_GOOGLE_PROVIDER: PROVIDER,
    AWS_ENDPOINT_URL_STS: `${giver.origin}/sts`,
    AZURE_AUTHORITY_HOST: login.origin,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STS: giver.origin,
  };
}

function endpoints(): Record<string, string> {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL_S3: minio.endpoint,
    AZURE_STORAGE_SERVICE_ENDPOINT: azurite.endpoint,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: `${gcsFront.origin}/storage/v1/`,
    NODE_EXTRA_CA_CERTS: azurite.certificate,
  };
}

/** Whoever took the backup had keys of its own. */
function keysOfAll(): Record<string, string> {
  return {
    ...endpoints(),
    AWS_ACCESS_KEY_ID: minio.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: minio.credentials.secretAccessKey,
    AZURE_STORAGE_CONNECTION_STRING: azurite.connectionString,
    STORAGE_EMULATOR_HOST: gcs.endpoint,
  };
}

const placeIn = (cloud: Cloud, bucket: string): TaskStore => ({
  id: cloud,
  from: [],
  store: `${cloud}.bucket`,
  cloud,
  region: 'us-east-1',
  ...(cloud === 'azure' && { account: azurite.account }),
  bucket,
  path: 'data/docs/',
});

async function makeBucket(cloud: Cloud, name: string): Promise<void> {
  if (cloud === 'aws') await createBucket(minio, name, 'versioned');
  if (cloud === 'azure') await azurite.client.createContainer(name);
  if (cloud === 'google') await new Storage({ apiEndpoint: gcs.endpoint, projectId: 'test' }).createBucket(name);
}

async function objectsIn(cloud: Cloud, bucket: string): Promise<ReadonlyMap<string, Buffer>> {
  const objects = new Map<string, Buffer>();
  if (cloud === 'aws') {
    const client = s3Client(minio);
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
    for (const { Key = '' } of Contents) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
      objects.set(Key, Buffer.from((await Body?.transformToByteArray()) ?? []));
    }
    client.destroy();
  } else if (cloud === 'azure') {
    const container = azurite.client.getContainerClient(bucket);
    for await (const { name } of container.listBlobsFlat()) {
      objects.set(name, await container.getBlobClient(name).downloadToBuffer());
    }
  } else {
    const storage = new Storage({ apiEndpoint: gcs.endpoint, projectId: 'test' });
    for (const file of (await storage.bucket(bucket).getFiles())[0]) objects.set(file.name, (await file.download())[0]);
  }
  return objects;
}

/** Backups of a folder in one cloud, vouched for, and a task whose copy is to lie in another. */
async function prepare(from: Cloud, to: Cloud, name: string) {
  await makeBucket(from, name);
  await makeBucket(to, `${name}-copy`);
  const source = makeSource(path.join(folder, `${name}-source`), 300_000);
  const stores = [placeIn(from, name)];
  const copies = [{ ...placeIn(to, `${name}-copy`), source: stores[0]?.store ?? '' }];
  const own = path.join(folder, name);
  mkdirSync(own);
  const host: Host = { folder: own, state: own, environment: {} };
  const asked = fileTask('docs', source, { stores, copies });
  // Of a day that is past on every clock, and not over on any.
  const task = writeTask(host, { ...asked, runs: asked.runs.map((run) => ({ ...run, retentionDays: 9999 })) });
  const call = (argv: readonly string[], environment: Record<string, string>): Promise<Ran> =>
    startRunner(program, { ...host, environment }, argv).ended;
  const keys = keysOfAll();
  const backup = ['backup', '--task', task, '--type', 'full', '--slot', slotAt(-400)];
  expect(await call(backup, keys)).toMatchObject({ exit: EXIT.success });
  expect(await call(['verify', '--quick', '--task', task, '--store', `${from}.bucket`], keys)).toMatchObject({
    exit: EXIT.success,
  });
  return (environment: Record<string, string>) =>
    call(['copy', '--task', task, '--store', `${to}.bucket`], environment);
}

/** Every object of the copy's manifest is there with its bytes. */
async function expectCopied(to: Cloud, bucket: string): Promise<void> {
  const objects = await objectsIn(to, bucket);
  const manifests = [...objects].filter(([key]) => key.endsWith('.manifest.json'));
  expect(manifests).toHaveLength(1);
  const manifest = JSON.parse(String(manifests[0]?.[1])) as BackupManifest;
  const hashes = [...objects.values()].map((bytes) => createHash('sha256').update(bytes).digest('hex'));
  for (const { encodings } of manifest.streams) {
    for (const { sha256 } of encodings[0]?.segments ?? []) expect(hashes).toContain(sha256);
  }
}

const bearerOf = ({ headers }: SeenRequest) => String(headers.authorization ?? '').replace(/^Bearer /, '');

describe.each<{ job: Cloud; from: Cloud; audience: string }>([
  { job: 'google', from: 'aws', audience: 'sts.amazonaws.com' },
  { job: 'azure', from: 'aws', audience: 'sts.amazonaws.com' },
  { job: 'aws', from: 'azure', audience: 'api://AzureADTokenExchange' },
  { job: 'google', from: 'azure', audience: 'api://AzureADTokenExchange' },
  { job: 'aws', from: 'google', audience: PROVIDER.replace('//', 'https://') },
  { job: 'azure', from: 'google', audience: PROVIDER.replace('//', 'https://') },
])('a job on $job reads what lies on $from', ({ job, from, audience }) => {
  test('under the identity that its own cloud gives it', async () => {
    const name = `${from}-to-${job}`;
    const copy = await prepare(from, job, name);
    taken.length = 0;
    gcsFront.forget();
    expect(await copy(jobIn(job))).toMatchObject({ exit: EXIT.success });
    expect([...new Set(taken)]).toEqual([tokenOf(job, audience)]);
    await expectCopied(job, `${name}-copy`);
    if (from === 'google') {
      const tokens = gcsFront.requests.map(bearerOf);
      expect([...new Set(tokens)]).toEqual(['federated']);
    }
  }, 60_000);
});

test('a job that no other cloud is told of says which store it could not read', async () => {
  const copy = await prepare('aws', 'google', 'alone');
  const { HYPDR_IDENTITY: _, ...environment } = jobIn('google');
  const { exit, stdout, stderr } = await copy(environment);
  expect([exit, `${stdout}${stderr}`]).toEqual([
    EXIT.permanent,
    expect.stringContaining('s3://alone: CredentialsProviderError'),
  ]);
}, 60_000);
