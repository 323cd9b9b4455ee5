import type { SiteVolume } from '../../contract';
import { clouds } from '../../clouds';
import type { SiteSpec } from '../../spec';
import type { PlanContext } from '../context';

/** What a database machine has where no site of the spec says how large its data is, in GiB. */
const DEFAULT_GIB = 100;

/** Data volumes of the machines, as the spec names them; null where it names none. */
export function namedVolume(id: string, at: string, { provider, infrastructure }: SiteSpec): SiteVolume | null {
  const { storage } = infrastructure;
  if (!storage) return null;
  const takesIops = clouds[provider].diskTypesWithIops.includes(storage.type);
  return {
    id,
    from: [`${at}.infrastructure.storage`],
    type: storage.type,
    sizeGiB: storage.size.toProvisionedGibibytes(),
    ...(storage.iops !== undefined && takesIops && { iops: storage.iops }),
  };
}

/** The volume of a database machine: that of the site, else as large as the largest that a site of the spec names. */
export function databaseVolume(context: PlanContext, id: string, at: string, site: SiteSpec): SiteVolume {
  const named = namedVolume(id, at, site);
  if (named) return named;
  const sites = [...(context.spec.disaster_recovery?.dr_sites?.values() ?? [])];
  const sizes = sites.flatMap(({ infrastructure: { storage } }) =>
    storage ? [storage.size.toProvisionedGibibytes()] : [],
  );
  return {
    id,
    from: [`${at}.infrastructure.database`],
    type: clouds[site.provider].defaultDiskType,
    sizeGiB: sizes.length === 0 ? DEFAULT_GIB : Math.max(...sizes),
  };
}
