import { once } from 'node:events';
import { createServer, request as sendRequest } from 'node:http';
import type { ClientRequest, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { Script } from './fault';
import type { Fault, PassedRequest, Rule, SeenRequest } from './fault';
import { pairsOf, rawHeaders } from './raw-headers';

export interface FaultProxy {
  readonly port: number;
  /** Origin that stands for the store's: `http://127.0.0.1:<port>`. */
  readonly origin: string;
  /** In the order in which they began; cleared by `forget`. */
  readonly requests: readonly Readonly<PassedRequest>[];
  /** Rules are asked in the order in which they were given. */
  inject(rule: Rule): void;
  /** True once no rule waits for a request any more. */
  readonly spent: boolean;
  /** Drops the rules; what hangs goes on to hang. */
  heal(): void;
  forget(): void;
  stop(): Promise<void>;
}

/** A proxy on loopback before a store that speaks HTTP. Hosts and headers stay as signed. */
export async function startFaultProxy(target: { readonly port: number }): Promise<FaultProxy> {
  const proxy = new HttpProxy(target.port);
  await proxy.listen();
  return proxy;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

class HttpProxy implements FaultProxy {
  readonly requests: Mutable<PassedRequest>[] = [];
  readonly #script = new Script();
  readonly #server: Server;
  readonly #target: number;
  readonly #stopped = new AbortController();

  constructor(target: number) {
    this.#target = target;
    this.#server = createServer({ requestTimeout: 0 }, (request, response) => {
      const { socket } = request;
      this.#handle(request, response).catch(() => socket.destroy());
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get spent(): boolean {
    return this.#script.spent;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  inject(rule: Rule): void {
    this.#script.add(rule);
  }

  heal(): void {
    this.#script.clear();
  }

  forget(): void {
    this.requests.length = 0;
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request;
    const seen = see(request);
    const fault = this.#script.next(seen);
    const record: Mutable<PassedRequest> = { ...seen, bytes: 0, ...(fault ? { fault: fault.kind } : {}) };
    this.requests.push(record);
    request.on('data', (chunk: Buffer) => (record.bytes += chunk.length));
    request.pause();
    if (fault?.kind === 'silence') return void request.resume();
    if (fault?.kind === 'end-at' && fault.what === 'request') {
      fault.call();
      return void request.resume();
    }
    if (fault?.kind === 'answer') {
      for await (const _ of request);
      return this.#answer(record, response, fault);
    }
    if (fault?.kind === 'delay') await pause(fault.milliseconds, undefined, { signal: this.#stopped.signal });
    if (fault?.kind === 'hold') await fault.until;

    const onward = sendRequest({
      ...{ host: '127.0.0.1', port: this.#target, agent: false, signal: this.#stopped.signal },
      ...{ method: request.method, path: request.url, headers: rawHeaders(request), setHost: false },
    });
    onward.on('error', () => socket.destroy());
    const leave = () => onward.destroy();
    socket.once('close', leave);
    // A connection that is kept carries many requests.
    onward.once('close', () => socket.off('close', leave));
    const answering = once(onward, 'response') as Promise<[IncomingMessage]>;
    answering.catch(() => undefined);
    // A store may refuse before the body has come: its answer goes back at once, as it would without a proxy.
    void this.#sendBody(request, onward, fault);
    const [answer] = await answering;
    record.storeStatus = answer.statusCode;
    await this.#passBack(record, answer, response, fault);
  }

  async #sendBody(request: IncomingMessage, onward: ClientRequest, fault: Fault | undefined): Promise<void> {
    try {
      if (fault?.kind === 'cut' && (await copy(request, onward, { limit: fault.afterBytes })) === 'limit') {
        request.socket.resetAndDestroy();
        onward.destroy();
        return;
      }
      if (fault?.kind !== 'cut')
        await copy(request, onward, { flip: fault?.kind === 'flip-byte' ? fault.at : undefined });
      onward.end();
    } catch {
      onward.destroy();
    }
  }

  async #passBack(
    record: Mutable<PassedRequest>,
    answer: IncomingMessage,
    response: ServerResponse,
    fault: Fault | undefined,
  ): Promise<void> {
    if (fault?.kind === 'lose-answer') {
      for await (const _ of answer);
      if (fault.status !== undefined) return this.#answer(record, response, { status: fault.status });
      response.socket?.resetAndDestroy();
      return;
    }
    if (fault?.kind === 'end-at') {
      for await (const _ of answer);
      return fault.call();
    }
    record.status = answer.statusCode;
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, this.#answerHeaders(answer, fault));
    const limit = fault?.kind === 'cut-answer' ? fault.afterBytes : undefined;
    const flip = fault?.kind === 'flip-answer-byte' ? fault.at : undefined;
    if ((await copy(answer, response, { limit, flip })) === 'limit') {
      answer.destroy();
      response.socket?.destroySoon();
    } else response.end();
  }

  #answer(
    record: Mutable<PassedRequest>,
    response: ServerResponse,
    answer: Omit<Extract<Fault, { kind: 'answer' }>, 'kind'>,
  ) {
    record.status = answer.status;
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body ?? '');
  }

  /** The store's own address in `Location` would lead a resumable upload around the proxy. */
  #answerHeaders(answer: IncomingMessage, fault: Fault | undefined): string[] {
    const pairs = pairsOf(answer.rawHeaders).map(([name, value]): [string, string] =>
      name.toLowerCase() === 'location'
        ? [name, value.replace(`http://127.0.0.1:${this.#target}`, this.origin)]
        : [name, value],
    );
    if (fault?.kind !== 'answer-header') return pairs.flat();
    const kept = pairs.filter(([name]) => name.toLowerCase() !== fault.name.toLowerCase());
    return [...kept, [fault.name, fault.value]].flat();
  }
}

/** Copies a body, counting: up to `limit` bytes, with the byte at `flip` changed. */
async function copy(
  from: Readable,
  to: Writable,
  { limit = Infinity, flip }: { readonly limit?: number; readonly flip?: number },
): Promise<'end' | 'limit'> {
  let count = 0;
  // A stream that its reader leaves is destroyed else, and its socket with it.
  for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    const part = chunk.subarray(0, Math.max(0, limit - count));
    if (flip !== undefined && flip >= count && flip < count + part.length) part[flip - count]! ^= 0xff;
    count += part.length;
    if (part.length > 0 && !to.write(part)) await drained(to);
    if (to.destroyed) return 'end';
    if (count >= limit) {
      await flushed(to);
      return 'limit';
    }
  }
  return 'end';
}

/** Resolves when there is room for more, or nobody left to take it. */
function drained(to: Writable): Promise<void> {
  return new Promise((resolve) => {
    const events = ['drain', 'close', 'error'] as const;
    const done = () => {
      for (const event of events) to.off(event, done);
      resolve();
    };
    for (const event of events) to.on(event, done);
  });
}

/** Bytes that are only in this process's buffer would die with the connection. */
function flushed(to: Writable): Promise<void> {
  return new Promise((resolve) => to.write('', () => resolve()));
}

function see(request: IncomingMessage): SeenRequest {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  return {
    method: request.method ?? '',
    path: decodeURI(url.pathname),
    query: url.searchParams,
    headers: request.headers,
  };
}
