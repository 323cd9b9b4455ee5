import { placeRule, regionsOf } from './place-rule';

const SOURCE = 'https://learn.microsoft.com/azure/reliability/regions-list';

/**
 * Regions of the public cloud, those with restricted access included: a subscription may have been let in.
 * Titles are the page's physical locations.
 */
export const azureRegions = regionsOf({
  australiacentral: 'Canberra',
  australiacentral2: 'Canberra',
  australiaeast: 'New South Wales',
  australiasoutheast: 'Victoria',
  austriaeast: 'Vienna',
  belgiumcentral: 'Brussels',
  brazilsouth: 'Sao Paulo State',
  brazilsoutheast: 'Rio',
  canadacentral: 'Toronto',
  canadaeast: 'Quebec',
  centralindia: 'Pune',
  centralus: 'Iowa',
  chilecentral: 'Santiago',
  denmarkeast: 'Copenhagen',
  eastasia: 'Hong Kong',
  eastus: 'Virginia',
  eastus2: 'Virginia',
  francecentral: 'Paris',
  francesouth: 'Marseille',
  germanynorth: 'Berlin',
  germanywestcentral: 'Frankfurt',
  indiasouthcentral: 'Hyderabad',
  indonesiacentral: 'Jakarta',
  israelcentral: 'Israel',
  italynorth: 'Milan',
  japaneast: 'Tokyo, Saitama',
  japanwest: 'Osaka',
  jioindiacentral: 'Nagpur',
  jioindiawest: 'Jamnagar',
  koreacentral: 'Seoul',
  koreasouth: 'Busan',
  malaysiawest: 'Kuala Lumpur',
  mexicocentral: 'Querétaro State',
  newzealandnorth: 'Auckland',
  northcentralus: 'Illinois',
  northeurope: 'Ireland',
  norwayeast: 'Norway',
  norwaywest: 'Norway',
  polandcentral: 'Warsaw',
  qatarcentral: 'Doha',
  southafricanorth: 'Johannesburg',
  southafricawest: 'Cape Town',
  southcentralus: 'Texas',
  southeastasia: 'Singapore',
  southindia: 'Chennai',
  spaincentral: 'Madrid',
  swedencentral: 'Gävle',
  swedensouth: 'Malmö',
  switzerlandnorth: 'Zurich',
  switzerlandwest: 'Geneva',
  uaecentral: 'Abu Dhabi',
  uaenorth: 'Dubai',
  uksouth: 'London',
  ukwest: 'Cardiff',
  westcentralus: 'Wyoming',
  westeurope: 'Netherlands',
  westindia: 'Mumbai',
  westus: 'California',
  westus2: 'Washington',
  westus3: 'Phoenix',
});

/** Every region's name has a direction in it, so that a city (`amsterdam`) is not taken for a new region. */
export const azureRegionPattern = /^(?=[a-z]*(?:north|south|east|west|central))[a-z]{6,}\d?$/;

export const azureRegionNames = placeRule({
  described: 'an Azure location',
  example: 'westeurope',
  source: SOURCE,
  places: azureRegions,
  pattern: azureRegionPattern,
});

/** @see SOURCE: regions without any paired region, restricted ones counted as pairs */
const WITHOUT_PAIR: readonly string[] = [
  'austriaeast',
  'belgiumcentral',
  'chilecentral',
  'denmarkeast',
  'indonesiacentral',
  'israelcentral',
  'italynorth',
  'malaysiawest',
  'mexicocentral',
  'newzealandnorth',
  'polandcentral',
  'qatarcentral',
  'spaincentral',
];

/**
 * Tells whether a location offers the geo-redundant kinds of replication, which copy to its paired region.
 * @see https://learn.microsoft.com/azure/reliability/regions-paired
 */
export function hasPairedRegion(location: string): boolean {
  return !WITHOUT_PAIR.includes(location);
}
