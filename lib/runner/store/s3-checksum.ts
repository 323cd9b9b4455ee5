import { createHash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';

/**
 * SHA-256 is the checksum that every S3 server we met verifies in a part and keeps for the object, of which it makes a
 * composite; CRC64NVME, which covers whole objects, is unknown to many.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export function sha256Base64(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('base64');
}

/** The composite that a store makes of its parts' SHA-256. */
export function compositeSha256(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(Buffer.from(part, 'base64'));
  return `${hash.digest('base64')}-${parts.length}`;
}

interface ServedChecksums {
  readonly ChecksumSHA256?: string;
  readonly ChecksumCRC64NVME?: string;
  readonly ChecksumCRC32C?: string;
  readonly ChecksumCRC32?: string;
  readonly ChecksumSHA1?: string;
}

/** What a store computes of an object, as `algorithm:value`. */
export function servedChecksum(served: ServedChecksums): string | undefined {
  if (served.ChecksumSHA256) return `sha256:${served.ChecksumSHA256}`;
  if (served.ChecksumCRC64NVME) return `crc64nvme:${served.ChecksumCRC64NVME}`;
  if (served.ChecksumCRC32C) return `crc32c:${served.ChecksumCRC32C}`;
  if (served.ChecksumCRC32) return `crc32:${served.ChecksumCRC32}`;
  return served.ChecksumSHA1 ? `sha1:${served.ChecksumSHA1}` : undefined;
}

interface HttpRequest {
  readonly headers: Record<string, string>;
}

/** The signature covers a body by the same SHA-256 that we send as its checksum: a part is hashed once, not twice. */
export function signByChecksum(client: S3Client): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers = {} } = args.request as Partial<HttpRequest>;
      const checksum = headers['x-amz-checksum-sha256'];
      // A composite, which completes an upload, speaks of the object and not of the request's body.
      if (checksum && !checksum.includes('-')) {
        headers['x-amz-content-sha256'] = Buffer.from(checksum, 'base64').toString('hex');
      }
      return next(args);
    },
    { step: 'build', name: 'signByChecksum', tags: ['CHECKSUM'] },
  );
}
