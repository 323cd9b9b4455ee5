import { Storage } from '@google-cloud/storage';
import { openStore } from '../../../lib/runner/store/open';
import { startFaultProxy } from '../../runner/store/fault-proxy';
import { testMachine } from '../../runner/store/store-machine';
import { startFakeGcs } from '../../servers/fake-gcs';
import { storeContract } from './store-contract';

const BUCKET = 'hypdr-contract';
const target = (bucket: string) =>
  ({ id: 'task', from: [], store: 'main', cloud: 'google', region: 'europe-west3', bucket, path: 'data/' }) as const;

// The emulator has no identities, appends a chunk that is sent twice, and knows no checksum of a resumable upload: what
// the service does then is in test/runner/store/gcs.test.ts.
storeContract(
  'GCS on fake-gcs-server',
  { network: { resends: false, refusesDamage: false }, secrets: false, versions: 'versions' },
  async () => {
    const server = await startFakeGcs();
    const client = new Storage({ apiEndpoint: server.endpoint, projectId: 'test' });
    await client.createBucket(BUCKET, { versioning: { enabled: true } });
    const proxy = await startFaultProxy(server.port);
    const machine = testMachine({ environment: { STORAGE_EMULATOR_HOST: `http://127.0.0.1:${proxy.port}` } });
    return {
      machine,
      proxy,
      partBytes: 256 * 1024,
      requests: {
        put: (line) => line.startsWith('POST') && line.includes('uploadType=multipart'),
        part: (line) => / bytes \d+-\d+\/\*$/.test(line),
        commit: (line) => / bytes (\d+-\d+|\*)\/\d+$/.test(line),
        list: (line) => /^GET \S*\/o\?/.test(line),
      },
      open: (limits) => openStore(target(BUCKET), machine, limits),
      openMissing: () => openStore(target('hypdr-nowhere'), machine),
      overwrite: async (key, body) => client.bucket(BUCKET).file(key).save(body, { resumable: false }),
      stop: async () => {
        await proxy.stop();
        await server.stop();
      },
    };
  },
);
