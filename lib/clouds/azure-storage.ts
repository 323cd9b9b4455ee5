import type { StorageClass, StorageLimits } from './cloud';

/** As azurerm spells `account_replication_type`. */
export const AZURE_REPLICATIONS = ['LRS', 'ZRS', 'GRS', 'RAGRS', 'GZRS', 'RAGZRS'] as const;
export type AzureReplication = (typeof AZURE_REPLICATIONS)[number];

/**
 * Days: https://learn.microsoft.com/azure/storage/blobs/access-tiers-overview, early deletion.
 * Hours: https://learn.microsoft.com/azure/storage/blobs/archive-rehydrate-overview, "up to 15 hours" and, for objects
 * below 10 GB, "under one hour"; both only say up to, so `from` is 0.
 */
export const azureStorageClasses: readonly StorageClass[] = [
  { name: 'Hot', minimumDays: 0, retrievalHours: {} },
  { name: 'Cool', minimumDays: 30, retrievalHours: {} },
  { name: 'Cold', minimumDays: 90, retrievalHours: {} },
  {
    name: 'Archive',
    minimumDays: 180,
    retrievalHours: { standard: { from: 0, to: 15 }, high: { from: 0, to: 1 } },
  },
];

/**
 * The archive tier exists for accounts without zone redundancy only.
 * @see https://learn.microsoft.com/azure/storage/blobs/access-tiers-overview#archive-access-tier
 */
export function hasArchiveTier(replication: AzureReplication): boolean {
  return replication === 'LRS' || replication === 'GRS' || replication === 'RAGRS';
}

/** Tells whether a kind of replication needs a paired region. @see https://learn.microsoft.com/azure/storage/common/storage-redundancy */
export function isGeoRedundant(replication: AzureReplication): boolean {
  return replication !== 'LRS' && replication !== 'ZRS';
}

export const azureLimits: StorageLimits = {
  /** https://learn.microsoft.com/azure/storage/blobs/lifecycle-management-policy-structure */
  lifecycleRules: 100,
  /** https://registry.terraform.io/providers/hashicorp/azurerm/4.55.0/docs/resources/storage_management_policy */
  lifecycleDays: 99_999,
  firstTransitionDays: 0,
  /** 400 years: https://learn.microsoft.com/azure/storage/blobs/immutable-time-based-retention-policy-overview */
  lockDays: 146_000,
};

/** @see https://learn.microsoft.com/azure/virtual-machines/disks-types */
export const azureDiskTypes: readonly string[] = [
  'Premium_LRS',
  'Premium_ZRS',
  'PremiumV2_LRS',
  'StandardSSD_LRS',
  'StandardSSD_ZRS',
  'Standard_LRS',
  'UltraSSD_LRS',
];
