import { placeRule, regionsOf } from './place-rule';

/** @see https://cloud.google.com/compute/docs/regions-zones */
const REGION_TITLES = {
  'africa-south1': 'Johannesburg',
  'asia-east1': 'Taiwan',
  'asia-east2': 'Hong Kong',
  'asia-northeast1': 'Tokyo',
  'asia-northeast2': 'Osaka',
  'asia-northeast3': 'Seoul',
  'asia-south1': 'Mumbai',
  'asia-south2': 'Delhi',
  'asia-southeast1': 'Singapore',
  'asia-southeast2': 'Jakarta',
  'asia-southeast3': 'Bangkok',
  'australia-southeast1': 'Sydney',
  'australia-southeast2': 'Melbourne',
  'europe-central2': 'Warsaw',
  'europe-north1': 'Finland',
  'europe-north2': 'Stockholm',
  'europe-southwest1': 'Madrid',
  'europe-west1': 'Belgium',
  'europe-west2': 'London',
  'europe-west3': 'Frankfurt',
  'europe-west4': 'Netherlands',
  'europe-west6': 'Zurich',
  'europe-west8': 'Milan',
  'europe-west9': 'Paris',
  'europe-west10': 'Berlin',
  'europe-west12': 'Turin',
  'me-central1': 'Doha',
  'me-central2': 'Dammam',
  'me-west1': 'Tel Aviv',
  'northamerica-northeast1': 'Montreal',
  'northamerica-northeast2': 'Toronto',
  'northamerica-south1': 'Queretaro',
  'southamerica-east1': 'Sao Paulo',
  'southamerica-west1': 'Santiago',
  'us-central1': 'Iowa',
  'us-east1': 'South Carolina',
  'us-east4': 'Northern Virginia',
  'us-east5': 'Columbus',
  'us-south1': 'Dallas',
  'us-west1': 'Oregon',
  'us-west2': 'Los Angeles',
  'us-west3': 'Salt Lake City',
  'us-west4': 'Las Vegas',
};

/** Areas of several regions, for buckets only. @see https://cloud.google.com/storage/docs/locations */
const AREA_TITLES = {
  ASIA: 'data centers in Asia',
  EU: 'data centers in the European Union',
  US: 'data centers in the United States',
  ASIA1: 'Tokyo and Osaka',
  EUR4: 'Netherlands and Finland',
  EUR5: 'Belgium and London',
  EUR7: 'London and Frankfurt',
  EUR8: 'Frankfurt and Zurich',
  NAM4: 'Iowa and South Carolina',
};

export const googleRegions = regionsOf(REGION_TITLES);
export const googleStorePlaces = regionsOf({ ...REGION_TITLES, ...AREA_TITLES });

/** `area-direction` and a number without a hyphen before it, such as `europe-west1`. */
export const googleRegionPattern = /^[a-z]{2,}-[a-z]{4,}\d{1,2}$/;

export const googleRegionNames = placeRule({
  described: 'a Google Cloud region',
  example: 'europe-west1',
  source: 'https://cloud.google.com/compute/docs/regions-zones',
  places: googleRegions,
  pattern: googleRegionPattern,
});

/** Cloud Storage compares the names of locations without their case. */
export const googleStorePlaceNames = placeRule({
  described: 'a location of Cloud Storage',
  example: 'europe-west1 or EU',
  source: 'https://cloud.google.com/storage/docs/locations',
  places: googleStorePlaces,
  pattern: googleRegionPattern,
  fold: (name) => name.toLowerCase(),
});

/**
 * Where the key of a bucket has to be: at the bucket's own location, which Cloud KMS calls `europe` for the bucket's `EU`.
 * @see https://cloud.google.com/storage/docs/encryption/customer-managed-keys#key-locations
 */
export function kmsLocationOf(bucketLocation: string): string {
  const location = bucketLocation.toLowerCase();
  return location === 'eu' ? 'europe' : location;
}

/** A region inside of each area, where what runs beside a bucket of that area can be: Cloud Run has no areas. */
const REGION_IN_AREA: Readonly<Record<string, string>> = {
  asia: 'asia-east1',
  eu: 'europe-west1',
  us: 'us-central1',
  asia1: 'asia-northeast1',
  eur4: 'europe-west4',
  eur5: 'europe-west1',
  eur7: 'europe-west3',
  eur8: 'europe-west3',
  nam4: 'us-central1',
};

/** The region of a location of Cloud Storage: itself, or one inside of the area. */
export function googleRegionOf(bucketLocation: string): string {
  const location = bucketLocation.toLowerCase();
  return REGION_IN_AREA[location] ?? location;
}
