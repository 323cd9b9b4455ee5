import { startAzureStore } from '../../servers/cloud-store';
import { describeStoreFaults } from './store-faults';

describe('Azure Blob', () => describeStoreFaults(startAzureStore, { partBytes: 1024 * 1024, checks: 'pieces' }));
