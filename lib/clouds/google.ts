import type { Cloud } from './cloud';
import { cloudSqlHosting, googleDatabaseClasses, googleMachineOf } from './google-databases';
import { googleMachineTypes, googleArchitecture } from './google-machine-types';
import { gcsBucket, kmsCryptoKey, kmsKeyRing } from './google-names';
import {
  googleRegionNames,
  googleRegionPattern,
  googleRegions,
  googleStorePlaceNames,
  googleStorePlaces,
} from './google-regions';
import { googleDiskTypes, googleLimits, googleStorageClasses } from './google-storage';

export const google: Cloud = {
  id: 'google',
  title: 'Google Cloud',
  dataDate: '2026-11-24',
  placeNoun: 'location',
  regions: googleRegions,
  regionPattern: googleRegionPattern,
  regionNames: googleRegionNames,
  storePlaces: googleStorePlaces,
  storePlaceNames: googleStorePlaceNames,
  instanceTypes: googleMachineTypes,
  diskTypes: googleDiskTypes,
  diskTypesWithIops: ['hyperdisk-balanced', 'hyperdisk-extreme', 'hyperdisk-balanced-high-availability', 'pd-extreme'],
  defaultDiskType: 'pd-balanced',
  databaseClasses: googleDatabaseClasses,
  databaseHosting: cloudSqlHosting,
  machineOf: googleMachineOf,
  architectureOf: googleArchitecture,
  storeNames: { gcsBucket },
  resourceNames: { kmsKeyRing, kmsCryptoKey },
  storageClasses: googleStorageClasses,
  limits: googleLimits,
};
