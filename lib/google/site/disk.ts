import type { SiteVolume } from '../../contract/site';
import { takesHyperdiskOnly } from '../../terraform';

/** The disk that a machine starts from: the cheapest solid one that its series takes. */
export function bootDiskType(instanceType: string): string {
  return takesHyperdiskOnly(instanceType) ? 'hyperdisk-balanced' : 'pd-balanced';
}

/** What a disk may be told about how fast it is: the plan has it where the type takes it. */
export function iopsOf({ iops }: Pick<SiteVolume, 'iops'>): { readonly provisionedIops?: number } {
  return iops === undefined ? {} : { provisionedIops: iops };
}
