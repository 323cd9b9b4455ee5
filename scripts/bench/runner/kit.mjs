/** What the bench takes from our TypeScript: bundled by esbuild, since scripts run without a compiler. */
export { compile } from '../../../lib/compile';
export { NODE_FLAGS } from '../../../lib/hosts';
export { startMariadb } from '../../../test/servers/mariadb';
export { startMinio } from '../../../test/servers/minio';
export { startPostgres } from '../../../test/servers/postgres';
export { createBucket, s3Client } from '../../../test/servers/s3';
export { DeleteObjectsCommand, GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
