import type { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import type { Construct } from 'constructs';
import { azureZones } from '../../clouds/azure-zones';
import type { Site } from '../../contract/site';
import { addResourceGroup } from '../group';

/** What every construct of a site is given. */
export interface SiteFrame {
  readonly site: Site;
  readonly group: ResourceGroup;
  /** Availability zones of the location, none where it has none. */
  readonly zones: readonly string[];
}

/** Group and location, as resources want them. */
export function placeOf({ group }: Pick<SiteFrame, 'group'>): {
  readonly resourceGroupName: string;
  readonly location: string;
} {
  return { resourceGroupName: group.name, location: group.location };
}

/** Zones as an optional property: a location without zones refuses an empty list. */
export function inZones({ zones }: Pick<SiteFrame, 'zones'>): { readonly zones?: string[] } {
  return zones.length === 0 ? {} : { zones: [...zones] };
}

/** The resource group of a site, and what its constructs are given. */
export function siteFrame(scope: Construct, site: Site): SiteFrame {
  const group = addResourceGroup(scope, { id: site.id, resourceGroup: `rg-${site.prefix}`, location: site.region });
  return { site, group, zones: azureZones(site.region) };
}
