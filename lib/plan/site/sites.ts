import type { Site, SiteDatabase, SiteSynchronization, TaskManifest } from '../../contract';
import { childPath } from '../../diagnostics';
import type { SiteSpec } from '../../spec';
import { distinctKebab, fitName } from '../../units';
import { terraformBackend } from '../backend';
import type { PlanContext } from '../context';
import type { DataSet } from '../data-set';
import { siteActivation } from './activation';
import { siteBackups } from './backups';
import { siteCompute } from './compute';
import { siteDatabase } from './database';
import { kindOf, kindPaths } from './kind';
import { siteNetwork } from './network';
import { siteSynchronization } from './synchronization';

/** Names of what is in a site begin with it; the shortest limit is that of load balancers, with a word behind it. */
const LONGEST_PREFIX = 26;

/** Clouds that have a stack for sites. */
const BUILT: readonly Site['cloud'][] = ['aws', 'azure', 'google'];

/** What says whose a site is, and what binds who acts in it. */
const ACCOUNT_PATHS: Readonly<Record<Site['cloud'], readonly string[]>> = {
  aws: ['deployment.aws.account', 'deployment.aws.permissions_boundary'],
  azure: ['deployment.azure.subscription'],
  google: ['deployment.google.project'],
};

/** The recovery sites: every one that is enabled, each a stack of its own, sorted by name. */
export function resolveSites(
  context: PlanContext,
  dataSets: readonly DataSet[],
  tasks: readonly TaskManifest[],
): readonly Site[] {
  return [...(context.spec.disaster_recovery?.dr_sites ?? [])]
    .filter(([, site]) => site.enabled && BUILT.includes(site.provider))
    .map(([name, site]) => siteOf(context, name, site, dataSets, tasks))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((site, index) => {
      const backups = siteBackups(site, index, tasks);
      return backups ? { ...site, backups } : site;
    });
}

function siteOf(
  context: PlanContext,
  name: string,
  site: SiteSpec,
  dataSets: readonly DataSet[],
  tasks: readonly TaskManifest[],
): Site {
  const at = childPath('disaster_recovery.dr_sites', name);
  const prefix = fitName(`${context.prefix}-${distinctKebab(name.replaceAll('_', '-'))}`, LONGEST_PREFIX);
  const stack = `${context.prefix}-site-${distinctKebab(name.replaceAll('_', '-'))}`;
  const asked = siteDatabase(context, name, at, site);
  const synchronize = (database: SiteDatabase | null) =>
    siteSynchronization(context, { name, at, prefix, site, database, dataSets, tasks });
  // A database that follows nothing and gets no backup would only cost (DR3085, DR3088).
  const database = asked && isFed(asked, synchronize(asked)) ? asked : null;
  const sleeps = site.infrastructure.compute.count === 0 && !(database?.kind === 'machines' && database.always);
  const settings = context.deployment.sites?.get(name);
  const account = accountOf(context, site.provider);
  return {
    id: `site.${name}`,
    from: [
      ...kindPaths(at, site),
      `${at}.provider`,
      `${at}.region`,
      ...ACCOUNT_PATHS[site.provider],
      'deployment.environment',
      'deployment.name',
      'deployment.state',
    ].sort(),
    name,
    kind: kindOf(name, site),
    cloud: site.provider,
    region: site.region,
    location: site.location,
    ...(account !== undefined && { account }),
    stack,
    prefix,
    backend: terraformBackend(context, stack),
    network: siteNetwork(context, { name, at, sleeps }),
    compute: siteCompute(context, name, at, site),
    balancer: {
      id: `site.${name}.balancer`,
      from: settings === undefined ? [`${at}.provider`, `${at}.region`] : [childPath('deployment.sites', name)],
      port: settings?.port ?? 443,
      ...(settings?.health_path !== undefined && { healthPath: settings.health_path }),
    },
    database,
    synchronization: synchronize(database),
    activation: siteActivation(context, name, at, site),
  };
}

function isFed({ kind }: SiteDatabase, { method, primary, restores }: SiteSynchronization): boolean {
  return kind === 'replica' || (method === 'backup_restore' ? restores : primary) !== undefined;
}

function accountOf({ deployment }: PlanContext, cloud: Site['cloud']): string | undefined {
  switch (cloud) {
    case 'aws':
      return deployment.aws?.account;
    case 'azure':
      return deployment.azure?.subscription;
    case 'google':
      return deployment.google?.project;
  }
}
