import { azureDatabaseClasses, azureHosting, azureMachineOf } from './azure-databases';
import { container, keyVault, keyVaultKey, logAnalyticsWorkspace, resourceGroup, storageAccount } from './azure-names';
import { azureRegionNames, azureRegionPattern, azureRegions } from './azure-regions';
import { azureDiskTypes, azureLimits, azureStorageClasses } from './azure-storage';
import { azureVmSizes, azureArchitecture } from './azure-vm-sizes';
import type { Cloud } from './cloud';

export const azure: Cloud = {
  id: 'azure',
  title: 'Azure',
  dataDate: '2026-11-24',
  placeNoun: 'location',
  regions: azureRegions,
  regionPattern: azureRegionPattern,
  regionNames: azureRegionNames,
  storePlaces: azureRegions,
  storePlaceNames: azureRegionNames,
  instanceTypes: azureVmSizes,
  diskTypes: azureDiskTypes,
  diskTypesWithIops: ['PremiumV2_LRS', 'UltraSSD_LRS'],
  defaultDiskType: 'Premium_LRS',
  databaseClasses: azureDatabaseClasses,
  databaseHosting: azureHosting,
  machineOf: azureMachineOf,
  architectureOf: azureArchitecture,
  storeNames: { storageAccount, container },
  resourceNames: { keyVault, keyVaultKey, resourceGroup, logAnalyticsWorkspace },
  storageClasses: azureStorageClasses,
  limits: azureLimits,
};
