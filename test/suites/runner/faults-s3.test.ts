import { startS3Store, startVersityStore } from '../../servers/cloud-store';
import { describeStoreFaults } from './store-faults';

const traits = { partBytes: 5 * 1024 * 1024, checks: 'pieces' } as const;

describe('S3', () => describeStoreFaults(startS3Store, traits));

// Servers differ in what they say to the repetition of a request that they carried out.
describe('another S3 server', () =>
  describeStoreFaults(startVersityStore, { ...traits, faults: /loses its answer|gets wrong bytes/ }));
