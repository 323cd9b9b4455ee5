import { rdsDatabaseClasses, rdsHosting, ec2TypeOf } from './aws-databases';
import { ec2InstanceTypes, ec2Architecture } from './aws-instance-types';
import { cloudFormationStack, iamRole, kmsAlias, s3Bucket } from './aws-names';
import { awsRegionNames, awsRegionPattern, awsRegions } from './aws-regions';
import { ebsVolumeTypes, s3Limits, s3StorageClasses } from './aws-storage';
import type { Cloud } from './cloud';

export const aws: Cloud = {
  id: 'aws',
  title: 'AWS',
  dataDate: '2026-11-24',
  placeNoun: 'region',
  regions: awsRegions,
  regionPattern: awsRegionPattern,
  regionNames: awsRegionNames,
  storePlaces: awsRegions,
  storePlaceNames: awsRegionNames,
  instanceTypes: ec2InstanceTypes,
  diskTypes: ebsVolumeTypes,
  diskTypesWithIops: ['gp3', 'io1', 'io2'],
  defaultDiskType: 'gp3',
  databaseClasses: rdsDatabaseClasses,
  databaseHosting: rdsHosting,
  machineOf: ec2TypeOf,
  architectureOf: ec2Architecture,
  storeNames: { s3Bucket },
  resourceNames: { kmsAlias, iamRole, cloudFormationStack },
  storageClasses: s3StorageClasses,
  limits: s3Limits,
};
