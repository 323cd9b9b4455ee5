import { answers } from './answers';
import { builtServer } from './programs';
import { startServer } from './server-process';
import type { RunningServer } from './server-process';

export interface FakeGcsServer extends RunningServer {
  readonly endpoint: string;
  readonly environment: Readonly<Record<'STORAGE_EMULATOR_HOST', string>>;
}

/**
 * fake-gcs-server, in memory since only there it keeps versions: `kill` and `restart` lose what was stored. It checks
 * CRC32C, MD5 and generations, and enforces no retention.
 */
export async function startFakeGcs(): Promise<FakeGcsServer> {
  const server = await startServer({
    name: 'fake-gcs',
    launch: (_folder, port) => ({
      program: builtServer('fake-gcs-server'),
      args: [
        ...['-scheme', 'http', '-host', '127.0.0.1', '-port', `${port}`, '-backend', 'memory'],
        // Where a resumable upload goes on.
        ...['-external-url', `http://127.0.0.1:${port}`, '-log-level', 'error'],
      ],
      environment: {},
    }),
    probe: (port) => answers(`http://127.0.0.1:${port}/_internal/healthcheck`, 200),
  });
  const endpoint = `http://127.0.0.1:${server.port}`;
  return Object.assign(server, { endpoint, environment: { STORAGE_EMULATOR_HOST: endpoint } });
}
