import { answers } from './answers';
import { GcsSessions } from './gcs-sessions';
import { builtServer } from './programs';
import { startServer } from './server-process';
import type { RunningServer } from './server-process';

export interface FakeGcsServer extends RunningServer {
  readonly endpoint: string;
  readonly environment: Readonly<Record<'STORAGE_EMULATOR_HOST', string>>;
}

/**
 * fake-gcs-server, in memory since only there it keeps versions: `kill` and `restart` lose what was stored. It checks
 * CRC32C, MD5 and generations, and enforces no retention; resumable uploads are our own model of Google's words.
 */
export async function startFakeGcs(): Promise<FakeGcsServer> {
  const sessions = new GcsSessions();
  await sessions.listen();
  const endpoint = `http://127.0.0.1:${sessions.port}`;
  const server = await startServer({
    name: 'fake-gcs',
    launch: (_folder, port) => ({
      program: builtServer('fake-gcs-server'),
      args: [
        ...['-scheme', 'http', '-host', '127.0.0.1', '-port', `${port}`, '-backend', 'memory'],
        // Where a resumable upload goes on.
        ...['-external-url', endpoint, '-log-level', 'error'],
      ],
      environment: {},
    }),
    probe: (port) => answers(`http://127.0.0.1:${port}/_internal/healthcheck`, 200),
  }).catch(async (error: unknown) => {
    await sessions.close();
    throw error;
  });
  sessions.passTo(server.port);
  return {
    port: sessions.port,
    folder: server.folder,
    endpoint,
    environment: { STORAGE_EMULATOR_HOST: endpoint },
    get pid() {
      return server.pid;
    },
    log: () => server.log(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    async restart() {
      sessions.forget();
      await server.restart();
    },
    async kill() {
      await server.kill();
      sessions.forget();
    },
    async stop() {
      await sessions.close();
      await server.stop();
    },
  };
}
