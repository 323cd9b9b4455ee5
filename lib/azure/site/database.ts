import { Construct } from 'constructs';
import { secretNameIn } from '../../contract';
import { renderStandbyInstaller } from '../../hosts/standby';
import type { ITerraformDependable } from '../../terraform';
import { SiteArchive } from './archive';
import type { SiteBalancer } from './balancer';
import type { SiteFrame } from './frame';
import { SiteIdentity } from './identity';
import type { Follower } from './lag-alarm';
import type { SiteLease } from './lease';
import type { SiteNetwork } from './network';
import { SiteReplica } from './replica';
import { SiteMachines } from './standby';
import type { Installer } from './standby';
import { standbyMachine } from './standby-machine';

export interface DatabaseOfSiteProps {
  readonly frame: SiteFrame;
  readonly network: SiteNetwork;
  readonly balancer: SiteBalancer;
  readonly lease: SiteLease;
}

/** The database of a site, whatever it is: a server of the service, or machines. */
export class DatabaseOfSite extends Construct {
  readonly follower: Follower | undefined;
  readonly archive: SiteArchive | undefined;
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { frame, network, balancer, lease }: DatabaseOfSiteProps) {
    super(scope, id);
    const { database, synchronization } = frame.site;
    const { archive, primary } = synchronization;
    this.archive = archive && new SiteArchive(this, 'archive', { frame, archive, subnetId: network.database.id });
    this.ready = [];
    if (database?.kind === 'service') throw new Error('Azure has no managed database that stays stopped');
    if (database?.kind === 'replica') {
      const replica = new SiteReplica(this, 'replica', { frame, database, network });
      this.follower = { kind: 'replica', engine: database.engine, replica };
    } else if (database) {
      const identity = new SiteIdentity(this, 'identity', {
        frame,
        reads: { lease: lease.leaseContainer, ...(this.archive && { archive: this.archive.containerId }) },
        ...(primary && { secret: secretNameIn('azure', primary.secret) }),
      });
      const installer: Installer = (index) => {
        const machine = standbyMachine(frame.site, database, { leaseUrl: lease.leaseUrl, index });
        if (!machine) throw new Error('RESTORER');
        return renderStandbyInstaller(machine);
      };
      const machines = new SiteMachines(this, 'machines', { frame, database, network, balancer, identity, installer });
      this.follower = { kind: 'machines', machines, identity };
      this.ready = machines.ready;
    }
  }
}
