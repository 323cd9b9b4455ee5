import type { SiteVolume } from '../../contract/site';

/** Types that need a zone of their own and take no cache. */
const ZONAL = ['PremiumV2_LRS', 'UltraSSD_LRS'];

/** What a disk may have beside its size: only the newer types let themselves be told how fast they are. */
export function takesIops({ type }: Pick<SiteVolume, 'type'>): boolean {
  return ZONAL.includes(type);
}

/** Copies of `ZRS` lie in three zones, and such a disk is in none of its own. */
export function zoneOfDisk({ type }: Pick<SiteVolume, 'type'>, zone: string | undefined): string | undefined {
  return type.endsWith('_ZRS') ? undefined : zone;
}

/** A machine says that it wants ultra disks before it can have one. */
export function ultraOf(volume: SiteVolume | null): { readonly additionalCapabilities?: { ultraSsdEnabled: true } } {
  return volume?.type === 'UltraSSD_LRS' ? { additionalCapabilities: { ultraSsdEnabled: true } } : {};
}
