import { createHash } from 'node:crypto';
import type { StoreLimits } from '../../../lib/runner/store/limits';
import { openS3 } from '../../../lib/runner/store/s3';
import type { S3Target } from '../../../lib/runner/store/s3-bucket';
import { failureOf, objectsOf, someBytes, upload } from '../../runner/store/bytes';
import { startScripted } from '../../runner/store/scripted-server';
import type { ScriptedAnswer, ScriptedRequest, ScriptedServer } from '../../runner/store/scripted-server';
import { testMachine } from '../../runner/store/store-machine';
import type { TestMachine, TestMachineOptions } from '../../runner/store/store-machine';

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };
const TARGET: S3Target = { id: 'main', bucket: 'backups', region: 'eu-west-1' };
const LIMITS: Partial<StoreLimits> = { partBytes: 1000 };
const LOCK = new Date('2026-08-01T00:00:00Z');

const xml = (status: number, code: string, message = ''): ScriptedAnswer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
});
const ok = (body = '', headers: Record<string, string> = {}): ScriptedAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/xml', ...headers },
  body: body && `<?xml version="1.0"?>${body}`,
});

type Request = 'start' | 'part' | 'complete' | 'abort' | 'put' | 'list' | 'versions' | 'get' | 'head';

function kindOf({ method, query }: ScriptedRequest): Request {
  if (method === 'POST') return query.has('uploads') ? 'start' : 'complete';
  if (method === 'PUT') return query.has('partNumber') ? 'part' : 'put';
  if (method === 'DELETE') return 'abort';
  if (method === 'HEAD') return 'head';
  if (query.has('versions')) return 'versions';
  return query.has('list-type') ? 'list' : 'get';
}

const listed = (key: string, bytes: number) =>
  ok(
    `<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>${key}</Key><Size>${bytes}</Size></Contents></ListBucketResult>`,
  );
const EMPTY = ok('<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>');
const COMPLETED = ok('<CompleteMultipartUploadResult><ETag>"whole"</ETag></CompleteMultipartUploadResult>');

const USUAL: Readonly<Record<Request, ScriptedAnswer>> = {
  start: ok('<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>'),
  part: ok('', { etag: '"part"' }),
  complete: COMPLETED,
  abort: { status: 204 },
  put: ok('', { etag: '"small"', 'x-amz-version-id': 'v1' }),
  list: EMPTY,
  versions: EMPTY,
  get: xml(403, 'AccessDenied'),
  head: { status: 403 },
};

describe('S3, by what a server may answer', () => {
  let server: ScriptedServer;
  let machine: TestMachine;

  /** Answers of a kind one after the other, then the usual ones. */
  async function scripted(answers: Partial<Record<Request, ScriptedAnswer[]>>, options: TestMachineOptions = {}) {
    server = await startScripted((request) => {
      const kind = kindOf(request);
      return answers[kind]?.shift() ?? USUAL[kind];
    });
    const environment = { AWS_ENDPOINT_URL: server.endpoint, ...KEYS, ...options.environment };
    machine = testMachine({ ...options, environment });
    return openS3(TARGET, machine, LIMITS);
  }
  const kinds = () => server.requests.map(kindOf);
  afterEach(() => server.stop());

  it('uploads by puts and lists alone, which is all that a writer may do', async () => {
    const store = await scripted({
      put: [xml(412, 'PreconditionFailed')],
      complete: [xml(412, 'PreconditionFailed')],
      list: [listed('data/small', 5), listed('data/large', 2500)],
    });
    await upload(store, 'data/small', someBytes(5));
    await upload(store, 'data/large', someBytes(2500));
    await store.create('data/x.manifest.json', Buffer.from('{}'), {});
    expect(new Set(kinds())).toEqual(new Set(['put', 'list', 'start', 'part', 'complete']));
  });

  it('creates only: what makes an object appear has the condition', async () => {
    const store = await scripted({});
    await upload(store, 'small', someBytes(5));
    await upload(store, 'large', someBytes(2500));
    const making = server.requests.filter((one) => ['put', 'complete'].includes(kindOf(one)));
    expect(making.map((one) => one.headers['if-none-match'])).toEqual(['*', '*']);
  });

  it('gives each part its SHA-256, and signs by the same', async () => {
    const store = await scripted({});
    const body = someBytes(2500);
    await upload(store, 'large', body);
    const parts = server.requests.filter((one) => kindOf(one) === 'part');
    expect(parts).toHaveLength(3);
    for (const { headers, body: sent } of parts) {
      const digest = createHash('sha256').update(sent).digest();
      expect(headers['x-amz-checksum-sha256']).toBe(digest.toString('base64'));
      expect(headers['x-amz-content-sha256']).toBe(digest.toString('hex'));
    }
    const complete = server.requests.find((one) => kindOf(one) === 'complete')?.body.toString();
    expect(complete?.match(/<ChecksumSHA256>/g)).toHaveLength(3);
  });

  it('says in every request whose bucket it expects', async () => {
    const store = await scripted({}, { environment: { HYPDR_BUCKET_OWNER: '111122223333' } });
    await upload(store, 'large', someBytes(2500));
    const aborted = store.upload('aborted', {});
    await aborted.write(someBytes(1500));
    await aborted.abort();
    await store.create('x.manifest.json', Buffer.from('{}'), {});
    await objectsOf(store.list(''));
    await objectsOf(store.list('', { versions: 'all' }));
    await store.read('x').catch(() => undefined);
    await store.head('x').catch(() => undefined);
    await store.remove('x', 'v1');
    const kindsSeen = new Set(kinds());
    expect(kindsSeen.size).toBe(9);
    for (const { headers } of server.requests) expect(headers['x-amz-expected-bucket-owner']).toBe('111122223333');
  });

  it('locks objects of both sizes until the date, in governance', async () => {
    const store = await scripted({});
    expect(await upload(store, 'small', someBytes(5), { retainUntil: LOCK })).toMatchObject({ locked: true });
    expect(await upload(store, 'large', someBytes(2500), { retainUntil: LOCK })).toMatchObject({ locked: true });
    await store.create('x.manifest.json', Buffer.from('{}'), { retainUntil: LOCK });
    const making = server.requests.filter((one) => ['put', 'start'].includes(kindOf(one)));
    expect(making.map(({ headers }) => headers['x-amz-object-lock-mode'])).toEqual(Array(3).fill('GOVERNANCE'));
    for (const { headers } of making) {
      expect(new Date(headers['x-amz-object-lock-retain-until-date'] ?? '').getTime()).toBe(LOCK.getTime());
    }
  });

  it('stores without a lock where the bucket has none, and says so once', async () => {
    const refusal = xml(400, 'InvalidRequest', 'Bucket is missing Object Lock Configuration');
    const store = await scripted({ put: [refusal], start: [] });
    for (const key of ['one', 'two']) {
      expect(await upload(store, key, someBytes(5), { retainUntil: LOCK })).toMatchObject({ locked: false });
    }
    expect(machine.events.map((one) => one.event)).toEqual(['store_does_not_lock']);
    expect(server.requests.map(({ headers }) => 'x-amz-object-lock-mode' in headers)).toEqual([true, false, false]);
  });

  it('asks for no lock that is over', async () => {
    const store = await scripted({});
    const receipt = await upload(store, 'one', someBytes(5), { retainUntil: new Date('2026-06-30T00:00:00Z') });
    expect(receipt.locked).toBeUndefined();
    expect(server.requests[0]?.headers).not.toHaveProperty('x-amz-object-lock-mode');
  });

  it('takes a conflict of conditions as passing', async () => {
    const conflict = xml(409, 'ConditionalRequestConflict');
    const store = await scripted({ complete: [conflict, conflict], put: [conflict] });
    expect(await upload(store, 'large', someBytes(2500))).toMatchObject({ bytes: 2500, etag: '"whole"' });
    expect(await upload(store, 'small', someBytes(5))).toMatchObject({ bytes: 5, version: 'v1' });
  });

  it('does not believe a status of 200 with an error in it', async () => {
    const store = await scripted({
      complete: [ok('<Error><Code>InternalError</Code><Message>We encountered an internal error</Message></Error>')],
    });
    expect(await upload(store, 'large', someBytes(2500))).toMatchObject({ etag: '"whole"' });
    expect(kinds().filter((one) => one === 'complete')).toHaveLength(2);
  });

  it('finds its own object after the answer to Complete was lost and the upload is gone', async () => {
    const store = await scripted({
      complete: ['lost', xml(404, 'NoSuchUpload')],
      list: [listed('large', 2500)],
    });
    expect(await upload(store, 'large', someBytes(2500))).toMatchObject({ bytes: 2500 });
  });

  it('calls stored no object that is listed at another size, or not at all', async () => {
    const taken = xml(412, 'PreconditionFailed');
    const other = await scripted({ complete: [taken], list: [listed('large', 2499)] });
    expect(await failureOf(upload(other, 'large', someBytes(2500)))).toBe('foreign');
    expect(kinds().at(-1)).toBe('abort');
    await server.stop();
    const longer = await scripted({ complete: [taken], list: [listed('large-and-more', 2500)] });
    expect(await failureOf(upload(longer, 'large', someBytes(2500)))).toBe('foreign');
    await server.stop();
    const gone = await scripted({ complete: [xml(404, 'NoSuchUpload')] });
    expect(await failureOf(upload(gone, 'large', someBytes(2500)))).toBe('retry');
  });

  it('reads a manifest that stands there after a lost answer, and nothing else', async () => {
    const taken = xml(412, 'PreconditionFailed');
    const ours = await scripted({ put: ['lost', taken], get: [{ status: 200, body: '{"a":1}' }] });
    expect((await ours.create('x.manifest.json', Buffer.from('{"a":1}'), {})).kind).toBe('created');
    await server.stop();
    const theirs = await scripted({ put: ['lost', taken], get: [{ status: 200, body: '{"a":2}' }] });
    expect(await theirs.create('x.manifest.json', Buffer.from('{"a":1}'), {})).toEqual({ kind: 'exists' });
    await server.stop();
    const another = await scripted({ put: ['lost', taken] });
    expect(await another.create('x.json', Buffer.from('{"a":1}'), {})).toEqual({ kind: 'exists' });
    expect(kinds()).toEqual(['put', 'put']);
  });

  it('refuses an object of which the store computes another checksum', async () => {
    const wrong = createHash('sha256').update('other').digest('base64');
    const store = await scripted({
      complete: [
        ok(
          `<CompleteMultipartUploadResult><ChecksumSHA256>${wrong}-3</ChecksumSHA256></CompleteMultipartUploadResult>`,
        ),
      ],
      put: [ok('', { 'x-amz-checksum-sha256': wrong })],
    });
    expect(await failureOf(upload(store, 'large', someBytes(2500)))).toBe('damaged');
    expect(await failureOf(upload(store, 'small', someBytes(5)))).toBe('damaged');
  });

  it('aborts an upload whose part is refused, and says what may remain when that fails too', async () => {
    const store = await scripted({
      part: Array<ScriptedAnswer>(3).fill(xml(403, 'AccessDenied')),
      abort: [xml(403, 'AccessDenied')],
    });
    expect(await failureOf(upload(store, 'large', someBytes(2500)))).toBe('denied');
    expect(kinds().filter((one) => one === 'abort')).toHaveLength(1);
    expect(machine.events.map((one) => one.event)).toEqual(['upload_left']);
  });

  it('corrects its clock by the server’s', async () => {
    const ahead = new Date(Date.now() + 86_400_000).toUTCString();
    const skewed = { ...(xml(403, 'RequestTimeTooSkewed') as object), status: 403 } as Exclude<ScriptedAnswer, 'lost'>;
    const store = await scripted({ put: [{ ...skewed, headers: { ...skewed.headers, date: ahead } }] });
    await upload(store, 'small', someBytes(5));
    const [first, second] = server.requests.map(({ headers }) => headers['x-amz-date']?.slice(0, 8));
    expect(second).not.toBe(first);
  });

  it('reads lists of several pages, with versions and delete markers between', async () => {
    const page = (inner: string) => ok(`<ListVersionsResult>${inner}</ListVersionsResult>`);
    const version = (key: string, id: string, latest: boolean) =>
      `<Version><Key>${key}</Key><VersionId>${id}</VersionId><IsLatest>${latest}</IsLatest><Size>1</Size><LastModified>2026-07-01T00:00:0${id}.000Z</LastModified></Version>`;
    const marker =
      '<DeleteMarker><Key>a</Key><VersionId>3</VersionId><IsLatest>true</IsLatest><LastModified>2026-07-01T00:00:03.000Z</LastModified></DeleteMarker>';
    const store = await scripted({
      versions: [
        page(
          `<IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker><NextVersionIdMarker>2</NextVersionIdMarker>${version('a', '2', false)}${marker}`,
        ),
        page(`<IsTruncated>false</IsTruncated>${version('a', '1', false)}${version('b', '4', true)}`),
      ],
      list: [
        ok(
          '<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken><Contents><Key>b</Key><Size>1</Size></Contents></ListBucketResult>',
        ),
        listed('c', 2),
      ],
    });
    const versions = await objectsOf(store.list('', { versions: 'all' }));
    expect(versions.map(({ key, version: id, deleteMarker }) => `${key}${id}${deleteMarker ? ' marker' : ''}`)).toEqual(
      [...['a3 marker', 'a2', 'a1', 'b4']],
    );
    expect((await objectsOf(store.list(''))).map((one) => one.key)).toEqual(['b', 'c']);
    const [, second, , fourth] = server.requests;
    expect([second?.query.get('key-marker'), second?.query.get('version-id-marker')]).toEqual(['a', '2']);
    expect(fourth?.query.get('continuation-token')).toBe('t');
  });

  it('says what cuts a read short', async () => {
    const store = await scripted({
      get: [{ status: 200, headers: { 'content-length': '100' }, body: 'short', cut: true }],
    });
    const body = await store.read('x');
    body.resume();
    expect(await failureOf(new Promise((resolve, reject) => body.once('end', resolve).once('error', reject)))).toBe(
      'retry',
    );
  });
});

describe('S3 credentials that expire every minute', () => {
  const NAMES = [
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    'AWS_EC2_METADATA_DISABLED',
    ...Object.keys(KEYS),
    'AWS_PROFILE',
  ];
  const before = Object.fromEntries(NAMES.map((name) => [name, process.env[name]]));
  afterEach(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  // One server knows the newest credentials alone, the other those of the last minutes too.
  it.each([0, 2])(
    'are asked for anew during an upload, by the SDK’s own chain, where %d older ones work',
    async (older) => {
      let issued = 0;
      const issuer = await startScripted(() => {
        issued += 1;
        const Expiration = new Date(Date.now() + 60_000).toISOString();
        const body = { AccessKeyId: `KEY${issued}`, SecretAccessKey: 's', Token: `${issued}`, Expiration };
        return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
      });
      const server = await startScripted((request) =>
        Number(request.headers['x-amz-security-token']) >= issued - older
          ? USUAL[kindOf(request)]
          : xml(400, 'ExpiredToken'),
      );
      for (const name of NAMES) delete process.env[name];
      process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI = issuer.endpoint;
      process.env.AWS_EC2_METADATA_DISABLED = 'true';
      const machine = testMachine({ environment: { AWS_ENDPOINT_URL_S3: server.endpoint } });
      const store = openS3(TARGET, machine, { ...LIMITS, parallel: 1 });
      expect(await upload(store, 'large', someBytes(9500))).toMatchObject({ bytes: 9500 });
      const tokens = new Set(server.requests.map((one) => one.headers['x-amz-security-token']));
      expect(tokens.size).toBeGreaterThan(3);
      if (older > 0) expect(machine.waits).toEqual([]);
      await store.close();
      await server.stop();
      await issuer.stop();
    },
  );

  it('are denied where there are none', async () => {
    for (const name of NAMES) delete process.env[name];
    process.env.AWS_EC2_METADATA_DISABLED = 'true';
    const machine = testMachine({ environment: { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' } });
    const store = openS3(TARGET, machine, LIMITS);
    expect(await failureOf(upload(store, 'x', someBytes(1)))).toBe('denied');
    expect(machine.waits).toEqual([]);
  });
});
