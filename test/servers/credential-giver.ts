import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface GivenAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An endpoint of loopback that hands out credentials, as a container's, a job's or a virtual machine's own does. */
export interface CredentialGiver {
  readonly origin: string;
  /** `host:port` */
  readonly host: string;
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

export interface AskedOf {
  readonly query: URLSearchParams;
  /** Empty for a GET. */
  readonly body: string;
}

export type Give = (path: string, headers: Readonly<Record<string, unknown>>, asked: AskedOf) => Promise<GivenAnswer>;

/** @param tls - certificate and key, as PEM. @default - plain HTTP */
export async function startGiver(
  answer: Give,
  tls?: { readonly cert: Buffer; readonly key: Buffer },
): Promise<CredentialGiver> {
  const asked: string[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://127.0.0.1');
    asked.push(pathname);
    const body = await text(request);
    answer(pathname, request.headers, { query, body }).then(
      ({ status = 200, headers = {}, body }) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
      },
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  };
  const listener = (request: IncomingMessage, response: ServerResponse) => void serve(request, response);
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    origin: `${tls ? 'https' : 'http'}://${host}`,
    asked,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
