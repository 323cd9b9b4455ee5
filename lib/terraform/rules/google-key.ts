import { complain, mustMatch, type OwnRule } from '../rule';
import {
  isOfSite,
  literalsAt,
  referencedAddress,
  resourcesOf,
  valueAt,
  type JsonValue,
  type Resource,
  type StackJson,
} from '../stack-json';

const KEY_NAME = /^projects\/[^/]+\/locations\/([a-z0-9-]+)\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/;

/** https://cloud.google.com/storage/docs/encryption/customer-managed-keys */
export const googleKeyRules: readonly OwnRule[] = [
  {
    id: 'google-key-name',
    refusedBy: 'service',
    check: (stack) =>
      backupBuckets(stack).flatMap((bucket) => [
        ...mustMatch(bucket, 'encryption.default_kms_key_name', KEY_NAME, 'is no full name of a Cloud KMS key'),
        ...(valueAt(bucket.body, 'encryption.default_kms_key_name') === undefined
          ? [complain(bucket, 'is not encrypted with a key of its own')]
          : []),
      ]),
  },
  {
    // A bucket takes a key of its own location only; the multi-region EU is called europe by Cloud KMS.
    id: 'google-key-location',
    refusedBy: 'service',
    check: (stack) =>
      resourcesOf(stack, 'google_storage_bucket').flatMap((bucket) => {
        const key = keyLocation(stack, valueAt(bucket.body, 'encryption.default_kms_key_name'));
        const location = literalsAt(bucket.body, 'location').map((name) => name.toLowerCase())[0];
        const wanted = location === 'eu' ? 'europe' : location;
        return key === undefined || wanted === undefined || key === wanted
          ? []
          : [complain(bucket, `is in ${location}, its key in ${key}; the key has to be in ${wanted}`)];
      }),
  },
  {
    id: 'google-key-grant',
    refusedBy: 'service',
    check: (stack) => {
      const granted = resourcesOf(stack, 'google_kms_crypto_key_iam_member').map(({ body }) => body.crypto_key_id);
      return backupBuckets(stack)
        .filter(({ body }) => !granted.includes(valueAt(body, 'encryption.default_kms_key_name')))
        .map((bucket) => complain(bucket, 'is made without the storage agent being granted its key'));
    },
  },
  {
    // Both are the same right: whichever of them is destroyed takes it from the other's bucket too.
    id: 'google-grant-once',
    refusedBy: 'nobody',
    check: (stack) => {
      const right = ({ body }: Resource) => [body.crypto_key_id, body.role, body.member].join();
      return resourcesOf(stack, 'google_kms_crypto_key_iam_member')
        .filter((grant, index, all) => all.findIndex((other) => right(other) === right(grant)) !== index)
        .map((grant) => complain(grant, 'grants what another resource grants already'));
    },
  },
  {
    id: 'google-key-rotation',
    refusedBy: 'provider',
    check: (stack) =>
      resourcesOf(stack, 'google_kms_crypto_key')
        .filter(({ body }) => body.purpose !== 'ASYMMETRIC_SIGN' && !rotates(body.rotation_period))
        .map((key) => complain(key, `rotation_period "${String(key.body.rotation_period)}" has to be over 86400s`)),
  },
  {
    // https://cloud.google.com/kms/docs/key-rotation#asymmetric
    id: 'google-signing-key',
    refusedBy: 'service',
    check: (stack) =>
      resourcesOf(stack, 'google_kms_crypto_key')
        .filter(({ body }) => body.purpose === 'ASYMMETRIC_SIGN' && body.rotation_period !== undefined)
        .map((key) => complain(key, 'signs, and such a key is not rotated by itself')),
  },
  {
    id: 'google-member',
    refusedBy: 'provider',
    check: (stack) =>
      resourcesOf(stack, 'google_kms_crypto_key_iam_member').flatMap((member) =>
        mustMatch(member, 'member', /^(?:serviceAccount|user|group):/, 'has to start with its kind'),
      ),
  },
];

/**
 * A bucket of configuration says so by a label: it holds neither data nor secrets, and no key of ours. Those of a site hold
 * no backups: a key of elsewhere would be one more thing that the site is lost with.
 */
function backupBuckets(stack: StackJson): readonly Resource[] {
  return resourcesOf(stack, 'google_storage_bucket').filter(
    (bucket) => valueAt(bucket.body, 'labels.holds') !== 'configuration' && !isOfSite(bucket),
  );
}

function rotates(period: JsonValue): boolean {
  const seconds = typeof period === 'string' ? /^(\d+)s$/.exec(period)?.[1] : undefined;
  return seconds !== undefined && Number(seconds) > 86_400;
}

/** Location of a key given by its name, or by a reference to a key of the same stack. */
function keyLocation(stack: StackJson, key: JsonValue): string | undefined {
  if (typeof key === 'string' && KEY_NAME.test(key)) {
    return KEY_NAME.exec(key)?.[1];
  }
  const created = resourcesOf(stack, 'google_kms_crypto_key').find(({ address }) => address === referencedAddress(key));
  const ring = referencedAddress(created?.body.key_ring);
  const location = resourcesOf(stack, 'google_kms_key_ring').find(({ address }) => address === ring)?.body.location;
  return typeof location === 'string' ? location : undefined;
}
