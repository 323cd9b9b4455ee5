import { createServer, request as send } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What goes wrong with a request that matches. */
export interface Fault {
  readonly matches: (line: string) => boolean;
  /** How often; then it is over. */
  readonly times: number;
  readonly kind:
    | { readonly kind: 'status'; readonly status: number; readonly body?: string }
    /** The server does it, and nobody hears. */
    | { readonly kind: 'lost_answer' }
    /** The connection ends after some of the body. */
    | { readonly kind: 'cut' }
    /** Nothing is ever said. */
    | { readonly kind: 'silence' }
    /** The answer ends in its middle. */
    | { readonly kind: 'cut_answer' }
    /** So does this one, and the connection stays open. */
    | { readonly kind: 'stalled_answer' }
    /** One bit of the body changes on its way. */
    | { readonly kind: 'bit_flip' };
}

export interface FaultProxy {
  readonly port: number;
  /** Method, address and `content-range` of each request, in order. */
  readonly lines: readonly string[];
  add(fault: Fault): void;
  /** Ends all faults. */
  heal(): void;
  stop(): Promise<void>;
}

/** Stands before a real server and makes its requests go wrong. The Host header stays, since signatures cover it. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  const lines: string[] = [];
  let faults: { fault: Fault; left: number }[] = [];
  const server = createServer((request, response) => {
    const line = [request.method, request.url, request.headers['content-range']].filter(Boolean).join(' ');
    lines.push(line);
    const struck = faults.find(({ fault, left }) => left > 0 && fault.matches(line));
    if (struck) struck.left -= 1;
    void pass(request, response, targetPort, struck?.fault.kind);
  });
  server.requestTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    lines,
    add: (fault) => void faults.push({ fault, left: fault.times }),
    heal: () => void (faults = []),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function pass(
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
  fault: Fault['kind'] | undefined,
) {
  if (fault?.kind === 'silence') return;
  if (fault?.kind === 'cut') {
    request.once('data', () => request.socket.destroy());
    request.once('end', () => request.socket.destroy());
    return;
  }
  const body: Buffer[] = [];
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) body.push(chunk);
  } catch {
    return;
  }
  if (fault?.kind === 'status') {
    response.writeHead(fault.status, { 'content-type': 'application/xml' }).end(fault.body ?? '');
    return;
  }
  const whole = Buffer.concat(body);
  if (fault?.kind === 'bit_flip' && whole.length > 0) {
    const middle = Math.floor(whole.length / 2);
    whole[middle] = (whole[middle] ?? 0) ^ 1;
  }
  const { expect: _, ...headers } = request.headers;
  const onward = send(
    { host: '127.0.0.1', port, method: request.method, path: request.url, headers, agent: false },
    (answer) => {
      if (fault?.kind === 'lost_answer') {
        answer.resume().once('end', () => request.socket.destroy());
        return;
      }
      if (fault?.kind === 'cut_answer' || fault?.kind === 'stalled_answer') {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.once('data', (chunk: Buffer) => {
          response.write(chunk.subarray(0, Math.ceil(chunk.length / 2)), () => {
            if (fault.kind === 'cut_answer') request.socket.destroy();
          });
          answer.destroy();
        });
        return;
      }
      // The session of a resumable upload goes on through here.
      const { location } = answer.headers;
      if (location) answer.headers.location = location.replace(`:${port}/`, `:${request.socket.localPort}/`);
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  onward.once('error', () => request.socket.destroy());
  onward.end(whole);
}
