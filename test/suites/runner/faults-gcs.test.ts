import { startGcsStore } from '../../servers/cloud-store';
import { describeStoreFaults } from './store-faults';

describe('Google Cloud Storage', () =>
  describeStoreFaults(startGcsStore, { partBytes: 1024 * 1024, checks: 'the whole' }));
