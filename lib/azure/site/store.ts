import { ManagementLock } from '@cdktf/provider-azurerm/lib/management-lock';
import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container';
import { Construct } from 'constructs';
import { placeOf } from './frame';
import type { SiteFrame } from './frame';

export interface SiteStoreProps {
  readonly frame: SiteFrame;
  /** Name of the account. */
  readonly name: string;
  readonly containers: readonly string[];
  /** Days, 1 to 365, for which what was deleted or written over can be brought back. */
  readonly softDeleteDays: number;
  /** From where it is reached, with a token in any case. @default - from anywhere */
  readonly reachedFrom?: { readonly subnetIds: readonly string[]; readonly ranges: string };
}

/**
 * A storage account of a site's own: what harms the backups does not reach it, and it goes with the site. Who reads and
 * writes shows a token; there is no key that could be lost.
 */
export class SiteStore extends Construct {
  readonly name: string;
  readonly account: StorageAccount;
  readonly containers: Readonly<Record<string, StorageContainer>>;

  constructor(scope: Construct, id: string, { frame, name, containers, softDeleteDays, reachedFrom }: SiteStoreProps) {
    super(scope, id);
    this.name = name;
    this.account = new StorageAccount(this, 'Resource', {
      ...placeOf(frame),
      name,
      accountKind: 'StorageV2',
      accountTier: 'Standard',
      accountReplicationType: frame.zones.length > 0 ? 'ZRS' : 'LRS',
      accessTier: 'Hot',
      minTlsVersion: 'TLS1_2',
      httpsTrafficOnlyEnabled: true,
      sharedAccessKeyEnabled: false,
      defaultToOauthAuthentication: true,
      localUserEnabled: false,
      allowNestedItemsToBePublic: false,
      crossTenantReplicationEnabled: false,
      allowedCopyScope: 'AAD',
      infrastructureEncryptionEnabled: true,
      blobProperties: {
        versioningEnabled: true,
        deleteRetentionPolicy: { days: softDeleteDays },
        containerDeleteRetentionPolicy: { days: softDeleteDays },
      },
      ...(reachedFrom && {
        networkRules: {
          defaultAction: 'Deny',
          bypass: ['AzureServices'],
          virtualNetworkSubnetIds: [...reachedFrom.subnetIds],
        },
      }),
      lifecycle: { preventDestroy: true },
    });
    // A list that only the deployment knows.
    if (reachedFrom) this.account.addOverride('network_rules.ip_rules', reachedFrom.ranges);
    const made = containers.map((container) => [
      container,
      new StorageContainer(this, `container_${container}`, {
        name: container,
        storageAccountId: this.account.id,
        containerAccessType: 'private',
        lifecycle: { preventDestroy: true },
      }),
    ]);
    this.containers = Object.fromEntries(made) as Record<string, StorageContainer>;
    new ManagementLock(this, 'lock', {
      name: 'no-delete',
      scope: this.account.id,
      lockLevel: 'CanNotDelete',
      notes: 'belongs to a recovery site',
    });
  }
}
