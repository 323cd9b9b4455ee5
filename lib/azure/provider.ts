import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import type { Construct } from 'constructs';
import type { AzureStack } from '../contract/azure-storage';

/** What a stack of backup storage asks of Azure. A subscription registers only what is named here. */
const RESOURCE_PROVIDERS = [
  'Microsoft.Insights',
  'Microsoft.KeyVault',
  'Microsoft.ManagedIdentity',
  'Microsoft.OperationalInsights',
  'Microsoft.Storage',
];

/**
 * The azurerm provider for backup storage: signed in with Entra ID, since the accounts refuse shared keys, and
 * without a request to an account itself, since its network is closed to the machine that deploys.
 * @see https://registry.terraform.io/providers/hashicorp/azurerm/4.55.0/docs
 */
export function addStorageProvider(
  scope: Construct,
  stack: Pick<AzureStack, 'subscription' | 'keys'>,
): AzurermProvider {
  return new AzurermProvider(scope, 'azurerm', {
    subscriptionId: stack.subscription,
    storageUseAzuread: true,
    resourceProviderRegistrations: 'none',
    resourceProvidersToRegister: RESOURCE_PROVIDERS,
    features: [
      {
        resourceGroup: [{ preventDeletionIfContainsResources: true }],
        storage: [{ dataPlaneAvailable: false }],
        ...(stack.keys.some((key) => key.kind === 'created') ? { keyVault: [KEEP_DELETED_KEYS] } : {}),
      },
    ],
  });
}

/** What stacks of tasks ask of Azure beside storage. */
const TASK_PROVIDERS = ['Microsoft.App', 'Microsoft.Automation', 'Microsoft.Logic', 'Microsoft.Network'];

/** The provider for tasks: the same sign-in; files of the configuration are written through the account itself. */
export function addTaskProvider(scope: Construct, { subscription }: Pick<AzureStack, 'subscription'>): AzurermProvider {
  return new AzurermProvider(scope, 'azurerm', {
    subscriptionId: subscription,
    storageUseAzuread: true,
    resourceProviderRegistrations: 'none',
    resourceProvidersToRegister: [...RESOURCE_PROVIDERS, ...TASK_PROVIDERS].sort(),
    features: [{ resourceGroup: [{ preventDeletionIfContainsResources: true }] }],
  });
}

const SITE_PROVIDERS = [
  'Microsoft.Compute',
  'Microsoft.DBforMySQL',
  'Microsoft.DBforPostgreSQL',
  'Microsoft.Logic',
  'Microsoft.Network',
];

/**
 * What runs is left alone: by its defaults the provider makes every machine of a set anew, all at once, when the image,
 * the size or the first start changes, whatever the set's own mode of upgrades is.
 * @see https://registry.terraform.io/providers/hashicorp/azurerm/4.55.0/docs/guides/features-block
 */
const LEAVE_RUNNING = { rollInstancesWhenRequired: false, reimageOnManualUpgrade: false };

/** The provider for a recovery site. A machine is switched off before it is removed, as its database would want it. */
export function addSiteProvider(scope: Construct, subscription: string | undefined): AzurermProvider {
  return new AzurermProvider(scope, 'azurerm', {
    ...(subscription !== undefined && { subscriptionId: subscription }),
    storageUseAzuread: true,
    resourceProviderRegistrations: 'none',
    resourceProvidersToRegister: [...RESOURCE_PROVIDERS, ...SITE_PROVIDERS].sort(),
    features: [
      {
        resourceGroup: [{ preventDeletionIfContainsResources: true }],
        virtualMachine: [{ deleteOsDiskOnDeletion: true }],
        virtualMachineScaleSet: [LEAVE_RUNNING],
      },
    ],
  });
}

const KEEP_DELETED_KEYS = {
  purgeSoftDeleteOnDestroy: false,
  purgeSoftDeletedKeysOnDestroy: false,
  recoverSoftDeletedKeyVaults: true,
  recoverSoftDeletedKeys: true,
};
