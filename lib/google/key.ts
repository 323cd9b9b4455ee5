import type { DataGoogleStorageProjectServiceAccount } from '@cdktf/provider-google/lib/data-google-storage-project-service-account';
import { KmsCryptoKey } from '@cdktf/provider-google/lib/kms-crypto-key';
import { KmsCryptoKeyIamMember } from '@cdktf/provider-google/lib/kms-crypto-key-iam-member';
import { KmsKeyRing } from '@cdktf/provider-google/lib/kms-key-ring';
import { Construct } from 'constructs';
import type { GoogleKey } from '../contract/google-storage';
import { nodeComment, type ITerraformDependable } from '../terraform';
import { secondsOf } from './seconds';

export interface EncryptionKeyProps {
  readonly key: GoogleKey;
  /** Cloud Storage's own identity in the project: it encrypts, not whoever writes an object. */
  readonly storageAgent: DataGoogleStorageProjectServiceAccount;
  /** What has to be on before Cloud KMS can be asked. */
  readonly services: ITerraformDependable[];
}

/** Days in which a destroyed key version can be restored: without it nobody can read what it encrypted. */
const DESTROY_DELAY_DAYS = 90;

/**
 * The customer-managed key of the buckets, with Cloud Storage's right to use it. An object stays under the key that it
 * was written with: where a bucket gets another key, the old one and its grant are needed until those objects are gone.
 * @see https://cloud.google.com/storage/docs/encryption/customer-managed-keys
 */
export class EncryptionKey extends Construct {
  /** `projects/P/locations/L/keyRings/R/cryptoKeys/K`. */
  readonly name: string;
  /** What has to exist before a bucket can use the key. */
  readonly grant: ITerraformDependable;

  constructor(scope: Construct, id: string, props: EncryptionKeyProps) {
    super(scope, id);
    const { key, storageAgent, services } = props;
    this.name = key.kind === 'existing' ? key.name : this.createKey(key, services);

    const grant = new KmsCryptoKeyIamMember(this, 'grant', {
      cryptoKeyId: this.name,
      role: 'roles/cloudkms.cryptoKeyEncrypterDecrypter',
      member: storageAgent.member,
      dependsOn: services,
    });
    nodeComment(grant, [key.id]);
    this.grant = grant;
  }

  /** Rings and keys can never be deleted in Cloud KMS, only versions of keys: names are taken for good. */
  private createKey(key: Extract<GoogleKey, { kind: 'created' }>, services: ITerraformDependable[]): string {
    const ring = new KmsKeyRing(this, 'ring', {
      name: key.keyRing,
      location: key.location,
      dependsOn: services,
      lifecycle: { preventDestroy: true },
    });
    const created = new KmsCryptoKey(this, 'Resource', {
      name: key.keyName,
      keyRing: ring.id,
      purpose: 'ENCRYPT_DECRYPT',
      rotationPeriod: `${secondsOf(key.rotationDays)}s`,
      destroyScheduledDuration: `${secondsOf(DESTROY_DELAY_DAYS)}s`,
      versionTemplate: { algorithm: 'GOOGLE_SYMMETRIC_ENCRYPTION', protectionLevel: 'SOFTWARE' },
      lifecycle: { preventDestroy: true },
    });
    nodeComment(ring, [key.id]);
    nodeComment(created, [key.id]);
    return created.id;
  }
}
