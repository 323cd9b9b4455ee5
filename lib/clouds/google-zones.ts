/** Letters of the zones of regions whose first three are not a, b and c. */
const LETTERS: Readonly<Record<string, readonly string[]>> = {
  'europe-west1': ['b', 'c', 'd'],
  'us-east1': ['b', 'c', 'd'],
};

/** Three zones of a region; each has at least so many. @see https://cloud.google.com/compute/docs/regions-zones */
export function googleZones(region: string): readonly string[] {
  return (LETTERS[region] ?? ['a', 'b', 'c']).map((letter) => `${region}-${letter}`);
}
