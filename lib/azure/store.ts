import { ManagementLock } from '@cdktf/provider-azurerm/lib/management-lock';
import type { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container';
import { StorageContainerImmutabilityPolicy } from '@cdktf/provider-azurerm/lib/storage-container-immutability-policy';
import { StorageManagementPolicy } from '@cdktf/provider-azurerm/lib/storage-management-policy';
import { Construct } from 'constructs';
import type { AzureAccount, AzureContainer } from '../contract/azure-storage';
import { nodeComment } from '../terraform';
import type { EncryptionKey } from './key';
import { renderLifecycle } from './lifecycle';

export interface BackupStoreProps {
  readonly account: AzureAccount;
  readonly group: ResourceGroup;
  readonly key: EncryptionKey;
}

/**
 * A storage account that holds backups, with its containers. Encrypted with the customer's key, versioned, reached
 * with Entra ID over TLS only, closed to every network that is not let in, never destroyed: those are no options.
 * @see https://learn.microsoft.com/azure/storage/blobs/security-recommendations
 */
export class BackupStore extends Construct {
  readonly account: StorageAccount;
  readonly containers: readonly StorageContainer[];

  constructor(scope: Construct, id: string, props: BackupStoreProps) {
    super(scope, id);
    const { account } = props;

    this.account = this.createAccount(props);
    this.containers = account.containers.map((container) => this.createContainer(container));

    if (account.lifecycle.length > 0) {
      // The policy of an account is always named `default`: a second one would replace the first.
      const policy = new StorageManagementPolicy(this, 'lifecycle', {
        storageAccountId: this.account.id,
        rule: renderLifecycle(account.lifecycle),
      });
      nodeComment(policy, [account.id, ...account.lifecycle.map((rule) => rule.id)]);
    }

    // Keeps the account from being deleted through Azure; it does not keep blobs, which immutability does.
    const lock = new ManagementLock(this, 'lock', {
      name: 'no-delete',
      scope: this.account.id,
      lockLevel: 'CanNotDelete',
      notes: 'holds backups',
    });
    nodeComment(lock, [account.id]);
  }

  private createAccount({ account, group, key }: BackupStoreProps): StorageAccount {
    const created = new StorageAccount(this, 'Resource', {
      name: account.name,
      resourceGroupName: group.name,
      location: group.location,
      accountKind: 'StorageV2',
      accountTier: 'Standard',
      accountReplicationType: account.replication,
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
      identity: { type: 'UserAssigned', identityIds: [key.identity.id] },
      customerManagedKey: { keyVaultKeyId: key.url, userAssignedIdentityId: key.identity.id },
      blobProperties: {
        versioningEnabled: true,
        changeFeedEnabled: true,
        changeFeedRetentionInDays: account.changeFeedDays,
        deleteRetentionPolicy: { days: account.softDeleteDays },
        containerDeleteRetentionPolicy: { days: account.softDeleteDays },
      },
      networkRules: {
        defaultAction: 'Deny',
        bypass: ['AzureServices', 'Logging', 'Metrics'],
        // Said even when empty: the provider keeps the ranges of an earlier deployment where it is told none.
        ipRules: [...account.allowedRanges],
      },
      dependsOn: [key.grant],
      lifecycle: { preventDestroy: true },
    });
    nodeComment(created, [account.id]);
    return created;
  }

  private createContainer(container: AzureContainer): StorageContainer {
    const created = new StorageContainer(this, `container_${container.name}`, {
      name: container.name,
      // By resource id: by the account's name the provider would go through the account's closed network.
      storageAccountId: this.account.id,
      containerAccessType: 'private',
      lifecycle: { preventDestroy: true },
    });
    nodeComment(created, [container.id]);

    if (container.immutability !== null) {
      // https://learn.microsoft.com/azure/storage/blobs/immutable-container-level-worm-policies
      const policy = new StorageContainerImmutabilityPolicy(this, `immutability_${container.name}`, {
        storageContainerResourceManagerId: created.id,
        immutabilityPeriodInDays: container.immutability.days,
        locked: container.immutability.locked,
        protectedAppendWritesAllEnabled: false,
      });
      nodeComment(policy, [container.id]);
    }
    return created;
  }
}
