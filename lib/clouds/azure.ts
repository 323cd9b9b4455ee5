import { azureDatabaseClasses, azureHosting } from './azure-databases';
import { container, keyVault, keyVaultKey, logAnalyticsWorkspace, resourceGroup, storageAccount } from './azure-names';
import { azureRegionNames, azureRegionPattern, azureRegions } from './azure-regions';
import { azureDiskTypes, azureLimits, azureStorageClasses } from './azure-storage';
import { azureVmSizes } from './azure-vm-sizes';
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
  databaseClasses: azureDatabaseClasses,
  databaseHosting: azureHosting,
  storeNames: { storageAccount, container },
  resourceNames: { keyVault, keyVaultKey, resourceGroup, logAnalyticsWorkspace },
  storageClasses: azureStorageClasses,
  limits: azureLimits,
};
