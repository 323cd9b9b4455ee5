import { DataGoogleStorageProjectServiceAccount } from '@cdktf/provider-google/lib/data-google-storage-project-service-account';
import { GoogleProvider } from '@cdktf/provider-google/lib/provider';
import type { Construct } from 'constructs';
import { BackupStore, EncryptionKey, Services, type GoogleStack } from '../../lib/google';
import { frameStack, TerraformStack } from '../../lib/terraform';

/** The backup storage of one Google Cloud project: APIs, keys with the storage agent's grant, buckets. */
export class GoogleBackupStack extends TerraformStack {
  constructor(scope: Construct, plan: GoogleStack) {
    super(scope, plan.name);
    frameStack(this, plan);
    new GoogleProvider(this, 'google', { project: plan.project, region: plan.region });

    const services = new Services(this, 'service', { services: plan.services, nodeId: plan.id }).enabled;
    // Asking for the agent also makes it, in a project that has never used Cloud Storage.
    const storageAgent = new DataGoogleStorageProjectServiceAccount(this, 'storage_agent', { dependsOn: services });

    const keys = new Map(
      plan.keys.map((key) => [key.id, new EncryptionKey(this, `key_${key.id}`, { key, storageAgent, services })]),
    );
    for (const bucket of plan.buckets) {
      const key = keys.get(bucket.keyId);
      if (key === undefined) {
        throw new Error(`bucket ${bucket.name} names a key that the plan does not have: ${bucket.keyId}`);
      }
      new BackupStore(this, `store_${bucket.name}`, { bucket, key, services });
    }
  }
}
