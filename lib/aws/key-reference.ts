import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { AwsKey } from '../contract/aws-storage';

/** A key as others name it: by its ARN, or, where only an alias is known, by the alias that it carries. */
export type KeyReference =
  | { readonly kind: 'key'; readonly arn: string }
  | { readonly kind: 'alias'; readonly alias: string; readonly place: KeyPlace };

export interface KeyPlace {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

export type ExistingKey = Pick<Extract<AwsKey, { kind: 'existing' }>, 'form' | 'value'>;

/**
 * What an environment calls a key, with the region and account that short forms leave out. S3 would look a bare alias up
 * in the account of whoever writes, not in the bucket's.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html
 */
export function keyReferenceOf({ form, value }: ExistingKey, place: KeyPlace): KeyReference {
  switch (form) {
    case 'key-arn':
      return { kind: 'key', arn: value };
    case 'key-id':
      return { kind: 'key', arn: kmsArn(place, `key/${value}`) };
    case 'alias':
      return { kind: 'alias', alias: value, place };
    case 'alias-arn': {
      const [, partition = '', , region = '', account = '', alias = ''] = value.split(':');
      return { kind: 'alias', alias, place: { partition, region, account } };
    }
  }
}

/** The ARN that S3 takes for a key: a key's, or an alias's. */
export function encryptionArn(reference: KeyReference): string {
  return reference.kind === 'key' ? reference.arn : kmsArn(reference.place, reference.alias);
}

export interface KeyUse {
  readonly actions: readonly string[];
  /** Region of the bucket that S3 uses the key for. */
  readonly region: string;
  /** ARN of the bucket, which S3 puts into the encryption context, alone or with the object's key. */
  readonly bucketArn: string;
}

/**
 * Lets its holder use a key through S3, for one bucket. In a policy's `Resource` an alias stands for the alias and not
 * for its key: a key that is known by alias is reached by a condition on the aliases that it carries.
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
 */
export function renderKeyUse(reference: KeyReference, { actions, region, bucketArn }: KeyUse): PolicyStatement {
  const byAlias = reference.kind === 'alias' && {
    'ForAnyValue:StringEquals': { 'kms:ResourceAliases': reference.alias },
  };
  return new PolicyStatement({
    actions: [...actions],
    resources: [reference.kind === 'key' ? reference.arn : kmsArn(reference.place, 'key/*')],
    conditions: { ...byAlias, ...throughS3(region, bucketArn) },
  });
}

/** Holds for requests that S3 makes for one bucket, and for no other use of a key. */
export function throughS3(region: string, bucketArn: string): Record<string, Record<string, unknown>> {
  return {
    StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` },
    StringLike: { 'kms:EncryptionContext:aws:s3:arn': [bucketArn, `${bucketArn}/*`] },
  };
}

function kmsArn({ partition, region, account }: KeyPlace, resource: string): string {
  return `arn:${partition}:kms:${region}:${account}:${resource}`;
}
