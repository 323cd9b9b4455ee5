/** How the range of a site is divided. */
export interface SiteRanges {
  /** Machines of the application: half of it. */
  readonly machines: string;
  /** Machines with a database. */
  readonly database: string;
  /** Containers that restore. */
  readonly restores: string;
  /** First address of what managed databases get, 1024 addresses. */
  readonly services: string;
}

/** Google keeps the first two addresses of a subnet and the last two. */
const FIRST_HOST = 10;
/** Length of the prefix of `services`. */
export const SERVICES_PREFIX = 22;

/** @param cidr - a /20 */
export function siteRanges(cidr: string): SiteRanges {
  const { prefix, third } = parts(cidr);
  return {
    machines: `${prefix}.${third}.0/21`,
    database: `${prefix}.${third + 8}.0/24`,
    restores: `${prefix}.${third + 9}.0/24`,
    services: `${prefix}.${third + 12}.0`,
  };
}

/** The fixed address of a database machine, counted from 0: others follow it there. */
export function databaseAddress(cidr: string, index: number): string {
  const { prefix, third } = parts(cidr);
  return `${prefix}.${third + 8}.${FIRST_HOST + index}`;
}

function parts(cidr: string): { readonly prefix: string; readonly third: number } {
  const [, prefix = '', third = ''] = /^(\d+\.\d+)\.(\d+)\.0\/20$/.exec(cidr) ?? [];
  if (prefix === '') throw new Error(`${cidr} is no /20`);
  return { prefix, third: Number(third) };
}
