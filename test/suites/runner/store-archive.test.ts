import type { S3Client } from '@aws-sdk/client-s3';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { BlobServiceClient } from '@azure/storage-blob';
import { openAzure } from '../../../lib/runner/store/azure';
import { openS3 } from '../../../lib/runner/store/s3';
import type { Store, StoredObject } from '../../../lib/runner/store/store';
import { StoreError } from '../../../lib/runner/store/store';
import { readAll } from '../../../lib/runner/manifest';
import { startScripted } from '../../runner/store/scripted-server';
import type { ScriptedAnswer, ScriptedServer } from '../../runner/store/scripted-server';
import { testMachine } from '../../runner/store/store-machine';
import { startAzurite } from '../../servers/azurite';
import type { AzuriteServer } from '../../servers/azurite';
import { startMoto } from '../../servers/moto';
import type { MotoServer } from '../../servers/moto';
import { createBucket, s3Client } from '../../servers/s3';

/** Objects in the archives of S3 and Azure: how they are seen, refused, asked for, and read again. */

const listOf = async (store: Store) => {
  const objects: StoredObject[] = [];
  for await (const one of store.list('', { versions: 'all' })) objects.push(one);
  return objects;
};
const kindOf = (work: Promise<unknown>) =>
  work.then(
    () => 'read',
    (error: unknown) => (error instanceof StoreError ? error.kind : String(error)),
  );
const must = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('nothing is there');
  return value;
};
const ASKED = { tier: 'standard', days: 3 } as const;

describe('S3 on moto', () => {
  let server: MotoServer;
  let store: Store;
  let client: S3Client;
  const credentials = () => ({
    accessKeyId: server.environment.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: server.environment.AWS_SECRET_ACCESS_KEY ?? '',
  });
  const transition = (body: object) =>
    fetch(`${server.endpoint}/moto-api/state-manager/set-transition`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model_name: 's3::keyrestore', transition: body }),
    });

  beforeAll(async () => {
    server = await startMoto();
    const s3 = { ...server, credentials: credentials() };
    await createBucket(s3, 'cold', 'versioned');
    client = s3Client(s3);
    for (const [Key, StorageClass] of [
      ['deep', 'DEEP_ARCHIVE'],
      ['flexible', 'GLACIER'],
      ['warm', 'STANDARD_IA'],
    ] as const)
      await client.send(new PutObjectCommand({ Bucket: 'cold', Key, Body: Key, StorageClass }));
    const environment = { ...server.environment, AWS_ENDPOINT_URL_S3: server.endpoint };
    store = openS3({ id: 's3', bucket: 'cold', region: 'us-east-1' }, testMachine({ environment }));
  });
  afterAll(async () => {
    client.destroy();
    await store.close();
    await server.stop();
  });

  test('a list tells them from others, and a read of one is refused as archived, at once', async () => {
    expect((await listOf(store)).map(({ key, archive }) => [key, archive?.state, archive?.tier])).toEqual([
      ['deep', 'archived', 'DEEP_ARCHIVE'],
      ['flexible', 'archived', 'GLACIER'],
      ['warm', undefined, undefined],
    ]);
    expect(await kindOf(store.read('flexible'))).toBe('archived');
    expect(await kindOf(store.read('warm'))).toBe('read');
  });

  test('one that is asked for is under way, then it is read', async () => {
    await transition({ progression: 'manual', times: 2 });
    const [, flexible] = await listOf(store);
    const thawing = must(store.thawing);
    expect(await thawing.request(must(flexible), ASKED)).toBe('requested');
    expect((await store.head('flexible', flexible?.version))?.archive).toEqual({ tier: 'GLACIER', state: 'thawing' });
    let seen = await store.head('flexible', flexible?.version);
    for (let tries = 0; tries < 5 && seen?.archive?.state === 'thawing'; tries += 1)
      seen = await store.head('flexible');
    expect(seen?.archive).toEqual({ tier: 'GLACIER', state: 'thawed' });
    expect((await readAll(await store.read('flexible', { version: flexible?.version ?? '' }))).toString()).toBe(
      'flexible',
    );
  });

  test('one that is in no archive needs nothing', async () => {
    const warm = (await listOf(store)).find(({ key }) => key === 'warm');
    expect(await must(store.thawing).request(must(warm), ASKED)).toBe('readable');
  });
});

describe('S3, by what it answers', () => {
  let server: ScriptedServer;
  afterEach(() => server.stop());
  const xml = (status: number, body: string): ScriptedAnswer => ({
    status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0"?>${body}`,
  });
  const failure = (status: number, code: string) =>
    xml(status, `<Error><Code>${code}</Code><Message>no</Message></Error>`);
  const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };

  async function opened(...answers: ScriptedAnswer[]) {
    server = await startScripted(() => answers.shift() ?? failure(500, 'InternalError'));
    const environment = { AWS_ENDPOINT_URL: server.endpoint, ...KEYS };
    return openS3({ id: 's3', bucket: 'cold', region: 'eu-west-1' }, testMachine({ environment }));
  }
  const object = (changes: Partial<StoredObject> = {}): StoredObject => ({
    ...{ key: 'k', bytes: 1, modified: new Date(0), latest: false, deleteMarker: false, version: 'v7' },
    ...{ storageClass: 'GLACIER', archive: { tier: 'GLACIER', state: 'archived' } },
    ...changes,
  });

  test.each([
    ['versions', 'all', 'Version', '<VersionId>v7</VersionId>'],
    ['list-type', 'newest', 'Contents', ''],
  ] as const)('a list by ?%s is asked for what was thawed, and says it', async (word, versions, element, more) => {
    const one = (key: string, status: string) =>
      `<${element}><Key>${key}</Key>${more}<Size>1</Size><StorageClass>GLACIER</StorageClass>${status}</${element}>`;
    const store = await opened(
      xml(
        200,
        `<R><IsTruncated>false</IsTruncated>${one('a', '')}${one('b', '<RestoreStatus><IsRestoreInProgress>true</IsRestoreInProgress></RestoreStatus>')}${one('c', '<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress><RestoreExpiryDate>2026-12-21T00:00:00.000Z</RestoreExpiryDate></RestoreStatus>')}</R>`,
      ),
    );
    const states: (string | undefined)[] = [];
    for await (const { archive } of store.list('', { versions })) states.push(archive?.state);
    expect(states).toEqual(['archived', 'thawing', 'thawed']);
    expect(server.requests[0]?.query.has(word)).toBe(true);
    expect(server.requests[0]?.headers['x-amz-optional-object-attributes']).toBe('RestoreStatus');
  });

  test('the very version is asked for, with days and tier; Intelligent-Tiering without days', async () => {
    const store = await opened({ status: 202 }, { status: 202 });
    const thawing = must(store.thawing);
    await thawing.request(object(), { tier: 'bulk', days: 5 });
    await thawing.request(object({ storageClass: 'INTELLIGENT_TIERING' }), { tier: 'expedited', days: 5 });
    const [first, second] = server.requests;
    expect([first?.method, first?.path, first?.query.get('versionId')]).toEqual(['POST', '/cold/k', 'v7']);
    expect(first?.body.toString()).toMatch(/<Days>5<\/Days>.*<Tier>Bulk<\/Tier>/);
    expect(second?.body.toString()).toMatch(/<Tier>Expedited<\/Tier>/);
    expect(second?.body.toString()).not.toContain('<Days>');
  });

  test('what is under way or back already is no failure; a right that lacks is one', async () => {
    const store = await opened(
      failure(409, 'RestoreAlreadyInProgress'),
      failure(403, 'ObjectAlreadyInActiveTierError'),
      failure(403, 'AccessDenied'),
    );
    const thawing = must(store.thawing);
    expect(await thawing.request(object(), ASKED)).toBe('under way');
    expect(await thawing.request(object(), ASKED)).toBe('readable');
    await expect(thawing.request(object(), ASKED)).rejects.toMatchObject({ kind: 'denied' });
  });
});

describe('Azure on azurite', () => {
  let server: AzuriteServer;
  let store: Store;
  const blob = () =>
    BlobServiceClient.fromConnectionString(server.connectionString())
      .getContainerClient('cold')
      .getBlockBlobClient('k');
  beforeAll(async () => {
    server = await startAzurite();
    await BlobServiceClient.fromConnectionString(server.connectionString()).createContainer('cold');
    await blob().upload('bytes', 5);
    const target = { id: 'azure', account: undefined, container: 'cold' };
    store = openAzure(target, testMachine({ environment: server.environment }));
  });
  afterAll(() => server.stop());

  test('an archived blob is seen in list and look, refused as archived, and read after it was asked for', async () => {
    expect((await listOf(store)).map(({ archive }) => archive)).toEqual([undefined]);
    await blob().setAccessTier('Archive');
    const [listed] = await listOf(store);
    expect(listed?.archive).toEqual({ tier: 'Archive', state: 'archived' });
    expect((await store.head('k'))?.archive).toEqual({ tier: 'Archive', state: 'archived' });
    expect(await kindOf(store.read('k'))).toBe('archived');
    expect(await must(store.thawing).request(must(listed), ASKED)).toBe('requested');
    // Azurite does at once what takes hours.
    expect((await store.head('k'))?.storageClass).toBe('Hot');
    expect((await readAll(await store.read('k'))).toString()).toBe('bytes');
  });
});

describe('Azure, by what it answers', () => {
  let server: ScriptedServer;
  afterEach(() => server.stop());
  async function opened(...answers: ScriptedAnswer[]) {
    server = await startScripted(() => answers.shift() ?? { status: 500 });
    const key = Buffer.alloc(64, 1).toString('base64');
    const connection = `DefaultEndpointsProtocol=http;AccountName=acme;AccountKey=${key};BlobEndpoint=${server.endpoint}/acme;`;
    const environment = { AZURE_STORAGE_CONNECTION_STRING: connection };
    return openAzure({ id: 'azure', account: undefined, container: 'cold' }, testMachine({ environment }));
  }
  const refusal = (status: number, code: string): ScriptedAnswer => ({ status, headers: { 'x-ms-error-code': code } });
  const object: StoredObject = { key: 'k', bytes: 1, modified: new Date(0), latest: true, deleteMarker: false };

  test('the blob is moved to Hot, with the priority of the tier', async () => {
    const store = await opened({ status: 202 }, { status: 202 });
    const thawing = must(store.thawing);
    await thawing.request(object, { tier: 'bulk', days: 3 });
    await thawing.request(object, { tier: 'expedited', days: 3 });
    const said = server.requests.map(({ query, headers }) => [
      query.get('comp'),
      headers['x-ms-access-tier'],
      headers['x-ms-rehydrate-priority'],
    ]);
    expect(said).toEqual([
      ['tier', 'Hot', 'Standard'],
      ['tier', 'Hot', 'High'],
    ]);
  });

  test('what is under way is no failure, and a former version is refused without a request', async () => {
    const store = await opened(refusal(409, 'BlobBeingRehydrated'));
    const thawing = must(store.thawing);
    expect(await thawing.request(object, ASKED)).toBe('under way');
    await expect(thawing.request({ ...object, latest: false, version: 'old' }, ASKED)).rejects.toMatchObject({
      kind: 'refused',
    });
    expect(server.requests).toHaveLength(1);
  });

  test('a read meanwhile is refused as archived', async () => {
    const store = await opened(refusal(409, 'BlobBeingRehydrated'));
    expect(await kindOf(store.read('k'))).toBe('archived');
  });
});
