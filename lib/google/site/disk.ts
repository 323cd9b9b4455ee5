import type { SiteVolume } from '../../contract/site';

/** Series that take Hyperdisk only. @see https://cloud.google.com/compute/docs/disks/hyperdisks#machine-type-support */
const HYPERDISK_ONLY = /^(?:n4|n4d|n4a|c4|c4a|c4d|m4|x4|h4d|z3|a4|a4x)-/;

/** The disk that a machine starts from: the cheapest solid one that its series takes. */
export function bootDiskType(instanceType: string): string {
  return HYPERDISK_ONLY.test(instanceType) ? 'hyperdisk-balanced' : 'pd-balanced';
}

/** Types of the older kind, on series that take the newer kind only. */
export function isRefused(instanceType: string, diskType: string): boolean {
  return HYPERDISK_ONLY.test(instanceType) && diskType.startsWith('pd-');
}

/** What a disk may be told about how fast it is: the plan has it where the type takes it. */
export function iopsOf({ iops }: Pick<SiteVolume, 'iops'>): { readonly provisionedIops?: number } {
  return iops === undefined ? {} : { provisionedIops: iops };
}
