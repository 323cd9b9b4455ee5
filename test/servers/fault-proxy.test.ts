import { once } from 'node:events';
import { createServer, request as sendRequest } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startFaultProxy } from './fault-proxy';
import type { FaultProxy } from './fault-proxy';
import { S3, named } from './store-requests';

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What the store has been told, whole bodies and broken ones. */
const stored: {
  readonly host: string | undefined;
  readonly url: string;
  readonly body: Buffer;
  readonly whole: boolean;
}[] = [];
let store: Server;
let proxy: FaultProxy;

beforeEach(async () => {
  stored.length = 0;
  store = createServer((request, response) => {
    const chunks: Buffer[] = [];
    const keep = (whole: boolean) =>
      stored.push({ host: request.headers.host, url: request.url ?? '', body: Buffer.concat(chunks), whole });
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('error', () => keep(false));
    request.once('end', () => {
      keep(true);
      const Location = `http://127.0.0.1:${(store.address() as AddressInfo).port}/next`;
      response.writeHead(200, { Location, ETag: 'right' }).end('0123456789');
    });
  });
  store.listen(0, '127.0.0.1');
  await once(store, 'listening');
  proxy = await startFaultProxy({ port: (store.address() as AddressInfo).port });
});

afterEach(async () => {
  await proxy.stop();
  store.closeAllConnections();
  store.close();
});

function send(method: string, path: string, body = Buffer.alloc(0)): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = sendRequest(proxy.origin + path, { method, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    request.once('error', reject);
    request.end(body);
  });
}

const part = Buffer.alloc(300_000, 'p');

it('passes a request on as it was signed, and the answer back, with itself as the address to go on with', async () => {
  const answer = await send('PUT', '/bucket/a%20b?partNumber=1&uploadId=u', part);
  expect(answer).toMatchObject({ status: 200, headers: { etag: 'right', location: `${proxy.origin}/next` } });
  expect(answer.body.toString()).toBe('0123456789');
  expect(stored).toEqual([
    { host: `127.0.0.1:${proxy.port}`, url: '/bucket/a%20b?partNumber=1&uploadId=u', body: part, whole: true },
  ]);
  const seen = { method: 'PUT', path: '/bucket/a b', bytes: part.length, status: 200, storeStatus: 200 };
  expect(proxy.requests).toEqual([expect.objectContaining(seen)]);
});

it('answers instead of the store as often as the rule says, to the requests that it names', async () => {
  proxy.inject({ when: named('.json', S3.put), skip: 1, times: 2, fault: { kind: 'answer', status: 503 } });
  const statuses: (number | undefined)[] = [];
  for (const key of ['a.json', 'b', 'a.json', 'a.json', 'a.json']) {
    statuses.push((await send('PUT', `/bucket/${key}`, part)).status);
  }
  expect(statuses).toEqual([200, 200, 503, 503, 200]);
  expect(stored).toHaveLength(3);
  expect(proxy.spent).toBe(true);
});

it('gives an answer of its own the headers and the body of the rule', async () => {
  proxy.inject({ fault: { kind: 'answer', status: 429, headers: { 'Retry-After': '1' }, body: '<Error/>' } });
  const answer = await send('GET', '/bucket/a');
  expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '1' }, body: Buffer.from('<Error/>') });
});

it('cuts the connection in the middle of a body, of which the store has exactly so much', async () => {
  proxy.inject({ when: S3.part, fault: { kind: 'cut', afterBytes: 100_000 } });
  const broken = new Promise((resolve) => store.once('connection', (socket) => socket.once('close', resolve)));
  await expect(send('PUT', '/bucket/a?partNumber=1&uploadId=u', part)).rejects.toThrow();
  await broken;
  expect(stored).toEqual([expect.objectContaining({ whole: false, body: part.subarray(0, 100_000) })]);
  expect(proxy.requests[0]).toMatchObject({ fault: 'cut' });
  expect(proxy.requests[0]).not.toHaveProperty('status');
});

it('loses an answer of which the store has carried out the request', async () => {
  proxy.inject({ when: S3.complete, fault: { kind: 'lose-answer' } });
  await expect(send('POST', '/bucket/a?uploadId=u')).rejects.toThrow();
  expect(stored).toHaveLength(1);
  expect(proxy.requests).toEqual([expect.objectContaining({ fault: 'lose-answer', storeStatus: 200 })]);
  expect(proxy.requests[0]).not.toHaveProperty('status');
  expect((await send('POST', '/bucket/a?uploadId=u')).status).toBe(200);
});

it('loses an answer behind one of its own', async () => {
  proxy.inject({ fault: { kind: 'lose-answer', status: 500 } });
  expect((await send('PUT', '/bucket/a', part)).status).toBe(500);
  expect(proxy.requests).toEqual([expect.objectContaining({ storeStatus: 200, status: 500 })]);
});

it('changes one byte on the way there, or back, or a header of the answer', async () => {
  proxy.inject({ fault: { kind: 'flip-byte', at: 299_999 } });
  await send('PUT', '/bucket/a', part);
  const changed = Buffer.from(part);
  changed[299_999] = 'p'.charCodeAt(0) ^ 0xff;
  expect(stored[0]?.body.equals(changed)).toBe(true);

  proxy.inject({ fault: { kind: 'flip-answer-byte', at: 1 } });
  expect((await send('GET', '/bucket/a')).body).toEqual(Buffer.from([0x30, 0x31 ^ 0xff, ...Buffer.from('23456789')]));

  proxy.inject({ fault: { kind: 'answer-header', name: 'etag', value: 'wrong' } });
  expect((await send('GET', '/bucket/a')).headers.etag).toBe('wrong');
});

it('cuts an answer short', async () => {
  proxy.inject({ fault: { kind: 'cut-answer', afterBytes: 4 } });
  await expect(send('GET', '/bucket/a')).rejects.toThrow('aborted');
});

it('holds a request until the test lets it go', async () => {
  let release = (): void => undefined;
  proxy.inject({ fault: { kind: 'hold', until: new Promise((resolve) => (release = resolve)) } });
  const held = send('PUT', '/bucket/held', part);
  await send('PUT', '/bucket/later', part);
  expect(stored.map(({ url }) => url)).toEqual(['/bucket/later']);
  release();
  await held;
  expect(stored.map(({ url }) => url)).toEqual(['/bucket/later', '/bucket/held']);
});

it('never answers, nor tells the store, until the client gives up', async () => {
  proxy.inject({ fault: { kind: 'silence' } });
  const request = sendRequest(`${proxy.origin}/bucket/a`, { method: 'PUT', agent: false });
  const outcome = new Promise((resolve) => request.once('error', ({ message }) => resolve(message)));
  request.once('response', () => request.destroy(new Error('it answered')));
  request.end(part);
  await once(request, 'finish');
  // Another request, from its beginning to its end, in the meantime.
  await send('GET', '/bucket/b');
  request.destroy(new Error('the client gave up'));
  expect(await outcome).toBe('the client gave up');
  expect(stored.map(({ url }) => url)).toEqual(['/bucket/b']);
});

it.each([
  ['request', []],
  ['answer', ['/bucket/a']],
] as const)('calls where a client is to die, with the %s on its way', async (what, told) => {
  const request = sendRequest(`${proxy.origin}/bucket/a`, { method: 'PUT', agent: false });
  const died = new Promise<void>((resolve) => request.once('close', resolve));
  const outcome: string[] = [];
  request.once('error', ({ message }) => outcome.push(message));
  request.once('response', () => outcome.push('an answer'));
  proxy.inject({ fault: { kind: 'end-at', what, call: () => request.destroy(new Error('killed')) } });
  request.end(part);
  await died;
  expect(outcome).toEqual(['killed']);
  expect(stored.map(({ url }) => url)).toEqual(told);
});

it('says that a fault has not come yet, and forgets it when it is healed', async () => {
  proxy.inject({ times: 2, fault: { kind: 'answer', status: 500 } });
  expect((await send('GET', '/bucket/a')).status).toBe(500);
  expect(proxy.spent).toBe(false);
  proxy.heal();
  expect((await send('GET', '/bucket/a')).status).toBe(200);
});

it('does not answer when the store is down', async () => {
  store.close();
  store.closeAllConnections();
  await expect(send('GET', '/bucket/a')).rejects.toThrow();
});
