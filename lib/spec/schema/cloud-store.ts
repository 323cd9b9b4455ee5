import { childPath, lastKey } from '../../diagnostics';
import type { ObjectValue } from '../../syntax';
import { choice } from '../leaf';
import { block, defaulted, optional, required } from '../structure';
import type { DecodeContext, Typed } from '../type';
import {
  awsKey,
  awsRegion,
  azureLocation,
  container,
  gcsBucket,
  googleKey,
  googleLocation,
  provider,
  s3Bucket,
  storageAccount,
  vaultUrl,
} from '../types/cloud';
import { days } from '../types/time';
import { flag } from '../types/word';
import { reportMisspelt, variant } from '../variant';

const providerField = optional(provider, 'cloud of the store', 'follows from the key: aws_s3..., azure_blob..., gcp_storage...');
const enabled = defaulted(flag, true, 'false builds nothing for it');

const aws = block({
  provider: providerField,
  enabled,
  bucket: required(s3Bucket, 'bucket'),
  region: required(awsRegion, 'region of the bucket'),
  encryption: optional(
    block({
      sse_algorithm: defaulted(
        choice('SSE algorithm', ['aws:kms', 'AES256']),
        'aws:kms',
        'server-side encryption; a KMS key beside AES256 wins, since it is the stronger',
      ),
      kms_key_id: optional(awsKey, 'KMS key', 'a key that the stack creates'),
    }),
    'encryption at rest',
    'SSE-KMS with a key that the stack creates',
  ),
  lifecycle: optional(
    block({
      transition_to_ia: optional(days, 'age at which objects move to STANDARD_IA', 'no move'),
      transition_to_glacier: optional(days, 'age at which objects move to Glacier Flexible Retrieval', 'no move'),
      delete_after: optional(days, 'age at which objects are deleted', 'the longest chain of the store plus 90 days'),
    }),
    'ages that S3 itself acts on',
    'deletion at the longest chain of the store plus 90 days',
  ),
  replication: optional(
    block({
      enabled: defaulted(flag, true, 'false builds no replica'),
      destination_bucket: required(s3Bucket, 'bucket that holds the replica'),
      destination_region: required(awsRegion, 'region of the replica'),
    }),
    'a replica in another region',
    'no replica',
  ),
});

const azure = block({
  provider: providerField,
  enabled,
  storage_account: required(storageAccount, 'storage account'),
  container: required(container, 'container'),
  location: optional(azureLocation, 'location of the storage account', 'the location of the deployment'),
  encryption: optional(
    block({
      type: defaulted(choice('encryption type', ['customer_managed']), 'customer_managed', 'whose key'),
      key_vault_url: optional(vaultUrl, 'vault of the key', 'a vault that the stack creates'),
    }),
    'encryption at rest',
    'a key in a vault that the stack creates',
  ),
  lifecycle: optional(
    block({
      tier_to_cool: optional(days, 'age at which blobs move to Cool', 'no move'),
      tier_to_archive: optional(days, 'age at which blobs move to Archive', 'no move'),
      delete_after: optional(days, 'age at which blobs are deleted', 'the longest chain of the store plus 90 days'),
    }),
    'ages that the storage account itself acts on',
    'deletion at the longest chain of the store plus 90 days',
  ),
});

const google = block({
  provider: providerField,
  enabled,
  bucket: required(gcsBucket, 'bucket'),
  location: required(googleLocation, 'location of the bucket'),
  encryption: optional(
    block({
      type: defaulted(choice('encryption type', ['customer_managed']), 'customer_managed', 'whose key'),
      kms_key: optional(googleKey, 'Cloud KMS key', 'a key that the stack creates'),
    }),
    'encryption at rest',
    'a key that the stack creates',
  ),
  lifecycle: optional(
    block({
      set_storage_class: optional(
        block({
          nearline: optional(days, 'age at which objects move to Nearline', 'no move'),
          coldline: optional(days, 'age at which objects move to Coldline', 'no move'),
          archive: optional(days, 'age at which objects move to Archive', 'no move'),
        }),
        'moves to colder classes',
        'no move',
      ),
      delete_after: optional(days, 'age at which objects are deleted', 'the longest chain of the store plus 90 days'),
    }),
    'ages that Cloud Storage itself acts on',
    'deletion at the longest chain of the store plus 90 days',
  ),
});

/** A store that several data sets share: its cloud follows from `provider`, else from its key. */
export const cloudStore = variant(
  'provider',
  '`provider`, else the key: `aws_s3*`, `azure_blob*`, `gcp_storage*`',
  { aws, azure, google },
  chooseProvider,
);

export type CloudStoreSpec = Typed<typeof cloudStore>;

const BY_KEY = [
  ['aws_s3', 'aws'],
  ['azure_blob', 'azure'],
  ['gcp_storage', 'google'],
] as const;

function chooseProvider(value: ObjectValue, path: string, context: DecodeContext) {
  const said = value.entries.get('provider')?.value;
  if (said) return provider.decode(said, childPath(path, 'provider'), context);
  const chosen = BY_KEY.find(([start]) => lastKey(path).startsWith(start))?.[1];
  const slip = !chosen && reportMisspelt('provider', value, Object.keys(aws.shape.fields), path, context);
  if (!chosen && !slip && !value.damaged) {
    context.report({
      code: 'DR2003',
      path,
      span: { ...value.span, end: value.span.start + 1 },
      message: 'the key does not say which cloud this store is in',
      fix: 'add provider: "AWS", "Azure" or "GCP", or start the key with aws_s3, azure_blob or gcp_storage',
    });
  }
  return chosen;
}
