/** Subnets of a site, each a /24 a zone, in this order; the range has room for sixteen. */
export const SUBNETS = { edge: 'edge', machines: 'machines', database: 'database' } as const;

/** AWS keeps the first four addresses of a subnet and the last. */
const FIRST_HOST = 10;
/** Regions in which a new account sees two zones; everywhere else there are three at least. */
const TWO_ZONES = ['us-west-1', 'ca-west-1'];

/** How many zones of a region are used, whose names only a deployment knows. */
export function zonesOf(region: string): number {
  return TWO_ZONES.includes(region) ? 2 : 3;
}

/**
 * The fixed address of a database machine, counted from 0: the second finds the first there. It is in the zone of its
 * number, behind the subnets of the edge and of the machines.
 * @param cidr - a /20
 */
export function databaseAddress(cidr: string, region: string, index: number): string {
  const [, prefix = '', third = ''] = /^(\d+\.\d+)\.(\d+)\.0\/20$/.exec(cidr) ?? [];
  if (prefix === '') throw new Error(`${cidr} is no /20`);
  return `${prefix}.${Number(third) + 2 * zonesOf(region) + index}.${FIRST_HOST}`;
}
