import { BlobServiceClient } from '@azure/storage-blob';
import { openStore } from '../../../lib/runner/store/open';
import { startFaultProxy } from '../../runner/store/fault-proxy';
import { testMachine } from '../../runner/store/store-machine';
import { startAzurite } from '../../servers/azurite';
import { storeContract } from './store-contract';

const CONTAINER = 'hypdr-contract';
const target = (bucket: string) =>
  ({ id: 'task', from: [], store: 'main', cloud: 'azure', region: 'westeurope', bucket, path: 'data/' }) as const;

storeContract(
  'Azure Blob on azurite',
  { network: { resends: true, refusesDamage: true }, secrets: true, versions: 'none' },
  async () => {
    const server = await startAzurite();
    await BlobServiceClient.fromConnectionString(server.connectionString()).createContainer(CONTAINER);
    const proxy = await startFaultProxy(server.port);
    const connection = server.connectionString(proxy.port);
    const machine = testMachine({ environment: { AZURE_STORAGE_CONNECTION_STRING: connection } });
    const wrongKey = Buffer.alloc(64, 7).toString('base64');
    const wrong = connection.replace(/AccountKey=[^;]+/, `AccountKey=${wrongKey}`);
    return {
      machine,
      proxy,
      partBytes: 256 * 1024,
      requests: {
        put: (line) => line.startsWith('PUT') && !line.includes('comp='),
        part: (line) => line.startsWith('PUT') && /comp=block(&|$)/.test(line),
        commit: (line) => line.startsWith('PUT') && line.includes('comp=blocklist'),
        list: (line) => line.includes('comp=list'),
      },
      open: (limits) => openStore(target(CONTAINER), machine, limits),
      openMissing: () => openStore(target('hypdr-nowhere'), machine),
      openWrong: () =>
        openStore(target(CONTAINER), { ...machine, environment: { AZURE_STORAGE_CONNECTION_STRING: wrong } }),
      stop: async () => {
        await proxy.stop();
        await server.stop();
      },
    };
  },
);
