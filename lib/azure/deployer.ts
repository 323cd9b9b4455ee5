import { DataAzurermClientConfig } from '@cdktf/provider-azurerm/lib/data-azurerm-client-config';
import { Construct } from 'constructs';
import { TerraformStack, TerraformVariable } from '../terraform';

/** Whoever runs Terraform on a stack: one for all the vaults that the stack makes, and asked for its addresses once. */
export class Deployer extends Construct {
  readonly identity: DataAzurermClientConfig;
  readonly addresses: TerraformVariable;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.identity = new DataAzurermClientConfig(this, 'identity', {});
    this.addresses = new TerraformVariable(this, 'addresses', {
      type: 'list(string)',
      default: [],
      nullable: false,
      description:
        'public addresses that terraform runs from, let through the firewalls of the key vaults of this stack: ' +
        'making and refreshing a key is a request to its vault. Empty only where terraform reaches them privately.',
    });
    // Given by its name on the command line, so without the hash of a construct's path.
    this.addresses.overrideLogicalId('deployer_ip_ranges');
  }
}

/** The deployer of the scope's stack. */
export function findDeployer(scope: Construct): Deployer {
  const stack = TerraformStack.of(scope);
  const known = stack.node.tryFindChild('deployer');
  return known instanceof Deployer ? known : new Deployer(stack, 'deployer');
}
