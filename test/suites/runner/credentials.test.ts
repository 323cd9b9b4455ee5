import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BackupManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { startTokenAzurite } from '../../servers/azurite-tokens';
import { startGiver } from '../../servers/credential-giver';
import type { CredentialGiver } from '../../servers/credential-giver';
import { startFakeGcs } from '../../servers/fake-gcs';
import type { SeenRequest } from '../../servers/fault';
import { startFaultProxy } from '../../servers/fault-proxy';
import { startMinio, withPolicy } from '../../servers/minio';
import { createBucket, s3Client } from '../../servers/s3';
import { AZURE, GCS, S3, named } from '../../servers/store-requests';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { Storage } from '@google-cloud/storage';
import { fileTask, makeSource } from './file-task';
import { bundleRunner, startRunner, writeTask } from './program-run';
import type { Ran } from './program-run';

/**
 * Credentials that live for a minute while an upload takes longer: they come from the endpoint that a container, an app
 * or a job has for them, and the store refuses those that it has called dead. No test waits for a clock: a credential
 * dies at a request that the test names, and the same request has to come again with another one.
 */

const MINUTE = 60_000;
/** Of the source: eight parts of S3 and Azure, so that several are under way at once. */
const BYTES = 60 * 1024 * 1024;

let folder: string;
let program: string;
let source: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-credentials-'));
  program = bundleRunner(folder);
  source = makeSource(path.join(folder, 'source'), BYTES);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Match = (request: SeenRequest) => boolean;

/** Credentials that died, and at which requests they still do. */
class Deaths {
  readonly refused: string[] = [];
  readonly used = new Set<string>();
  /** Requests that came without any credential. */
  readonly naked: string[] = [];
  readonly #dead = new Set<string>();
  readonly #left: (readonly [string, Match])[];

  constructor(at: Readonly<Record<string, Match>>) {
    this.#left = Object.entries(at);
  }

  /** Names of requests at which nothing died yet. */
  get left(): readonly string[] {
    return this.#left.map(([name]) => name);
  }

  refuses(request: SeenRequest, credential: string | undefined): boolean {
    if (credential === undefined) {
      this.naked.push(`${request.method} ${request.path}`);
      return false;
    }
    this.used.add(credential);
    const at = this.#left.findIndex(([, match]) => match(request));
    if (at >= 0) {
      this.#dead.add(credential);
      this.#left.splice(at, 1);
    }
    if (!this.#dead.has(credential)) return false;
    this.refused.push(`${request.method} ${request.path}`);
    return true;
  }
}

/** The n-th of some requests, from 1, however often it comes. */
function nth(number: number, match: Match): Match {
  let seen = 0;
  return (request) => match(request) && ++seen === number;
}

const bearer = (request: Pick<SeenRequest, 'headers'>) =>
  /^Bearer (.+)$/.exec(String(request.headers.authorization))?.[1];

const store = { id: 'store', from: [] as string[], store: 'store', bucket: 'backups', path: 'set/' };

async function backUp(name: string, target: object, environment: Record<string, string>): Promise<Ran> {
  const task = fileTask(name, source, { stores: [{ ...store, ...target }] as never });
  const host = { folder, state: path.join(folder, `state-${name}`), environment };
  const ran = await startRunner(program, host, ['backup', '--task', writeTask(host, task)]).ended;
  expect([ran.exit, ran.exit === EXIT.success ? '' : ran.stderr]).toEqual([EXIT.success, '']);
  return ran;
}

/** What the manifest says of the archive, and what is stored of it. */
async function compare(keys: readonly string[], bytes: (key: string) => Promise<Buffer>): Promise<void> {
  const manifestKey = keys.find((key) => key.endsWith('.manifest.json'));
  if (!manifestKey) throw new Error(`no manifest among ${keys.join(', ')}`);
  const { streams, attempt } = BackupManifest.parse(JSON.parse((await bytes(manifestKey)).toString()));
  const [stream] = streams;
  if (!stream) throw new Error('no stream');
  const hash = createHash('sha256');
  for (const { name } of stream.encodings[0]?.segments ?? []) {
    hash.update(await bytes(`${manifestKey.replace('.manifest.json', '')}-${attempt}/${name}`));
  }
  expect(stream.bytes).toBeGreaterThan(BYTES);
  expect(hash.digest('hex')).toBe(stream.sha256);
}

test('S3: a role’s keys of a container', async () => {
  const minio = await startMinio();
  await createBucket(minio, 'backups', 'versioned');
  const proxy = await startFaultProxy(minio);
  const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ['s3:*'], Resource: ['*'] }] };
  const token = randomBytes(16).toString('hex');
  const giver = await startGiver(async (_, { authorization }) => {
    if (authorization !== token) return { status: 401, body: '{}' };
    const { accessKeyId, secretAccessKey, sessionToken } = await withPolicy(minio, everything);
    const Expiration = new Date(Date.now() + MINUTE).toISOString();
    const keys = { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken, Expiration };
    return { body: JSON.stringify(keys) };
  });
  const deaths = new Deaths({
    'second part': nth(2, S3.part),
    'fifth part': nth(5, S3.part),
    completion: S3.complete,
    'list after it': nth(2, S3.list),
    manifest: named('.manifest.json', S3.put),
  });
  proxy.inject({
    times: Infinity,
    when: (request) => deaths.refuses(request, /Credential=([^/]+)/.exec(String(request.headers.authorization))?.[1]),
    fault: {
      kind: 'answer',
      status: 400,
      headers: { 'content-type': 'application/xml' },
      body: '<?xml version="1.0"?><Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>',
    },
  });
  const client = s3Client(minio);
  try {
    await backUp(
      's3',
      { cloud: 'aws', region: 'us-east-1' },
      {
        AWS_ENDPOINT_URL_S3: proxy.origin,
        AWS_REGION: 'us-east-1',
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${giver.origin}/credentials`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
      },
    );
    expect([deaths.left, deaths.naked]).toEqual([[], []]);
    expect(deaths.refused.length).toBeGreaterThanOrEqual(5);
    expect(deaths.used.size).toBeGreaterThan(5);
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'backups' }));
    await compare(
      Contents.map(({ Key = '' }) => Key),
      async (Key) => {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: 'backups', Key }));
        return Buffer.from((await Body?.transformToByteArray()) ?? []);
      },
    );
  } finally {
    client.destroy();
    await Promise.all([giver.stop(), proxy.stop()]);
    await minio.stop();
  }
}, 120_000);

/** Azurite looks at issuer, audience and times, and not at who signed. */
function azureToken(): { readonly token: string; readonly expiresOn: number } {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const tenant = 'https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/';
  const claims = { aud: 'https://storage.azure.com', iss: tenant, iat: now - 5, nbf: now - 5, jti: randomUUID() };
  const expiresOn = now + MINUTE / 1000;
  const token = [part({ alg: 'HS256', typ: 'JWT' }), part({ ...claims, exp: expiresOn }), part({})].join('.');
  return { token, expiresOn };
}

test('Azure: tokens of a managed identity', async () => {
  const giver = await startGiver(async () => {
    const { token, expiresOn } = azureToken();
    const resource = 'https://storage.azure.com/';
    return {
      body: JSON.stringify({ access_token: token, expires_on: `${expiresOn}`, resource, token_type: 'Bearer' }),
    };
  });
  const deaths = new Deaths({
    'second block': nth(2, AZURE.block),
    'fifth block': nth(5, AZURE.block),
    'list of blocks': AZURE.commit,
    'list after it': nth(2, AZURE.list),
    manifest: named('.manifest.json', AZURE.put),
  });
  const azurite = await startTokenAzurite((request) => {
    const seen = seenOf(request);
    // The test's own client signs by the account's key.
    if (String(request.headers.authorization).startsWith('SharedKey ')) return false;
    return deaths.refuses(seen, bearer(seen));
  });
  try {
    const container = azurite.client.getContainerClient('backups');
    await container.create();
    await backUp(
      'azure',
      { cloud: 'azure', region: 'westeurope', account: azurite.account },
      {
        AZURE_STORAGE_SERVICE_ENDPOINT: azurite.endpoint,
        IDENTITY_ENDPOINT: `${giver.origin}/token`,
        IDENTITY_HEADER: 'header',
        NODE_EXTRA_CA_CERTS: azurite.certificate,
      },
    );
    expect([deaths.left, deaths.naked]).toEqual([[], []]);
    expect(deaths.refused.length).toBeGreaterThanOrEqual(5);
    const keys: string[] = [];
    for await (const { name } of container.listBlobsFlat()) keys.push(name);
    await compare(keys, (key) => container.getBlobClient(key).downloadToBuffer());
  } finally {
    await giver.stop();
    await azurite.stop();
  }
}, 120_000);

function seenOf(request: IncomingMessage): SeenRequest {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const { method = '', headers } = request;
  return { method, path: decodeURI(url.pathname), query: url.searchParams, headers };
}

/** The metadata server of Google's machines and jobs. */
function startMetadata(): Promise<CredentialGiver> {
  return startGiver(async (asked) => {
    const headers = { 'metadata-flavor': 'Google' };
    if (!asked.endsWith('/token')) return { headers, body: '{}' };
    const token = { access_token: randomBytes(16).toString('hex'), expires_in: 60, token_type: 'Bearer' };
    return { headers, body: JSON.stringify(token) };
  });
}

test('Google: tokens of a service account; an upload that has begun needs none', async () => {
  const gcs = await startFakeGcs();
  const storage = new Storage({ apiEndpoint: gcs.endpoint, projectId: 'test' });
  await storage.createBucket('backups');
  const proxy = await startFaultProxy(gcs);
  const metadata = await startMetadata();
  const deaths = new Deaths({
    'start of the upload': GCS.start,
    'list after it': nth(2, GCS.list),
    manifest: GCS.put,
  });
  proxy.inject({
    times: Infinity,
    when: (request) => deaths.refuses(request, bearer(request)),
    fault: {
      kind: 'answer',
      status: 401,
      headers: { 'content-type': 'application/json' },
      body: '{"error":{"code":401,"message":"Invalid Credentials","errors":[{"reason":"authError"}]}}',
    },
  });
  try {
    await backUp(
      'gcs',
      { cloud: 'google', region: 'europe-west3' },
      {
        CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: `${proxy.origin}/storage/v1/`,
        GCE_METADATA_HOST: metadata.host,
      },
    );
    expect(deaths.left).toEqual([]);
    expect(deaths.used.size).toBeGreaterThan(3);
    // The address of a session is the right to it.
    expect(deaths.naked.length).toBeGreaterThan(5);
    expect(deaths.naked.every((line) => line.startsWith('PUT '))).toBe(true);
    const [files] = await storage.bucket('backups').getFiles();
    await compare(
      files.map(({ name }) => name),
      async (key) => (await storage.bucket('backups').file(key).download())[0],
    );
  } finally {
    await Promise.all([metadata.stop(), proxy.stop()]);
    await gcs.stop();
  }
}, 120_000);
