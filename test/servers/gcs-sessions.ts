import { once } from 'node:events';
import { createServer, request as sendRequest } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rawHeaders } from './raw-headers';

/** Broken requests leave whole units of this behind. */
const UNIT = 256 * 1024;

/** One resumable upload: what has come of it, and the answer that ended it. */
interface Session {
  content: Buffer;
  answer?: { readonly status: number; readonly body: Buffer };
}

/**
 * Resumable uploads as Google describes them, before a fake-gcs-server, which appends a repeated chunk once more and
 * takes a question about the state for the end of the upload. The object is handed on when it is whole, so the
 * server still judges checksums and generations. https://cloud.google.com/storage/docs/performing-resumable-uploads
 */
export class GcsSessions {
  readonly #sessions = new Map<string, Session>();
  readonly #server: Server;
  #target = 0;

  constructor() {
    this.#server = createServer({ requestTimeout: 0 }, (request, response) => {
      const { socket } = request;
      this.#handle(request, response).catch(() => socket.destroy());
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  passTo(port: number): void {
    this.#target = port;
  }

  /** As a server in memory does when it dies. */
  forget(): void {
    this.#sessions.clear();
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = new URL(request.url ?? '/', 'http://127.0.0.1').searchParams.get('upload_id');
    if (id === null) {
      const answer = await this.#forward(request, request);
      const started = answer.headers.location && new URL(answer.headers.location).searchParams.get('upload_id');
      if (started) this.#sessions.set(started, { content: Buffer.alloc(0) });
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
      answer.pipe(response);
      return;
    }
    const session = this.#sessions.get(id);
    if (!session) return void response.writeHead(404).end();
    if (request.method === 'DELETE') {
      this.#sessions.delete(id);
      // https://cloud.google.com/storage/docs/performing-resumable-uploads#cancel-upload
      return void response.writeHead(499).end();
    }
    await this.#take(session, request, response);
  }

  async #take(session: Session, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, first, total = '*'] = /^bytes (?:(\d+)-(?:\d+|\*)|\*)\/(\d+|\*)$/.exec(
      request.headers['content-range'] ?? 'bytes 0-*/*',
    ) ?? ['', '*'];
    if (first === '*') return void response.writeHead(400).end();
    const before = session.content.length;
    if (first !== undefined && Number(first) > before) return void response.writeHead(503).end();
    const chunks: Buffer[] = [];
    const keep = (bytes: number) => {
      if (first === undefined || session.answer) return;
      const known = session.content.subarray(0, Number(first));
      const content = Buffer.concat([known, ...chunks]);
      // What was kept once stays as it was: a repeated chunk adds only what is new.
      session.content = Buffer.concat([session.content, content.subarray(session.content.length, bytes)]);
    };
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    } catch (error) {
      const come = Number(first) + Buffer.concat(chunks).length;
      keep(come - (come % UNIT));
      throw error;
    }
    keep(Infinity);
    const whole =
      total === '*'
        ? first !== undefined && !request.headers['content-length']
        : session.content.length >= Number(total);
    if (!session.answer && !whole) {
      const kept = session.content.length;
      return void response.writeHead(308, kept > 0 ? { Range: `bytes=0-${kept - 1}` } : {}).end();
    }
    session.answer ??= await this.#finish(session, request);
    response.writeHead(session.answer.status, { 'Content-Type': 'application/json' }).end(session.answer.body);
  }

  async #finish({ content }: Session, request: IncomingMessage): Promise<NonNullable<Session['answer']>> {
    const range = content.length > 0 ? `bytes 0-${content.length - 1}/${content.length}` : 'bytes */0';
    const answer = await this.#forward(request, [content], { 'Content-Range': range });
    const body: Buffer[] = [];
    for await (const chunk of answer as AsyncIterable<Buffer>) body.push(chunk);
    return { status: answer.statusCode ?? 502, body: Buffer.concat(body) };
  }

  async #forward(
    request: IncomingMessage,
    body: AsyncIterable<Buffer> | Iterable<Buffer>,
    changed?: Readonly<Record<string, string>>,
  ): Promise<IncomingMessage> {
    const kept = Object.entries(rawHeaders(request)).filter(
      ([name]) => !changed || !/^(content-range|content-length|transfer-encoding)$/i.test(name),
    );
    const onward = sendRequest({
      ...{ host: '127.0.0.1', port: this.#target, agent: false, method: request.method, path: request.url },
      ...{ headers: { ...Object.fromEntries(kept), ...changed }, setHost: false },
    });
    const answer = once(onward, 'response') as Promise<[IncomingMessage]>;
    answer.catch(() => undefined);
    for await (const chunk of body) onward.write(chunk);
    onward.end();
    return (await answer)[0];
  }
}
