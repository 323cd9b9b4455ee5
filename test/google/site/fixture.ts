import type { ProtectionPlan, Site } from '../../../lib/contract';
import { addGoogleSites } from '../../../stacks/google';
import { RUNNER } from '../../azure/contoso';
import { compileText, GOOGLE_STORE, need, planned, spec } from '../../plan/support';
import { compileKeptIn, compileSites, site as siteText } from '../../plan/site/support';
import type { SiteParts } from '../../plan/site/support';
import { synthStack } from '../../terraform/synth-stack';
import type { SynthesizedStack } from '../../terraform/synth-stack';

export interface Made {
  readonly site: Site;
  readonly stack: SynthesizedStack;
}

/** A site on Google, in the plan and as a stack. */
export function madeSite(name: string, parts: SiteParts = {}, deployment?: string, rest?: string): Made {
  const text = siteText(name, { provider: 'google', ...parts });
  // The hot one grows by itself.
  const grown = name === 'hot' ? text.replace(/count: \d+/, '$& auto_scaling: true') : text;
  return made(name, planned(compileSites(grown, deployment, rest)));
}

/** A site of a plan. */
export function made(name: string, plan: ProtectionPlan): Made {
  const site = need(
    plan.sites.find((one) => one.name === name),
    name,
  );
  return { site, stack: synthStack(site.stack, (app) => addGoogleSites(app, { plan, runner: RUNNER })) };
}

/** Made when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

const PRIMARY = `database { orders: { primary: { host: "db.example.com" } } }`;

/** Grows with its load and follows the primary by two machines. */
export const hot = once(() =>
  madeSite(
    'hot',
    {
      count: 4,
      databaseClass: 'db-custom-4-16384',
      multiAz: true,
      storage: 'type: "DISK" size: "500GB"',
      synchronization: 'lag_threshold: "30s"',
      activation: 'automated: true trigger_conditions: ["primary_site_unreachable"] estimated_time: "30m"',
    },
    'primary_site: { address: "www.example.com" health_urls: ["https://www.example.com/health"] } dns: { zone: "example.com" record: "app.example.com" provider: "GCP" }',
    PRIMARY,
  ),
);

/** One whose task keeps its backups on Google: its machines back it up once it is active. */
export const backed = once(() => madeBacked('lag_threshold: "30s"'));

/** The same, and nobody is told how far it is behind. */
export const quiet = once(() => madeBacked(''));

function madeBacked(synchronization: string): Made {
  const text = siteText('backed', { provider: 'google', multiAz: true, synchronization });
  return made('backed', planned(compileKeptIn('google', text, PRIMARY)));
}

/** Follows by the archive. */
export const warm = once(() =>
  madeSite('warm', { method: 'log_shipping', synchronization: 'lag_threshold: "5m"' }, undefined, PRIMARY),
);

/** Nothing runs: backups are restored into a managed database that is stopped. */
export const freshCold = () => madeSite('cold', { method: 'backup_restore', count: 0 });
export const cold = once(freshCold);

/** The service keeps the replica. */
export const replica = once(() =>
  madeSite(
    'replica',
    { synchronization: 'lag_threshold: "30s"' },
    'primary_site: { database: "cloud_sql" database_id: "acme:europe-west3:orders" }',
  ),
);

/** Nothing runs: backups are restored into machines, since Cloud SQL has no MariaDB. */
export const coldMachines = once((): Made => {
  const database =
    'shop: { type: "mariadb-dump" storage: { gcs: { bucket: "acme-shop" location: "europe-west2" path: "shop/" } } }';
  const rest = `disaster_recovery { dr_sites: { ${siteText('cold', { provider: 'google', method: 'backup_restore', count: 0, engine: 'mariadb', databaseClass: 'n2-standard-4' })} } }`;
  return made('cold', planned(compileText(spec({ database, cloud: GOOGLE_STORE, rest }))));
});
