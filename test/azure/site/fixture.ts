import type { ProtectionPlan, Site } from '../../../lib/contract';
import { addAzureSites } from '../../../stacks/azure';
import { RUNNER } from '../contoso';
import { need, planned } from '../../plan/support';
import { compileKeptIn, compileSites, site as siteText } from '../../plan/site/support';
import type { SiteParts } from '../../plan/site/support';
import { synthStack } from '../../terraform/synth-stack';
import type { SynthesizedStack } from '../../terraform/synth-stack';

export interface Made {
  readonly site: Site;
  readonly stack: SynthesizedStack;
}

/** A site on Azure, in the plan and as a stack. */
export function madeSite(name: string, parts: SiteParts = {}, deployment?: string, rest?: string): Made {
  return madeIn(undefined, name, parts, deployment, rest);
}

/** The same in another location. */
export function madeIn(
  region: string | undefined,
  name: string,
  parts: SiteParts = {},
  deployment?: string,
  rest?: string,
): Made {
  const text = siteText(name, { provider: 'azure', ...parts });
  // The hot one grows by itself.
  const grown = name === 'hot' ? text.replace(/count: \d+/, '$& auto_scaling: true') : text;
  const plan = planned(compileSites(grown, deployment, rest));
  const site = need(
    plan.sites.map((one) => ({ ...one, ...(region !== undefined && { region }) })).find((one) => one.name === name),
    name,
  );
  return made(plan, site);
}

function made(plan: ProtectionPlan, site: Site): Made {
  return {
    site,
    stack: synthStack(site.stack, (app) => addAzureSites(app, { plan: { ...plan, sites: [site] }, runner: RUNNER })),
  };
}

export const SOURCE =
  '/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/db/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders';

const PRIMARY = `database { orders: { primary: { host: "db.example.com" } } }`;

/** Grows with its load and follows the primary by two machines. */
export const hot = () =>
  madeSite(
    'hot',
    {
      count: 4,
      databaseClass: 'Standard_D4s_v5',
      multiAz: true,
      storage: 'type: "DISK" size: "500GB" iops: 3000',
      synchronization: 'lag_threshold: "30s"',
      activation: 'automated: true trigger_conditions: ["primary_site_unreachable"] estimated_time: "30m"',
    },
    'primary_site: { address: "www.example.com" health_urls: ["https://www.example.com/health"] } dns: { zone: "example.com" record: "app.example.com" provider: "Azure" }',
    PRIMARY,
  );

/** One whose task keeps its backups on Azure: its machines back it up once it is active. */
export const backed = (synchronization = 'lag_threshold: "30s"') => {
  const text = siteText('backed', {
    provider: 'azure',
    multiAz: true,
    databaseClass: 'Standard_D4s_v5',
    synchronization,
  });
  const plan = planned(compileKeptIn('azure', text, PRIMARY));
  return made(plan, need(plan.sites[0], 'site'));
};

/** Follows by the archive. */
export const warm = () =>
  madeSite(
    'warm',
    { method: 'log_shipping', databaseClass: 'Standard_D2s_v5', synchronization: 'lag_threshold: "5m"' },
    undefined,
    PRIMARY,
  );

/** Nothing runs: backups are restored into it. */
export const cold = () => madeSite('cold', { method: 'backup_restore', databaseClass: 'Standard_D2s_v5', count: 0 });

/** The service keeps the replica. */
export const replica = () =>
  madeSite(
    'replica',
    { synchronization: 'lag_threshold: "30s"', multiAz: true },
    `primary_site: { database: "flexible_server" database_id: "${SOURCE}" }`,
  );
