import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer, get, request as sendRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { azuriteScript } from './programs';
import { rawHeaders } from './raw-headers';
import { startServer } from './server-process';
import type { RunningServer } from './server-process';

export interface TokenAzurite {
  readonly account: string;
  /** Of the account, behind a front that asks `refuses` about each request first. */
  readonly endpoint: string;
  /** For NODE_EXTRA_CA_CERTS. */
  readonly certificate: string;
  /** Certificate and key, for another server that is trusted with it. */
  readonly tls: { readonly cert: Buffer; readonly key: Buffer };
  /** Of the account's key, which may do everything. */
  readonly connectionString: string;
  /** The same past the front and without TLS, for a client of this process, which does not trust the certificate. */
  readonly plainConnectionString: string;
  /** May do everything, past the front. */
  readonly client: BlobServiceClient;
  stop(): Promise<void>;
}

/** What Azure Storage says to a token that has expired. */
const EXPIRED = {
  'x-ms-error-code': 'InvalidAuthenticationInfo',
  'www-authenticate':
    'Bearer authorization_uri=https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/oauth2/authorize resource_id=https://storage.azure.com',
};

/** Azurite with OAuth, which it does over TLS only and for tokens that anybody signed. */
export async function startTokenAzurite(refuses: (request: IncomingMessage) => boolean): Promise<TokenAzurite> {
  const [account, key] = ['hypdrtest', Buffer.alloc(64, 1).toString('base64')];
  const file = (folder: string, name: string) => path.join(folder, name);
  const server = await startServer({
    name: 'azurite',
    prepare: async (folder) => {
      mkdirSync(file(folder, 'data'));
      const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
      const out = ['-keyout', file(folder, 'key.pem'), '-out', file(folder, 'cert.pem')];
      execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, ...out], { stdio: 'pipe' });
    },
    launch: (folder, port) => ({
      program: process.execPath,
      args: [
        ...[azuriteScript(), '--blobHost', '127.0.0.1', '--blobPort', `${port}`, '--oauth', 'basic'],
        ...['--cert', file(folder, 'cert.pem'), '--key', file(folder, 'key.pem')],
        ...['--location', file(folder, 'data'), '--silent', '--disableTelemetry'],
      ],
      environment: { AZURITE_ACCOUNTS: `${account}:${key}` },
    }),
    probe: (port) =>
      new Promise((resolve, reject) => {
        get(`https://127.0.0.1:${port}/`, { agent: false, rejectUnauthorized: false }, (answer) => {
          answer.resume();
          resolve();
        }).once('error', reject);
      }),
  });
  const certificate = file(server.folder, 'cert.pem');
  const tls = { cert: readFileSync(certificate), key: readFileSync(file(server.folder, 'key.pem')) };
  const [front, plain] = await Promise.all([
    startFront(server, refuses, (listener) => createServer(tls, listener)),
    startFront(server, () => false, createPlainServer),
  ]);
  // This process does not trust the certificate, so the test's own client speaks to the front of all.
  const through = `https://127.0.0.1:${front.port}/${account}`;
  const connect = (protocol: string, port: number) =>
    `DefaultEndpointsProtocol=${protocol};AccountName=${account};AccountKey=${key};BlobEndpoint=${protocol}://127.0.0.1:${port}/${account};`;
  const connectionString = connect('https', front.port);
  return {
    account,
    endpoint: through,
    certificate,
    tls,
    connectionString,
    plainConnectionString: connect('http', plain.port),
    client: BlobServiceClient.fromConnectionString(connectionString, {
      tlsOptions: { ca: readFileSync(certificate) },
    } as object),
    stop: async () => {
      await Promise.all([front.stop(), plain.stop()]);
      await server.stop();
    },
  };
}

/** A token for storage. Azurite looks at issuer, audience and times, and not at who signed. */
export function storageToken(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const iss = 'https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/';
  const claims = { aud: 'https://storage.azure.com', iss, iat: now - 5, nbf: now - 5, exp: now + 600 };
  return [part({ alg: 'HS256', typ: 'JWT' }), part({ ...claims, jti: randomUUID() }), part({})].join('.');
}

async function startFront(
  target: RunningServer,
  refuses: (request: IncomingMessage) => boolean,
  make: (listener: RequestListener) => Server,
) {
  const ca = readFileSync(path.join(target.folder, 'cert.pem'));
  const front = make((request, response) => {
    if (!refuses(request)) return pass(request, response, target.port, ca);
    request.resume().once('end', () => response.writeHead(401, EXPIRED).end());
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  return {
    port: (front.address() as AddressInfo).port,
    stop: async () => {
      const closed = once(front, 'close');
      front.close();
      front.closeAllConnections();
      await closed;
    },
  };
}

function pass(request: IncomingMessage, response: ServerResponse, port: number, ca: Buffer): void {
  const { method, url } = request;
  const where = { host: '127.0.0.1', port, method, path: url, headers: rawHeaders(request), setHost: false };
  const onward = sendRequest({ ...where, agent: false, ca }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(response);
  });
  onward.once('error', () => request.socket.destroy());
  request.pipe(onward);
}
