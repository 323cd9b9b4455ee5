import { AccountPrincipal, AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ReplicaWriter } from './key';

/**
 * What the policy of every data bucket denies beside plain HTTP, whoever asks. Replication is another action
 * (`s3:ReplicateObject`) and is not touched by it.
 */
export function renderWriteDenials(bucketArn: string, keyArn: string): PolicyStatement[] {
  return [denyOverwrites(bucketArn), denyOtherEncryption(bucketArn), denyOtherKeys(bucketArn, keyArn)];
}

/**
 * An object is written once. Parts of an upload can't carry the header, its completion must: only operations that create
 * an object are held to it. Copies into the bucket are refused with it, as S3 documents.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 */
function denyOverwrites(bucketArn: string): PolicyStatement {
  return denyPut('DenyOverwrites', bucketArn, {
    Null: { 's3:if-none-match': 'true' },
    Bool: { 's3:ObjectCreationOperation': 'true' },
  });
}

/**
 * A request without the header gets the bucket's own encryption; one that asks for another is refused. The key has to be
 * present (`Null`), since `StringNotEquals` also holds where it is absent.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
function denyOtherEncryption(bucketArn: string): PolicyStatement {
  return denyPut('DenyOtherEncryption', bucketArn, {
    Null: { 's3:x-amz-server-side-encryption': 'false' },
    StringNotEquals: { 's3:x-amz-server-side-encryption': ['aws:kms', 'aws:kms:dsse'] },
  });
}

/** A key that only its owner can use would make a backup that nobody else can restore. */
function denyOtherKeys(bucketArn: string, keyArn: string): PolicyStatement {
  return denyPut('DenyOtherKeys', bucketArn, {
    Null: { 's3:x-amz-server-side-encryption-aws-kms-key-id': 'false' },
    StringNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': keyArn },
  });
}

function denyPut(sid: string, bucketArn: string, conditions: Record<string, Record<string, unknown>>): PolicyStatement {
  return new PolicyStatement({
    sid,
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ['s3:PutObject'],
    resources: [`${bucketArn}/*`],
    conditions,
  });
}

/**
 * Lets the replication role of another account write replicas, and make them this account's own. It gets no
 * `s3:ReplicateDelete`: deletions stay where they are made. For the condition see `BackupKey.allowReplicas`.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-walkthrough-2.html
 */
export function renderReplicaWriting(bucketArn: string, source: ReplicaWriter): PolicyStatement[] {
  const byRole = {
    principals: [new AccountPrincipal(source.account)],
    conditions: { ArnEquals: { 'aws:PrincipalArn': source.roleArn } },
  };
  return [
    new PolicyStatement({
      ...byRole,
      sid: 'AllowReplicas',
      actions: ['s3:ReplicateObject', 's3:ReplicateTags', 's3:ObjectOwnerOverrideToBucketOwner'],
      resources: [`${bucketArn}/*`],
    }),
    new PolicyStatement({
      ...byRole,
      sid: 'AllowVersioningCheck',
      actions: ['s3:GetBucketVersioning'],
      resources: [bucketArn],
    }),
  ];
}
