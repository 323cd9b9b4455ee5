import type { Breach, OwnRule } from './rule';
import { bucketRule } from './rule';
import type { BucketProperties, TemplateResource } from './template';

/** What can't be made again. */
const KEPT = ['AWS::S3::Bucket', 'AWS::KMS::Key'];
const KEEPING = ['Retain', 'RetainExceptOnCreate'];

function lockWithoutVersioning(bucket: BucketProperties): Breach[] {
  return bucket.ObjectLockEnabled === true && bucket.VersioningConfiguration?.Status !== 'Enabled'
    ? [{ location: 'Properties/VersioningConfiguration', found: 'locks objects and keeps no versions' }]
    : [];
}

function lockWithTwoPeriods(bucket: BucketProperties): Breach[] {
  const { Days, Years } = bucket.ObjectLockConfiguration?.Rule?.DefaultRetention ?? {};
  return Days !== undefined && Years !== undefined
    ? [{ location: 'Properties/ObjectLockConfiguration', found: `locks for ${Days} days and ${Years} years` }]
    : [];
}

function keyWithoutKms(bucket: BucketProperties): Breach[] {
  return (bucket.BucketEncryption?.ServerSideEncryptionConfiguration ?? []).flatMap((rule) => {
    const { SSEAlgorithm, KMSMasterKeyID } = rule.ServerSideEncryptionByDefault ?? {};
    return SSEAlgorithm === 'AES256' && KMSMasterKeyID !== undefined
      ? [{ location: 'Properties/BucketEncryption', found: 'names a key and AES256' }]
      : [];
  });
}

function regionalWithoutPrefix(bucket: BucketProperties): Breach[] {
  return bucket.BucketNamespace === 'account-regional' && bucket.BucketNamePrefix === undefined
    ? [{ location: 'Properties/BucketNamespace', found: 'is account-regional and has no name prefix' }]
    : [];
}

function customResource({ type }: TemplateResource): Breach[] {
  return type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource'
    ? [{ location: 'Type', found: `is a ${type}` }]
    : [];
}

function deletedWithStack({ type, deletionPolicy }: TemplateResource): Breach[] {
  return KEPT.includes(type) && !KEEPING.includes(deletionPolicy ?? 'Delete')
    ? [{ location: 'DeletionPolicy', found: `has the deletion policy ${deletionPolicy ?? 'Delete'}` }]
    : [];
}

export const RESOURCE_RULES: readonly OwnRule[] = [
  bucketRule('lock-without-versioning', lockWithoutVersioning),
  bucketRule('lock-with-two-periods', lockWithTwoPeriods),
  bucketRule('encryption-key-without-kms', keyWithoutKms),
  bucketRule('namespace-without-prefix', regionalWithoutPrefix),
  { id: 'no-custom-resource', check: customResource },
  { id: 'kept-on-deletion', check: deletedWithStack },
];
