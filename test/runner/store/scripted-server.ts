import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** An answer, which is `cut` after its body's first bytes, or the end of the connection without one. */
export type ScriptedAnswer =
  | {
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string | Buffer;
      readonly cut?: true;
    }
  | 'lost';

export interface ScriptedServer {
  readonly endpoint: string;
  readonly requests: readonly ScriptedRequest[];
  stop(): Promise<void>;
}

/** A server of loopback whose every answer the test gives, for what real servers can't be brought to say. */
export async function startScripted(answer: (request: ScriptedRequest) => ScriptedAnswer): Promise<ScriptedServer> {
  const requests: ScriptedRequest[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://localhost');
      const request: ScriptedRequest = {
        method: incoming.method ?? '',
        path: decodeURIComponent(url.pathname),
        query: url.searchParams,
        headers: incoming.headers as Record<string, string>,
        body: Buffer.concat(chunks),
      };
      requests.push(request);
      const given = answer(request);
      if (given === 'lost') incoming.socket.destroy();
      else if (given.cut) {
        response.writeHead(given.status, given.headers).write(given.body ?? '', () => incoming.socket.destroy());
      } else response.writeHead(given.status, given.headers).end(given.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
