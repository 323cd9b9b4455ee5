/**
 * Locations that have availability zones, three of them each.
 * @see https://learn.microsoft.com/azure/reliability/availability-zones-region-support
 */
const WITH_ZONES: ReadonlySet<string> = new Set([
  ...['australiaeast', 'austriaeast', 'belgiumcentral', 'brazilsouth', 'canadacentral', 'centralindia', 'centralus'],
  ...['chilecentral', 'denmarkeast', 'eastasia', 'eastus', 'eastus2', 'francecentral', 'germanywestcentral'],
  ...['indonesiacentral', 'israelcentral', 'italynorth', 'japaneast', 'japanwest', 'koreacentral', 'malaysiawest'],
  ...['mexicocentral', 'newzealandnorth', 'northeurope', 'norwayeast', 'polandcentral', 'qatarcentral'],
  ...['southafricanorth', 'southcentralus', 'southeastasia', 'spaincentral', 'swedencentral', 'switzerlandnorth'],
  ...['uaenorth', 'uksouth', 'westeurope', 'westus2', 'westus3'],
]);

const ZONES = ['1', '2', '3'] as const;

/** Names of a location's availability zones; none where it has none, or where nobody here knows it. */
export function azureZones(location: string): readonly string[] {
  return WITH_ZONES.has(location) ? ZONES : [];
}
