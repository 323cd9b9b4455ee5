import { SqlDatabaseInstance } from '@cdktf/provider-google/lib/sql-database-instance';
import { Construct } from 'constructs';
import type { SiteDatabase } from '../../contract/site';
import { nodeComment } from '../../terraform';
import type { SiteFrame } from './frame';
import type { SiteNetwork } from './network';
import { ServicePeering } from './peering';
import { sqlBackups, sqlFlags, sqlSettings, versionOf } from './sql';

export type Service = Extract<SiteDatabase, { kind: 'service' }>;

export interface SiteServiceProps {
  readonly frame: SiteFrame;
  readonly database: Service;
  readonly network: SiteNetwork;
}

/** What restores and the activation change: whether it runs, and how large its data became. */
const LEFT_ALONE = ['settings[0].activation_policy', 'settings[0].disk_size'];

/**
 * A managed database that does not run: its disk alone costs. Workflows start it, to restore into it or for good.
 * @see https://cloud.google.com/sql/docs/postgres/start-stop-restart-instance
 */
export class SiteService extends Construct {
  readonly server: SqlDatabaseInstance;

  constructor(scope: Construct, id: string, { frame, database, network }: SiteServiceProps) {
    super(scope, id);
    const { site } = frame;
    const { connection } = new ServicePeering(this, 'services', { frame, network });
    this.server = new SqlDatabaseInstance(this, 'Resource', {
      name: `${site.prefix}-db`,
      region: site.region,
      databaseVersion: versionOf(database.engine, database.version),
      deletionProtection: true,
      settings: {
        ...sqlSettings({ tier: database.databaseClass, network, frame }),
        activationPolicy: 'NEVER',
        availabilityType: database.multiZone ? 'REGIONAL' : 'ZONAL',
        diskSize: database.sizeGiB,
        backupConfiguration: sqlBackups(database.engine),
        ...sqlFlags(database.engine),
      },
      dependsOn: [connection],
      lifecycle: { preventDestroy: true, ignoreChanges: LEFT_ALONE },
    });
    nodeComment(this.server, [database.id]);
  }
}
