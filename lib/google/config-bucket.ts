import { StorageBucket } from '@cdktf/provider-google/lib/storage-bucket';
import { Construct } from 'constructs';
import { nodeComment, type ITerraformDependable } from '../terraform';
import type { TaskProject } from './task-project';

export interface ConfigBucketProps {
  readonly project: TaskProject;
  /** Id of the plan's node that asks for it. */
  readonly nodeId: string;
  readonly services: ITerraformDependable[];
}

/** The bucket of task manifests: which data, which stores, which names of secrets, and no secret. */
export class ConfigBucket extends Construct {
  readonly bucket: StorageBucket;

  constructor(scope: Construct, id: string, { project, nodeId, services }: ConfigBucketProps) {
    super(scope, id);
    this.bucket = new StorageBucket(this, 'Resource', {
      name: project.configBucket,
      location: project.region.toUpperCase(),
      storageClass: 'STANDARD',
      uniformBucketLevelAccess: true,
      publicAccessPrevention: 'enforced',
      versioning: { enabled: true },
      softDeletePolicy: { retentionDurationSeconds: 7 * 86_400 },
      // Rules about keys and locks are for buckets that hold backups.
      labels: { holds: 'configuration' },
      forceDestroy: false,
      dependsOn: services,
      lifecycle: { preventDestroy: true },
    });
    nodeComment(this.bucket, [nodeId]);
  }
}
