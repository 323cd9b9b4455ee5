import { Crc32c } from '../../../lib/runner/store/crc32c';
import { openGcs } from '../../../lib/runner/store/gcs';
import { failureOf, someBytes, upload } from '../../runner/store/bytes';
import { startScripted } from '../../runner/store/scripted-server';
import type { ScriptedAnswer, ScriptedRequest, ScriptedServer } from '../../runner/store/scripted-server';
import { testMachine } from '../../runner/store/store-machine';

const KIB = 1024;
const GRAIN = 256 * KIB;

function crc32c(body: Buffer): string {
  const crc = new Crc32c();
  crc.update(body);
  return crc.base64();
}

const json = (status: number, body: object, headers: Record<string, string> = {}): ScriptedAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
const refusal = (status: number, message: string) => json(status, { error: { code: status, message } });

/**
 * What Google documents of resumable uploads and the emulator does otherwise: bytes that it holds are ignored when they
 * are sent again, it may keep less than it was sent, and refuses the last ones where the checksum differs. Our model of
 * the service, not proof about it: https://cloud.google.com/storage/docs/resumable-uploads
 */
class DocumentedUploads {
  held = Buffer.alloc(0);
  readonly objects = new Map<string, Buffer>();
  /** Bytes that are kept of each chunk at most. */
  keeps = Number.MAX_SAFE_INTEGER;
  /** Answers that get lost: at the n-th chunk. */
  readonly lost = new Set<number>();
  afterwards: ScriptedAnswer = refusal(410, 'gone');
  #chunks = 0;

  constructor(private readonly endpoint: () => string) {}

  answer(request: ScriptedRequest): ScriptedAnswer {
    const { method, query, headers } = request;
    if (method === 'POST') {
      this.held = Buffer.alloc(0);
      const name = query.get('name') ?? '';
      if (query.get('ifGenerationMatch') !== '0') return refusal(400, 'unconditional');
      return json(200, {}, { location: `${this.endpoint()}/session?name=${encodeURIComponent(name)}` });
    }
    if (method === 'GET')
      return json(200, { items: [...this.objects].map(([name, body]) => this.#object(name, body)) });
    if (method === 'DELETE') return { status: 499 };
    return this.#chunk(query.get('name') ?? '', headers, request.body);
  }

  #chunk(name: string, headers: Readonly<Record<string, string>>, body: Buffer): ScriptedAnswer {
    this.#chunks += 1;
    if (this.objects.has(name)) return this.afterwards;
    const [, first = '*', total = '*'] =
      /^bytes (\*|\d+)(?:-\d+)?\/(\*|\d+)$/.exec(headers['content-range'] ?? '') ?? [];
    const from = first === '*' ? this.held.length : Number(first);
    if (from > this.held.length) return refusal(400, 'a hole');
    if (total === '*' && body.length % GRAIN !== 0) return refusal(400, 'not a multiple of 256 KiB');
    this.held = Buffer.concat([this.held, body.subarray(this.held.length - from).subarray(0, this.keeps)]);
    if (total !== '*' && this.held.length === Number(total)) {
      const told = headers['x-goog-hash'];
      if (told !== undefined && told !== `crc32c=${crc32c(this.held)}`)
        return refusal(400, 'Provided CRC32C does not match');
      this.objects.set(name, this.held);
    }
    if (this.lost.has(this.#chunks)) return 'lost';
    if (this.objects.has(name)) return json(200, this.#object(name, this.held));
    return { status: 308, headers: this.held.length > 0 ? { range: `bytes=0-${this.held.length - 1}` } : {} };
  }

  #object(name: string, body: Buffer) {
    return { name, size: `${body.length}`, crc32c: crc32c(body), generation: '7', updated: '2026-07-01T00:00:00Z' };
  }
}

describe('GCS resumable uploads, as they are documented', () => {
  let server: ScriptedServer;
  let service: DocumentedUploads;
  const machine = () => testMachine({ environment: { STORAGE_EMULATOR_HOST: server.endpoint } });
  const open = () => openGcs({ id: 'main', bucket: 'backups' }, machine(), { partBytes: GRAIN });

  beforeEach(async () => {
    service = new DocumentedUploads(() => server.endpoint);
    server = await startScripted((request) => service.answer(request));
  });
  afterEach(() => server.stop());

  it.each([GRAIN, GRAIN + 1, 4 * GRAIN, 4 * GRAIN + 12345])('carry an object of %d bytes', async (bytes) => {
    const body = someBytes(bytes);
    expect(await upload(open(), 'x', body)).toEqual({ bytes, checksum: `crc32c:${crc32c(body)}`, version: '7' });
    expect(service.objects.get('x')?.equals(body)).toBe(true);
  });

  it('go on where the service is, when it keeps less than it was sent', async () => {
    service.keeps = GRAIN;
    const body = someBytes(4 * GRAIN + 5);
    const store = openGcs({ id: 'main', bucket: 'backups' }, machine(), { partBytes: 4 * GRAIN });
    await upload(store, 'x', body);
    expect(service.objects.get('x')?.equals(body)).toBe(true);
  });

  it('send a chunk again whose answer was lost', async () => {
    service.lost.add(1).add(2).add(4);
    const body = someBytes(3 * GRAIN + 5);
    await upload(open(), 'x', body);
    expect(service.objects.get('x')?.equals(body)).toBe(true);
  });

  it.each([
    ['gone', refusal(410, 'gone')],
    ['unknown', refusal(404, 'no such session')],
    ['taken', refusal(412, 'precondition')],
  ])('know their own object when the last answer was lost and the session is then %s', async (_word, afterwards) => {
    service.lost.add(3);
    service.afterwards = afterwards;
    const body = someBytes(2 * GRAIN + 5);
    expect(await upload(open(), 'x', body)).toEqual({
      bytes: body.length,
      checksum: `crc32c:${crc32c(body)}`,
      version: '7',
    });
  });

  it('take no other object of the same size for their own', async () => {
    const body = someBytes(2 * GRAIN + 5);
    service.objects.set('x', someBytes(body.length, 'another'));
    service.afterwards = refusal(412, 'precondition');
    expect(await failureOf(upload(open(), 'x', body))).toBe('foreign');
  });

  it('end with a session that is gone in the middle', async () => {
    server = await stopAnd(server, (request) =>
      request.method === 'PUT' ? refusal(410, 'gone') : service.answer(request),
    );
    expect(await failureOf(upload(open(), 'x', someBytes(2 * GRAIN)))).toBe('retry');
  });

  it('let the service refuse an object of other bytes', async () => {
    server = await stopAnd(server, (request) => {
      if (request.method === 'PUT' && request.body.length > 0) request.body[0] = (request.body[0] ?? 0) ^ 1;
      return service.answer(request);
    });
    expect(await failureOf(upload(open(), 'x', someBytes(GRAIN + 5)))).toBe('damaged');
    expect(service.objects.size).toBe(0);
  });

  it('do not call stored what came out as other bytes all the same, and delete nothing', async () => {
    server = await stopAnd(server, (request) => {
      const answer = service.answer(request);
      if (typeof answer !== 'string' && request.method === 'PUT' && answer.status === 200) {
        return json(200, { ...(JSON.parse(`${answer.body}`) as object), crc32c: 'AAAAAA==' });
      }
      return answer;
    });
    expect(await failureOf(upload(open(), 'x', someBytes(GRAIN + 5)))).toBe('damaged');
    expect(server.requests.some(({ method, path }) => method === 'DELETE' && path.includes('/o/'))).toBe(false);
  });
});

async function stopAnd(server: ScriptedServer, answer: (request: ScriptedRequest) => ScriptedAnswer) {
  await server.stop();
  return startScripted(answer);
}
