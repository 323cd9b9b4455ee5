import { RoleDefinition } from '@cdktf/provider-azurerm/lib/role-definition';
import type { Construct } from 'constructs';
import { addResourceGroup, addTaskProvider } from '../../lib/azure';
import { BLOB_ACTIONS } from '../../lib/azure/condition';
import { CopyReader } from '../../lib/azure/copy-reader';
import { subscriptionScope, tenantId } from '../../lib/azure/resource-id';
import { readerRights } from '../../lib/azure/rights';
import type { AzureReaderStack } from '../../lib/contract/azure-readers';
import { frameStack, TerraformOutput, TerraformStack } from '../../lib/terraform';

/** What copy jobs of other clouds may read here. */
export class AzureCopyReaderStack extends TerraformStack {
  constructor(scope: Construct, plan: AzureReaderStack) {
    super(scope, plan.name);
    frameStack(this, plan);
    addTaskProvider(this, plan);
    const group = addResourceGroup(this, plan);
    const { actions } = readerRights({ prefixes: [], dataSets: [] });
    const role = new RoleDefinition(this, 'reader', {
      name: plan.role,
      scope: subscriptionScope(this),
      description: 'what copy jobs of other clouds may do with blobs, under the conditions of their assignments',
      permissions: [{ dataActions: actions.map((action) => BLOB_ACTIONS[action]) }],
      assignableScopes: [subscriptionScope(this)],
    });
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
