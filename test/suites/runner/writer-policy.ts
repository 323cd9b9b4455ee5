/**
 * The writer's exact rights on S3, as the protocol has them, as a policy of MinIO, which knows no remaining-retention
 * condition for uploads and no If-None-Match condition; the rest is as deployed.
 */
export function writerPolicy(bucket: string, prefix: string): object {
  const arn = (suffix: string) => `arn:aws:s3:::${bucket}${suffix}`;
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:PutObjectRetention'],
        Resource: [arn(`/${prefix}*`)],
      },
      { Effect: 'Allow', Action: ['s3:GetObject'], Resource: [arn(`/${prefix}*.manifest.json`)] },
      {
        Effect: 'Allow',
        Action: ['s3:ListBucket'],
        Resource: [arn('')],
        Condition: { StringLike: { 's3:prefix': [`${prefix}*`] } },
      },
      { Effect: 'Deny', Action: ['s3:*'], Resource: [arn('/_*')] },
    ],
  };
}
