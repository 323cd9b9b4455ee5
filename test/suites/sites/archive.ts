import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import path from 'node:path';
import type { MinioServer } from '../../servers/minio';
import { systemProgram } from '../../servers/programs';
import { runProgram } from '../../servers/run-program';
import { REGION, s3Client } from '../../servers/s3';
import { account } from './machine';
import type { Machine } from './machine';

/** Lines of `pgbackrest.conf` that lead to a bucket of the S3 server behind `port`, which speaks TLS as pgBackRest asks for. */
export function archiveIn(bucket: string, { credentials }: MinioServer, port: number): string {
  return [
    'repo1-type=s3',
    `repo1-s3-bucket=${bucket}`,
    `repo1-s3-region=${REGION}`,
    'repo1-s3-endpoint=127.0.0.1',
    `repo1-storage-port=${port}`,
    'repo1-storage-verify-tls=n',
    'repo1-s3-uri-style=path',
    `repo1-s3-key=${credentials.accessKeyId}`,
    `repo1-s3-key-secret=${credentials.secretAccessKey}`,
  ].join('\n');
}

/** Keys of the segments in the archive of a site, oldest first. */
export async function segmentsIn(bucket: string, minio: MinioServer): Promise<readonly string[]> {
  const client = s3Client(minio);
  const Prefix = `log/archive/${bucket.replaceAll('-', '_')}/`;
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }));
  client.destroy();
  return Contents.map(({ Key = '' }) => Key)
    .filter((key) => /[0-9A-F]{24}-[0-9a-f]{40}/.test(key))
    .sort();
}

/** What the owner of a primary runs by the configuration that its script wrote. */
export function pgbackrest({ etc }: Machine, stanza: string, word: string): Promise<string> {
  const args = [`--config=${path.join(etc, 'pgbackrest.conf')}`, `--stanza=${stanza}`, word];
  return runProgram(systemProgram('pgbackrest'), args, { user: account });
}
