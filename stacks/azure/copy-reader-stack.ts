import type { Construct } from 'constructs';
import { addResourceGroup, addTaskProvider } from '../../lib/azure';
import { addReaderRole, CopyReader } from '../../lib/azure/copy-reader';
import { tenantId } from '../../lib/azure/resource-id';
import type { AzureReaderStack } from '../../lib/contract/azure-readers';
import { frameStack, TerraformOutput, TerraformStack } from '../../lib/terraform';

/** What copy jobs of other clouds may read here. */
export class AzureCopyReaderStack extends TerraformStack {
  constructor(scope: Construct, plan: AzureReaderStack) {
    super(scope, plan.name);
    frameStack(this, plan);
    addTaskProvider(this, plan);
    const group = addResourceGroup(this, plan);
    const role = addReaderRole(this, plan.role);
    for (const reader of plan.readers) {
      const { identity } = new CopyReader(this, `reader_${reader.cloud}`, { reader, group, role });
      this.#output(
        `${reader.cloud}_copier_client_id`,
        identity.clientId,
        `azure_copier_client_id of the copy jobs on ${reader.cloud}`,
      );
    }
    this.#output('copier_tenant_id', tenantId(this), 'azure_copier_tenant_id of the copy jobs of every cloud');
  }

  #output(name: string, value: string, description: string): void {
    new TerraformOutput(this, name, { value, description, staticId: true });
  }
}
