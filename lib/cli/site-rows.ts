import type { ProtectionPlan, Site, SiteVolume, TaskManifest } from '../contract';
import { Duration, scheduleText } from '../units';
import { table } from './table';

/** The recovery sites for people: what each is, how it is kept current, and what it costs while nothing happens. */
export function siteSections({
  sites,
  tasks,
}: Pick<ProtectionPlan, 'sites' | 'tasks'>): readonly (readonly [string, string])[] {
  if (sites.length === 0) return [];
  const rows = sites.map((site) => [
    site.name,
    site.kind,
    `${site.cloud} ${site.region}`,
    site.network.cidr,
    synchronizationText(site),
    activationText(site),
  ]);
  const costs = sites.map((site) => [site.name, running(site).join(', '), onActivation(site).join(', ') || 'nothing']);
  const backed = sites
    .filter(({ database }) => database !== null)
    .map((site) => [site.name, backupsText(site), runsText(site, tasks)]);
  return [
    ['Recovery sites', table(['site', 'kind', 'where', 'addresses', 'kept current by', 'activated'], rows)],
    ...(backed.length > 0
      ? [['Backups while a site is active', table(['site', 'its database is backed up by', 'when'], backed)] as const]
      : []),
    ['What a site costs', table(['site', 'runs always', 'only once it is activated'], costs)],
  ];
}

/** Who has the last copy of what is written there. */
function backupsText({ backups }: Site): string {
  return backups ? `its own machine, into the stores of ${backups.task}` : 'nobody (DR3098)';
}

/** As the task has them: what takes the place of a type that the engine lacks is called what it is. */
function runsText({ backups }: Site, tasks: readonly TaskManifest[]): string {
  if (!backups) return '-';
  const task = tasks.find(({ name }) => name === backups.task);
  const taken = (type: string) => task?.runs.find((run) => run.for.some((one) => one === type))?.type ?? type;
  return backups.runs.map(({ type, schedule }) => `${taken(type)} ${scheduleText(schedule)}`).join(', ');
}

/** The name is no part of what is estimated: it moves beside and after it. */
function activationText({ activation: { automated, estimatedSeconds, dns } }: Site): string {
  const name = dns === null ? '' : ` and ${Duration.seconds(dns.moveSeconds)} for its name`;
  return `${automated ? 'by itself' : 'by a person'}, ${Duration.seconds(estimatedSeconds)}${name}`;
}

function synchronizationText({ synchronization, database }: Site): string {
  const { method, lagSeconds, restores } = synchronization;
  const alarm = lagSeconds === undefined ? '' : `, alarm at ${Duration.seconds(lagSeconds)}`;
  if (restores) return `${method} ${scheduleText(restores.schedule)}${alarm}`;
  return database === null ? 'no database' : `${method}${alarm}`;
}

/** What is paid for while nothing happens. */
function running({ cloud, network, compute, database, synchronization, activation }: Site): readonly string[] {
  return [
    ...(compute.asleep > 0
      ? [`${compute.asleep} x ${compute.instanceType}${volumes(compute.asleep, compute.volume)}`]
      : []),
    ...databaseRunning(database),
    ...(synchronization.restores
      ? [`the time of each restore (${scheduleText(synchronization.restores.schedule)})`]
      : []),
    ...(synchronization.archive ? [`an archive of ${synchronization.archive.days} days`] : []),
    'a load balancer',
    ...(cloud === 'aws' && activation.dns ? ['health checks of its name'] : []),
    // On Google it is paid by what goes through it.
    ...(network.outbound === 'nat' && cloud !== 'google' ? ['a NAT'] : []),
  ];
}

function databaseRunning(database: Site['database']): readonly string[] {
  switch (database?.kind) {
    case undefined:
      return [];
    case 'replica':
      return [`database: a replica of ${database.databaseClass}${database.multiZone ? ' in two zones' : ''}`];
    case 'service':
      return [`database: the disk of a stopped ${database.databaseClass}`];
    case 'machines': {
      const disks = volumes(database.count, database.volume);
      return [
        database.always
          ? `database: ${database.count} x ${database.instanceType}${disks}`
          : `database: stopped ${database.instanceType}${disks}`,
      ];
    }
  }
}

function onActivation({ compute, database }: Site): readonly string[] {
  const { asleep, active } = compute;
  const more = active.least - asleep;
  return [
    ...(more > 0 ? [`${more} x ${compute.instanceType}${volumes(more, compute.volume)}`] : []),
    ...(active.most > active.least ? [`up to ${active.most - active.least} more by load`] : []),
    ...(database?.kind === 'service' ? [`database: ${database.databaseClass}`] : []),
    ...(database?.kind === 'machines' && !database.always
      ? [`database: ${database.count} x ${database.instanceType}`]
      : []),
  ];
}

function volumes(count: number, volume: SiteVolume | null): string {
  return volume === null ? '' : ` with ${count === 1 ? '' : `${count} x `}${volume.sizeGiB} GiB ${volume.type}`;
}
