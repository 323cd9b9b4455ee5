import type { Site } from '../../contract';
import type { SiteSpec } from '../../spec';

const KINDS = ['hot', 'warm', 'cold'] as const;
const BY_METHOD = { streaming_replication: 'hot', log_shipping: 'warm', backup_restore: 'cold' } as const;

/** How ready a site is: as the spec says, else by the word in its name, else by how data gets there. */
export function kindOf(name: string, { kind, synchronization }: SiteSpec): Site['kind'] {
  const words = name.toLowerCase().split(/[^a-z]+/);
  return kind ?? KINDS.find((one) => words.includes(one)) ?? BY_METHOD[synchronization.method];
}

/** The paths that say it. */
export function kindPaths(at: string, { kind }: SiteSpec): readonly string[] {
  return kind === undefined ? [`${at}.synchronization.method`] : [`${at}.kind`];
}
