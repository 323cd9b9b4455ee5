import type { Construct } from 'constructs';
import {
  addProvider,
  ConfigBucket,
  findProject,
  RecordKey,
  Services,
  TaskImageRepository,
  TaskNetwork,
  TaskRoles,
  type GoogleSharedTasks,
} from '../../lib/google';
import { frameStack, TerraformOutput, TerraformStack } from '../../lib/terraform';

/** What all tasks of a region share: APIs, network, custom roles, the key of records, the image's repository, the bucket of manifests. */
export class GoogleSharedTaskStack extends TerraformStack {
  constructor(scope: Construct, plan: GoogleSharedTasks) {
    super(scope, plan.name);
    frameStack(this, plan);
    addProvider(this, plan);
    const project = findProject(this, plan);
    const services = new Services(this, 'service', { services: plan.services, nodeId: plan.id }).enabled;
    if (plan.network.kind === 'isolated') {
      new TaskNetwork(this, 'network', { network: plan.network, region: plan.region, services });
    }
    new TaskRoles(this, 'role', { ...plan, nodeId: plan.id, services });
    new RecordKey(this, 'record_key', { key: plan.recordKey, region: plan.region, services });
    new TaskImageRepository(this, 'image', { image: plan.image, project, services });
    const { bucket } = new ConfigBucket(this, 'config', { project, nodeId: plan.id, services });
    new TerraformOutput(this, 'config_bucket', {
      description: 'bucket of task manifests; the stacks of tasks find it by its name',
      value: bucket.name,
    }).overrideLogicalId('config_bucket');
  }
}
