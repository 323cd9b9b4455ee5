import { Construct } from 'constructs';
import { secretNameIn } from '../../contract';
import type { TaskManifest } from '../../contract/task';
import { renderStandbyInstaller } from '../../hosts/standby';
import type { RunnerFile } from '../task-config';
import { SiteArchive } from './archive';
import type { SiteBalancer } from './balancer';
import type { SiteFrame } from './frame';
import { SiteIdentity } from './identity';
import type { Follower } from './lag-alarm';
import type { SiteLease } from './lease';
import type { SiteNetwork } from './network';
import type { SiteOperations } from './operations';
import { databaseAddress } from './ranges';
import { SiteReplica } from './replica';
import { SiteRestore } from './restore';
import { RestoreAccess } from './restore-access';
import type { RestoredStore } from './restore-access';
import { RestoreFiles } from './restore-files';
import { restoreInstaller } from './restore-machine';
import { SiteMachines } from './standby';
import type { DatabaseMachines } from './standby';
import { standbyMachine } from './standby-machine';

export interface DatabaseOfSiteProps {
  readonly frame: SiteFrame;
  readonly network: SiteNetwork;
  readonly balancer: SiteBalancer;
  readonly lease: SiteLease;
  readonly operations: SiteOperations;
  /** What is restored, where the site is one that backups are restored into. */
  readonly restored: Restored;
}

/** What a machine that restores needs of the rest of the plan. */
export interface Restored {
  readonly tasks: readonly TaskManifest[];
  readonly stores: readonly RestoredStore[];
  /** The runner as one file. */
  readonly runner: RunnerFile;
}

/** The database of a site, whatever it is: a server of the service, or machines. */
export class DatabaseOfSite extends Construct {
  readonly follower: Follower | undefined;
  readonly archive: SiteArchive | undefined;
  readonly machines: SiteMachines | undefined;
  readonly replica: SiteReplica | undefined;
  /** Where the application finds it: the first machine, which is the one that is promoted. */
  readonly host: string | undefined;

  constructor(scope: Construct, id: string, props: DatabaseOfSiteProps) {
    super(scope, id);
    const { frame, network, lease } = props;
    const { database, synchronization } = frame.site;
    const { archive, restores } = synchronization;
    const version = database?.kind === 'machines' ? database.version : '';
    this.archive =
      archive && new SiteArchive(this, 'archive', { frame, archive, version, subnetId: network.database.id });
    if (database?.kind === 'machines') this.host = databaseAddress(frame.site.network.cidr, 0);
    if (database?.kind === 'service') throw new Error('Azure has no managed database that stays stopped');
    if (database?.kind === 'replica') {
      const replica = new SiteReplica(this, 'replica', { frame, database, network });
      this.replica = replica;
      this.host = replica.server.fqdn;
      this.follower = { kind: 'replica', engine: database.engine, replica };
    } else if (database && synchronization.method !== 'backup_restore') {
      const identity = this.#identity(props);
      const machines = this.#standby(props, database, identity);
      this.follower = { kind: 'machines', machines, identity };
      this.machines = machines;
    } else if (database && restores) {
      const files = new RestoreFiles(this, 'files', { lease, runner: props.restored.runner });
      const identity = this.#identity(props, { runner: files.containerId });
      const access = new RestoreAccess(this, 'access', { frame, network, identity, stores: props.restored.stores });
      const installer = () =>
        restoreInstaller({
          site: frame.site,
          database,
          leaseUrl: lease.leaseUrl,
          tasks: props.restored.tasks,
          runner: files,
        });
      const after = access.ready;
      const machines = new SiteMachines(this, 'machines', { ...props, database, identity, installer, after });
      this.machines = machines;
      const { operations } = props;
      new SiteRestore(this, 'restore', { frame, restores, machines, lease, operations });
    } else if (database) {
      throw new Error(`there is nothing that could be restored into ${frame.site.name}`);
    }
  }

  #identity({ frame, lease }: DatabaseOfSiteProps, more: Readonly<Record<string, string>> = {}): SiteIdentity {
    const { primary } = frame.site.synchronization;
    return new SiteIdentity(this, 'identity', {
      frame,
      reads: { lease: lease.leaseContainer, ...(this.archive && { archive: this.archive.containerId }), ...more },
      ...(primary && { secret: secretNameIn('azure', primary.secret) }),
    });
  }

  #standby(props: DatabaseOfSiteProps, database: DatabaseMachines, identity: SiteIdentity): SiteMachines {
    const installer = (index: number) => {
      const machine = standbyMachine(props.frame.site, database, { leaseUrl: props.lease.leaseUrl, index });
      if (!machine) throw new Error(`${props.frame.site.name} follows no primary`);
      return renderStandbyInstaller(machine);
    };
    return new SiteMachines(this, 'machines', { ...props, database, identity, installer });
  }
}
