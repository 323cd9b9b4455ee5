import { SqlDatabaseInstance } from '@cdktf/provider-google/lib/sql-database-instance';
import { Construct } from 'constructs';
import type { SiteDatabase } from '../../contract/site';
import { input, nodeComment } from '../../terraform';
import type { SiteFrame } from './frame';
import type { SiteNetwork } from './network';
import { ServicePeering } from './peering';
import { sqlSettings } from './sql';

export type Replica = Extract<SiteDatabase, { kind: 'replica' }>;

export interface SiteReplicaProps {
  readonly frame: SiteFrame;
  readonly database: Replica;
  readonly network: SiteNetwork;
}

/**
 * What a promotion changes: a deployment after it neither demotes the server nor makes it anew. Backups and a second zone
 * are the activation's too, since a replica has neither.
 * @see https://cloud.google.com/sql/docs/postgres/replication/manage-replicas
 */
const LEFT_ALONE = [
  'master_instance_name',
  'instance_type',
  'replica_configuration',
  'settings[0].availability_type',
  'settings[0].backup_configuration',
  'settings[0].disk_size',
  'settings[0].activation_policy',
];

const SOURCE = /^(?:projects\/[^/]+\/instances\/)?([^/:]+)$|^[^:]+:[^:]+:([^:]+)$/;

/** The name of an instance, however it is written: alone, as PROJECT:REGION:NAME, or as projects/P/instances/NAME. */
export function instanceName(source: string): string {
  const [, name, connected] = SOURCE.exec(source) ?? [];
  return name ?? connected ?? source;
}

/** A Cloud SQL instance that follows a primary of the same project. */
export class SiteReplica extends Construct {
  readonly server: SqlDatabaseInstance;

  constructor(scope: Construct, id: string, { frame, database, network }: SiteReplicaProps) {
    super(scope, id);
    const { site } = frame;
    const version = 'database_version';
    input(this, version, {
      type: 'string',
      description: `Version of the primary, which a replica has to have too: gcloud sql instances describe ${instanceName(database.source)} --format 'value(databaseVersion)'`,
      checks: [
        {
          condition: `\${can(regex("^${database.engine === 'mysql' ? 'MYSQL_[0-9]+_[0-9]+' : 'POSTGRES_[0-9]+'}$", var.${version}))}`,
          errorMessage: `it is written like ${database.engine === 'mysql' ? 'MYSQL_8_0' : 'POSTGRES_16'}`,
        },
      ],
    });
    const { connection } = new ServicePeering(this, 'services', { frame, network });
    this.server = new SqlDatabaseInstance(this, 'Resource', {
      name: `${site.prefix}-replica`,
      region: site.region,
      databaseVersion: `\${var.${version}}`,
      masterInstanceName: instanceName(database.source),
      deletionProtection: true,
      settings: { ...sqlSettings({ tier: database.databaseClass, network, frame }), availabilityType: 'ZONAL' },
      dependsOn: [connection],
      lifecycle: { preventDestroy: true, ignoreChanges: LEFT_ALONE },
    });
    nodeComment(this.server, [database.id]);
  }
}
