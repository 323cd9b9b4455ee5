import type { CloudId, DatabaseEngine } from '../../clouds';
import { clouds, normaliseCloudSqlTier } from '../../clouds';
import type { SiteDatabase } from '../../contract';
import type { SiteSpec } from '../../spec';
import type { PlanContext } from '../context';
import { databaseVolume } from './volume';

/** The cloud of each managed database that a primary may be in. */
const MANAGED_IN = { rds: 'aws', flexible_server: 'azure', cloud_sql: 'google' } as const;
/**
 * Engines of which a managed service keeps replicas in another region. That of SQL Server needs its Enterprise edition,
 * and a licence, on each of the three.
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.html
 * @see https://learn.microsoft.com/azure/mysql/flexible-server/concepts-read-replicas
 * @see https://cloud.google.com/sql/docs/mysql/replication/cross-region-replicas
 */
const REPLICATED: Readonly<Record<CloudId, readonly DatabaseEngine[]>> = {
  aws: ['postgresql', 'mysql', 'mariadb'],
  azure: ['postgresql', 'mysql'],
  google: ['postgresql', 'mysql'],
};
/** Major versions of the servers in Ubuntu 24.04 LTS, which its packages install. */
const VERSIONS = { postgresql: '16', mysql: '8.0', mariadb: '10.11' } as const;

type Engine = keyof typeof VERSIONS;

/** The id of a managed primary in the site's own cloud, whose service keeps a replica. */
export function managedPrimary({ deployment }: PlanContext, { provider }: SiteSpec): string | undefined {
  const { database = 'self_managed', database_id: id } = deployment.primary_site ?? {};
  return database !== 'self_managed' && MANAGED_IN[database] === provider ? id : undefined;
}

/**
 * What the database of a site is. Null where the spec names none, and where nothing here can follow that engine (DR3081).
 * A managed service takes the log of its own kind of primary only: anything else is a machine of ours.
 */
export function siteDatabase(context: PlanContext, name: string, at: string, site: SiteSpec): SiteDatabase | null {
  const { database } = site.infrastructure;
  if (!database) return null;
  const { engine, instance_class: databaseClass, multi_az: multiZone } = database;
  const cloud = clouds[site.provider];
  const node = { id: `site.${name}.database`, from: [`${at}.infrastructure.database`] };
  if (engine === 'sqlserver') return null;
  const managed = cloud.databaseHosting(databaseClass) === 'managed';
  const source = managedPrimary(context, site);
  const restored = site.synchronization.method === 'backup_restore';
  if (!restored && managed && source !== undefined && REPLICATED[site.provider].includes(engine)) {
    const from = ['deployment.primary_site.database', 'deployment.primary_site.database_id', ...node.from];
    return { ...node, from, kind: 'replica', engine, databaseClass, multiZone, source };
  }
  if (!restored && engine !== 'postgresql') return null;
  const version = context.deployment.primary_site?.database_version ?? VERSIONS[engine];
  const from = ['deployment.primary_site.database_version', ...node.from];
  // Only Cloud SQL stays stopped: RDS and flexible servers are started again after a week.
  if (restored && managed && site.provider === 'google' && engine !== 'mariadb') {
    const reading = normaliseCloudSqlTier(databaseClass);
    const tier = reading.ok ? reading.value : databaseClass;
    const { sizeGiB } = databaseVolume(context, '', at, site);
    return { ...node, from, kind: 'service', engine, version, databaseClass: tier, multiZone, sizeGiB };
  }
  return machines({ ...node, from, engine, version, always: !restored });

  function machines(props: {
    readonly id: string;
    readonly from: string[];
    readonly engine: Engine;
    readonly version: string;
    readonly always: boolean;
  }): SiteDatabase {
    const instanceType = cloud.machineOf(databaseClass);
    return {
      ...props,
      kind: 'machines',
      instanceType,
      architecture: cloud.architectureOf(instanceType),
      count: multiZone ? 2 : 1,
      volume: databaseVolume(context, `site.${name}.database.volume`, at, site),
    };
  }
}
