import { clouds } from '../../clouds';
import type { Site } from '../../contract';
import { childPath } from '../../diagnostics';
import { dataSetsOfEngine } from '../site/primary';
import { dnsSite } from '../site/activation';
import type { PlanCheck, Resolved } from './finding';
import { backupsOfActiveSites } from './site-backups';
import { dataAtNoSite } from './site-data';
import { nameObjective } from './site-name';
import { siteOffers } from './site-offers';
import { managedPrimaries } from './site-primary';

const at = (name: string) => childPath('disaster_recovery.dr_sites', name);
const setting = (name: string) => childPath('deployment.sites', name);

/** Sites that share addresses can never be joined, nor reach one primary both. */
export const siteRanges: PlanCheck = ({ context, plan }) => {
  plan.sites.forEach((site, index) => {
    const other = plan.sites.slice(0, index).find((one) => one.network.cidr === site.network.cidr);
    if (!other) return;
    context.report({
      code: 'DR3080',
      path: context.deployment.sites?.get(site.name)?.cidr ? `${setting(site.name)}.cidr` : at(site.name),
      message: `"${site.name}" and "${other.name}" have the same addresses, ${site.network.cidr}`,
      fix: `give one of them another range: deployment { sites: { ${site.name}: { cidr: "10.130.16.0/20" } } }`,
    });
  });
};

/** A database that the site was to have, and that nothing here can bring there. */
export const siteEngines: PlanCheck = ({ context, plan }) => {
  for (const site of plan.sites) {
    const asked = context.spec.disaster_recovery?.dr_sites?.get(site.name)?.infrastructure.database;
    if (!asked || site.database) continue;
    const { method } = site.synchronization;
    // What is available and has nothing to follow or to restore is told by others.
    if (asked.engine !== 'sqlserver' && (asked.engine === 'postgresql' || method === 'backup_restore')) continue;
    const restorable = asked.engine !== 'sqlserver' && method !== 'backup_restore';
    context.report({
      code: 'DR3081',
      path: `${at(site.name)}.infrastructure.database.engine`,
      message: `"${site.name}" gets no database: ${method} of ${asked.engine} is not available on ${clouds[site.cloud].title} here`,
      fix: restorable
        ? `use method "backup_restore", or name a managed primary of ${clouds[site.cloud].title} in deployment.primary_site.database and database_id`
        : 'keep a replica of it by its own means (an availability group, a failover group), and restore its backups with hypdr-runner restore',
    });
  }
};

/** A class of a managed service that became a machine, or a method that became a better one. */
export const siteDatabases: PlanCheck = ({ context, plan }) => {
  for (const site of plan.sites) {
    const asked = context.spec.disaster_recovery?.dr_sites?.get(site.name)?.infrastructure.database;
    const { database, synchronization } = site;
    if (!asked || !database) continue;
    const cloud = clouds[site.cloud];
    const path = `${at(site.name)}.infrastructure.database.instance_class`;
    if (database.kind === 'machines' && cloud.databaseHosting(asked.instance_class) === 'managed') {
      const why =
        synchronization.method === 'backup_restore'
          ? `a managed database of ${cloud.title} can't stay stopped between restores`
          : `a managed database of ${cloud.title} follows only a primary of the same service`;
      context.report({
        code: 'DR3082',
        path,
        message: `${why}: the database of "${site.name}" is ${database.count === 1 ? 'a machine' : `${database.count} machines`} of type ${database.instanceType} with ${database.engine} ${database.version}`,
        fix:
          synchronization.method === 'backup_restore'
            ? 'nothing to do'
            : 'if the primary is one, name it in deployment.primary_site.database and database_id',
      });
    }
    if (database.kind === 'replica' && synchronization.method === 'log_shipping') {
      context.report({
        code: 'DR3082',
        path: `${at(site.name)}.synchronization.method`,
        message: `a managed replica takes no archived log: "${site.name}" follows its primary by streaming, which is less behind`,
        fix: 'nothing to do',
      });
    }
  }
};

/** Machines that start from a plain image run nothing of the user's. */
export const plainImages: PlanCheck = ({ context, plan }) => {
  for (const site of plan.sites) {
    if (site.compute.image !== undefined) continue;
    context.report({
      code: 'DR3084',
      path: `${at(site.name)}.infrastructure.compute`,
      message: `machines of "${site.name}" start from plain Ubuntu 24.04 LTS: nothing of your application is on them, and the balancer finds port ${site.balancer.port} closed`,
      fix: `name an image with it: deployment { sites: { ${site.name}: { image: "..." } } }`,
    });
  }
};

/** A standby whose primary nobody named. */
export const unknownPrimaries: PlanCheck = ({ context, dataSets, plan }) => {
  for (const site of plan.sites) {
    const { database, synchronization } = site;
    const asked = context.spec.disaster_recovery?.dr_sites?.get(site.name)?.infrastructure.database;
    if (synchronization.method !== 'backup_restore' && !database && asked?.engine === 'postgresql') {
      context.report({
        code: 'DR3085',
        path: `${at(site.name)}.synchronization`,
        message: `"${site.name}" gets no database: no data set of the spec is a ${asked.engine} that it could follow`,
        fix: 'add it to backup.database, or name a managed primary in deployment.primary_site.database and database_id',
      });
    }
    if (database?.kind !== 'machines' || synchronization.method === 'backup_restore') continue;
    const { primary } = synchronization;
    if (primary?.host === undefined) {
      const name = primary?.dataSet ?? database.engine;
      context.report({
        code: 'DR3085',
        path: `${at(site.name)}.synchronization`,
        message: `"${site.name}" follows nothing yet: no host of a ${database.engine} primary is known`,
        fix: `name it: database { ${name}: { primary: { host: "..." } } }`,
      });
    }
    const [, ...others] = dataSetsOfEngine(dataSets, database.engine);
    if (others.length === 0 || primary === undefined) continue;
    context.report({
      code: 'DR3089',
      path: `${at(site.name)}.infrastructure.database`,
      message: `"${site.name}" has one ${database.engine} and follows the server of "${primary.dataSet}"; ${others.map((one) => `"${one.name}"`).join(', ')} ${others.length === 1 ? 'is' : 'are'} there only if that server has ${others.length === 1 ? 'it' : 'them'} too`,
      fix: 'give each further server a site of its own',
    });
  }
};

/** What an activation by itself must have, so that it is no split brain. */
export const automaticActivation: PlanCheck = ({ context, plan }) => {
  for (const site of plan.sites) {
    if (!site.activation.automated) continue;
    const path = `${at(site.name)}.activation.automated`;
    const waits = site.activation.triggers.some((one) => one !== 'manual_activation');
    if (waits && site.activation.healthUrls.length === 0) {
      context.report({
        code: 'DR3086',
        path,
        message: `nothing tells "${site.name}" that the primary is unreachable: no URL of it is known, so only a person activates the site`,
        fix: 'name them: deployment { primary_site: { health_urls: ["https://..."] } }',
      });
    }
    if (waits && !hasSecondSign(site)) {
      context.report({
        code: 'DR3086',
        path,
        message: `one sign is not enough, and there is no second one: nothing measures how far "${site.name}" is behind, so only a person activates it`,
        fix: 'give a site that follows its primary a lag_threshold, or write automated: false',
      });
    }
    if (site.database?.kind === 'replica') {
      context.report({
        code: 'DR3086',
        path,
        message: `"${site.name}" promotes a replica of a managed primary that nothing makes read-only where it can't be reached: writes after the promotion may be in both`,
        fix: 'let a person activate it, or take the rights to write from the application by a way of its own',
      });
    }
  }
};

/** The database itself says that nothing comes any more: it follows, and how far it is behind is measured. */
function hasSecondSign({ database, synchronization: { method, lagSeconds } }: Site): boolean {
  return database !== null && method !== 'backup_restore' && lagSeconds !== undefined;
}

/** Operations a second where the type of disk gives what it gives. */
export const volumeIops: PlanCheck = ({ context, plan }) => {
  for (const site of plan.sites) {
    const asked = context.spec.disaster_recovery?.dr_sites?.get(site.name)?.infrastructure.storage;
    const cloud = clouds[site.cloud];
    if (asked?.iops === undefined || cloud.diskTypesWithIops.includes(asked.type)) continue;
    context.report({
      code: 'DR3087',
      path: `${at(site.name)}.infrastructure.storage.iops`,
      message: `disks of type ${asked.type} take no number of operations a second: ${asked.iops} is left out`,
      fix: `use ${cloud.diskTypesWithIops.join(' or ')}, or remove iops`,
    });
  }
};

/** A site that is restored from backups of which its cloud has none. */
export const siteBackups: PlanCheck = ({ context, plan }) => {
  for (const site of plan.sites) {
    const asked = context.spec.disaster_recovery?.dr_sites?.get(site.name)?.infrastructure.database;
    const { database, synchronization } = site;
    if (synchronization.method !== 'backup_restore' || !asked || asked.engine === 'sqlserver' || database) continue;
    context.report({
      code: 'DR3088',
      path: `${at(site.name)}.synchronization.method`,
      message: `"${site.name}" gets no database: no backup of ${asked.engine} lies on ${clouds[site.cloud].title} that could be restored`,
      fix: `back up a ${asked.engine} database, and add a store of ${clouds[site.cloud].title} to backup.cloud, which copies fill`,
    });
  }
};

/** A record that no site takes over, or that has nothing to come back to. */
export const dnsFailover: PlanCheck = (resolved) => {
  const { context, plan } = resolved;
  const { dns, primary_site: primary } = context.deployment;
  if (!dns || plan.sites.length === 0) return;
  const name = dnsSite(context);
  if (name === undefined)
    return reportDns(
      resolved,
      'no site is in the cloud of its zone',
      'name the cloud that has the zone: deployment.dns.provider',
    );
  if (primary?.address === undefined) {
    reportDns(
      resolved,
      `the address of the primary is unknown, so "${name}" is all that the record could lead to`,
      'name it: deployment.primary_site.address',
    );
  }
};

function reportDns({ context }: Resolved, why: string, fix: string): void {
  const record = context.deployment.dns?.record ?? '';
  context.report({ code: 'DR3090', path: 'deployment.dns', message: `"${record}" is not failed over: ${why}`, fix });
}

/** Every check of sites. */
export const SITE_CHECKS: readonly PlanCheck[] = [
  automaticActivation,
  backupsOfActiveSites,
  dataAtNoSite,
  dnsFailover,
  managedPrimaries,
  nameObjective,
  plainImages,
  siteBackups,
  siteDatabases,
  siteEngines,
  siteOffers,
  siteRanges,
  unknownPrimaries,
  volumeIops,
];
