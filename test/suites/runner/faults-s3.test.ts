import { startS3Store } from '../../servers/cloud-store';
import { describeStoreFaults } from './store-faults';

describe('S3', () => describeStoreFaults(startS3Store, { partBytes: 5 * 1024 * 1024, checks: 'pieces' }));
