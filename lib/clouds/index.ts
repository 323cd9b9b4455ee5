export type {
  Architecture,
  Cloud,
  CloudId,
  DatabaseEngine,
  DatabaseHosting,
  NameRule,
  NameVerdict,
  Reading,
  Region,
  StorageClass,
  StorageLimits,
} from './cloud';
export {
  ACCOUNT_PLACEHOLDER,
  accountRegionalName,
  cloudFormationStack,
  iamRole,
  kmsAlias,
  s3Bucket,
} from './aws-names';
export { isLacking } from './aws-database-regions';
export { container, keyVault, keyVaultKey, logAnalyticsWorkspace, resourceGroup, storageAccount } from './azure-names';
export { hasPairedRegion } from './azure-regions';
export { AZURE_REPLICATIONS, hasArchiveTier, isGeoRedundant } from './azure-storage';
export type { AzureReplication } from './azure-storage';
export { azureZones } from './azure-zones';
export { normaliseCloudSqlTier } from './google-databases';
export { gcsBucket, kmsCryptoKey, kmsKeyRing } from './google-names';
export { googleRegionOf, kmsLocationOf } from './google-regions';
export { parseAwsKey, parseGoogleKey, parseVaultUrl } from './keys';
export type { AwsKeyReference, GoogleKeyReference, VaultReference } from './keys';
export { clouds, ownerOf, placeNames } from './places';
