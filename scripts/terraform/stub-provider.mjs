/**
 * A provider that knows its schema, and keeps what it is given, served to terraform over a local socket by
 * `TF_REATTACH_PROVIDERS` (https://developer.hashicorp.com/terraform/plugin/debugging), so that `init` downloads nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';
import { providerSchema } from './schema.mjs';
import { StubCloud } from './stub-cloud.mjs';

const require = createRequire(import.meta.url);
const PROTO = path.join(import.meta.dirname, 'provider.proto');

/**
 * Serves one provider with the schemas of the named bindings; `close` ends it. `restate` changes the schema before it is
 * served.
 */
export async function serveStub(provider, bindings, restate = (schema) => schema) {
  const bindingsFolder = path.dirname(require.resolve(`@cdktf/provider-${provider}/package.json`));
  const schema = restate(providerSchema(bindingsFolder, bindings));
  const cloud = new StubCloud(schema);
  const { tfplugin6 } = grpc.loadPackageDefinition(protoLoader.loadSync(PROTO, { keepCase: true, longs: Number }));
  const fine = (_call, reply) => reply(null, { diagnostics: [] });
  const server = new grpc.Server({ 'grpc.max_send_message_length': -1 });
  server.addService(tfplugin6.Provider.service, {
    GetProviderSchema: (_call, reply) => reply(null, { ...schema, server_capabilities: {} }),
    ValidateProviderConfig: fine,
    ValidateResourceConfig: fine,
    ValidateDataResourceConfig: fine,
    ...cloud.calls(),
    StopProvider: (_call, reply) => reply(null, {}),
  });
  const folder = mkdtempSync(path.join(tmpdir(), 'stub-provider-'));
  const socket = path.join(folder, 'socket');
  await new Promise((done, failed) => {
    const insecure = grpc.ServerCredentials.createInsecure();
    server.bindAsync(`unix:${socket}`, insecure, (error) => (error ? failed(error) : done()));
  });
  return {
    cloud,
    address: `registry.terraform.io/hashicorp/${provider}`,
    reattach: {
      Protocol: 'grpc',
      ProtocolVersion: 6,
      Pid: process.pid,
      Test: true,
      Addr: { Network: 'unix', String: socket },
    },
    close() {
      server.forceShutdown();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
