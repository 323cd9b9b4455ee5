import type { StorageManagementPolicyRule } from '@cdktf/provider-azurerm/lib/storage-management-policy';
import type { AzureLifecycleRule } from '../contract/azure-storage';
import { THAWED_DAYS } from '../contract/thaw';
import { escapeTemplate } from '../terraform';

/**
 * The rules of an account's management policy. What happens to a blob happens to its versions and snapshots too:
 * in a versioned account the deletion of a blob only makes another version, and its bytes are freed when that is
 * deleted. A version's age counts from its creation, which is the blob's last write, so it goes with the blob.
 * @see https://learn.microsoft.com/azure/storage/blobs/lifecycle-management-policy-structure
 */
export function renderLifecycle(rules: readonly AzureLifecycleRule[]): StorageManagementPolicyRule[] {
  return rules.map((rule) => ({
    name: rule.name,
    enabled: true,
    // Tiers exist for block blobs only, and backups are nothing else.
    filters: { blobTypes: ['blockBlob'], prefixMatch: [escapeTemplate(rule.prefix)] },
    actions: {
      baseBlob: {
        tierToCoolAfterDaysSinceModificationGreaterThan: rule.coolAfterDays,
        tierToColdAfterDaysSinceModificationGreaterThan: rule.coldAfterDays,
        tierToArchiveAfterDaysSinceModificationGreaterThan: rule.archiveAfterDays,
        ...(rule.archiveAfterDays !== undefined && {
          // A blob that was thawed keeps its old age: without this the next daily run would archive it again under a restore.
          tierToArchiveAfterDaysSinceLastTierChangeGreaterThan: THAWED_DAYS,
        }),
        deleteAfterDaysSinceModificationGreaterThan: rule.deleteAfterDays,
      },
      version: {
        changeTierToCoolAfterDaysSinceCreation: rule.coolAfterDays,
        tierToColdAfterDaysSinceCreationGreaterThan: rule.coldAfterDays,
        changeTierToArchiveAfterDaysSinceCreation: rule.archiveAfterDays,
        deleteAfterDaysSinceCreation: rule.deleteAfterDays,
      },
      snapshot: {
        changeTierToCoolAfterDaysSinceCreation: rule.coolAfterDays,
        tierToColdAfterDaysSinceCreationGreaterThan: rule.coldAfterDays,
        changeTierToArchiveAfterDaysSinceCreation: rule.archiveAfterDays,
        deleteAfterDaysSinceCreationGreaterThan: rule.deleteAfterDays,
      },
    },
  }));
}
