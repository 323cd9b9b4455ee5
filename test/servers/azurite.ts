import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { answers } from './answers';
import { azuriteScript } from './programs';
import { startServer } from './server-process';
import type { RunningServer } from './server-process';

export interface AzuriteServer extends RunningServer {
  readonly account: string;
  /** Address of the account, which a proxy replaces: `http://127.0.0.1:<port>/<account>`. */
  readonly endpoint: string;
  readonly environment: Readonly<Record<'AZURE_STORAGE_CONNECTION_STRING', string>>;
  /** The connection string for the account behind another port, such as a proxy's. */
  connectionString(port?: number): string;
}

/**
 * Azurite's blob service. It knows no immutability and no versions, and refuses wrong MD5 and CRC64. Its index is saved
 * every few seconds: `kill` loses what came after, `restart` of a running one does not.
 */
export async function startAzurite(): Promise<AzuriteServer> {
  const [account, key] = ['hypdrtest', randomBytes(64).toString('base64')];
  const server = await startServer({
    name: 'azurite',
    prepare: async (folder) => {
      mkdirSync(path.join(folder, 'data'));
    },
    launch: (folder, port) => ({
      program: process.execPath,
      args: [
        ...[azuriteScript(), '--blobHost', '127.0.0.1', '--blobPort', `${port}`],
        ...['--location', path.join(folder, 'data'), '--silent', '--disableTelemetry'],
      ],
      environment: { AZURITE_ACCOUNTS: `${account}:${key}` },
    }),
    probe: (port) => answers(`http://127.0.0.1:${port}/`),
  });
  const endpoint = (port = server.port) => `http://127.0.0.1:${port}/${account}`;
  const connectionString = (port?: number) =>
    `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};BlobEndpoint=${endpoint(port)};`;
  return Object.assign(server, {
    account,
    endpoint: endpoint(),
    environment: { AZURE_STORAGE_CONNECTION_STRING: connectionString() },
    connectionString,
  });
}
