import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

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

export async function startGiver(
  answer: (path: string, headers: Readonly<Record<string, unknown>>) => Promise<GivenAnswer>,
): Promise<CredentialGiver> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    asked.push(pathname);
    request.resume();
    answer(pathname, request.headers).then(
      ({ status = 200, headers = {}, body }) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
      },
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    origin: `http://${host}`,
    asked,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
