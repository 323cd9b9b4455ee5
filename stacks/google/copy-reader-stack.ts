import type { Construct } from 'constructs';
import type { GoogleReaderStack } from '../../lib/contract/google-readers';
import { addProvider, addReaderRoles, CopyReader, Services } from '../../lib/google';
import { frameStack, TerraformOutput, TerraformStack } from '../../lib/terraform';

/** What copy jobs of other clouds may read here. */
export class GoogleCopyReaderStack extends TerraformStack {
  constructor(scope: Construct, plan: GoogleReaderStack) {
    super(scope, plan.name);
    frameStack(this, plan);
    addProvider(this, plan);
    const services = new Services(this, 'service', { services: plan.services, nodeId: plan.id }).enabled;
    const roles = addReaderRoles(this, { prefix: plan.prefix, nodeId: plan.id, services });
    for (const reader of plan.readers) {
      const { provider } = new CopyReader(this, `reader_${reader.cloud}`, { reader, roles, services });
      new TerraformOutput(this, `${reader.cloud}_copier_provider`, {
        value: provider,
        description: `google_copier_provider of the copy jobs on ${reader.cloud}`,
        staticId: true,
      });
    }
  }
}
