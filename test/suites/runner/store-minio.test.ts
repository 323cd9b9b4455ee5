import { startMinio } from '../../servers/minio';
import { storeContract } from './store-contract';
import { S3_TRAITS, s3Harness } from './store-s3-harness';

storeContract('S3 on MinIO', S3_TRAITS, async () => s3Harness(await startMinio()));
