import type { Construct } from 'constructs';
import {
  addProvider,
  BackupStore,
  EncryptionKey,
  findStorageAgent,
  Services,
  type GoogleStack,
} from '../../lib/google';
import { frameStack, TerraformStack } from '../../lib/terraform';

/** The backup storage of one Google Cloud project: APIs, keys with the storage agent's grant, buckets. */
export class GoogleBackupStack extends TerraformStack {
  constructor(scope: Construct, plan: GoogleStack) {
    super(scope, plan.name);
    frameStack(this, plan);
    addProvider(this, plan);

    const services = new Services(this, 'service', { services: plan.services, nodeId: plan.id }).enabled;
    const storageAgent = findStorageAgent(this, services);
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
