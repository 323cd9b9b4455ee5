import { clouds, hasPairedRegion, kmsLocationOf, ownerOf, placeNames } from '../../lib/clouds';
import { judged } from './judge';

test('no two clouds share the name of a place', () => {
  const names = Object.values(clouds)
    .flatMap(placeNames)
    .map((name) => name.toLowerCase());
  expect(new Set(names).size).toBe(names.length);
});

test.each([
  ['eu-west-1', 'aws'],
  ['eu-central-1', 'aws'],
  ['westeurope', 'azure'],
  ['germanywestcentral', 'azure'],
  ['northeurope', 'azure'],
  ['europe-west2', 'google'],
  ['EUROPE-WEST1', 'google'],
  ['EU', 'google'],
  ['eur4', 'google'],
  ['nam4', 'google'],
  ['Frankfurt', undefined],
  ['', undefined],
  ['constructor', undefined],
])('the owner of %p is %p', (place, owner) => {
  expect(ownerOf(place)).toBe(owner);
});

const shapes = {
  aws: 'is not written like an AWS region (eu-west-1)',
  azure: 'is not written like an Azure location (westeurope)',
  google: 'is not written like a Google Cloud region (europe-west1)',
};

test.each([
  ['aws', 'us-gov-east-1', 'known'],
  ['aws', 'eusc-de-east-1', 'known'],
  ['aws', 'eu-west-9', 'unknown'],
  ['aws', 'EU-WEST-1', shapes.aws],
  ['aws', 'eu-west-1a', shapes.aws],
  ['aws', 'europe-west1', shapes.aws],
  ['aws', 'westeurope', shapes.aws],
  ['azure', 'westus3', 'known'],
  ['azure', 'norwaysouth', 'unknown'],
  ['azure', 'West Europe', shapes.azure],
  ['azure', 'amsterdam', shapes.azure],
  ['azure', 'eu-west-1', shapes.azure],
  ['google', 'europe-west12', 'known'],
  ['google', 'europe-west99', 'unknown'],
  ['google', 'eu-west-1', shapes.google],
  ['google', 'London', shapes.google],
  ['google', 'EU', shapes.google],
] as const)('%s judges the region %p as %p', (id, name, verdict) => {
  expect(judged(clouds[id].regionNames, name)).toBe(verdict);
});

test.each([
  ['EU', 'known'],
  ['eur4', 'known'],
  ['NAM4', 'known'],
  ['EUROPE-WEST1', 'known'],
  ['europe-west1', 'known'],
  ['europe-west99', 'unknown'],
  ['eu-west-1', 'is not written like a location of Cloud Storage (europe-west1 or EU)'],
  ['westeurope', 'is not written like a location of Cloud Storage (europe-west1 or EU)'],
])('Cloud Storage judges the location %p as %p', (name, verdict) => {
  expect(judged(clouds.google.storePlaceNames, name)).toBe(verdict);
});

test('only Cloud Storage has places beyond the regions: areas of several regions', () => {
  const beyond = Object.values(clouds).map((cloud) =>
    placeNames(cloud).filter((name) => cloud.regionNames.judge(name).kind !== 'known'),
  );
  expect(beyond).toEqual([[], [], ['ASIA', 'EU', 'US', 'ASIA1', 'EUR4', 'EUR5', 'EUR7', 'EUR8', 'NAM4']]);
});

test('the key of a bucket in EU is in the location that Cloud KMS calls europe', () => {
  expect(['EU', 'US', 'EUR4', 'EUROPE-WEST1'].map(kmsLocationOf)).toEqual(['europe', 'us', 'eur4', 'europe-west1']);
});

test('a location without a paired region is told apart', () => {
  expect(['westeurope', 'germanywestcentral', 'italynorth'].map(hasPairedRegion)).toEqual([true, true, false]);
});

test('every location without a pair is a known one', () => {
  const unpaired = clouds.azure.regions.filter(({ name }) => !hasPairedRegion(name));
  expect(unpaired).toHaveLength(13);
});
