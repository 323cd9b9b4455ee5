import { Construct } from 'constructs';
import { secretNameIn } from '../../contract';
import type { AzureTaskStore } from '../../contract/azure-tasks';
import type { SiteBackups } from '../../contract/site';
import type { TaskManifest } from '../../contract/task';
import { renderStandbyInstaller } from '../../hosts/standby';
import type { StandbyBackups } from '../../hosts/standby';
import { manifestOnSite } from '../../plan/site/backups';
import { BackupAccess } from './backup-access';
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
import { restoreInstaller } from './restore-machine';
import { RunnerObject } from './runner-object';
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
  /** What it backs up while it is active. @default - nothing */
  readonly backed: Backed | undefined;
  /** The runner as one file, for machines that do either. */
  readonly runner: RunnerFile;
}

/** What a machine that restores needs of the rest of the plan. */
export interface Restored {
  readonly tasks: readonly TaskManifest[];
  readonly stores: readonly RestoredStore[];
}

/** What a machine that takes backups needs of the rest of the plan. */
export interface Backed {
  readonly backups: SiteBackups;
  readonly task: TaskManifest;
  /** The containers of the task. */
  readonly stores: readonly AzureTaskStore[];
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
      const { identity, machines } = this.#standby(props, database);
      this.follower = { kind: 'machines', machines, identity };
      this.machines = machines;
    } else if (database && restores) {
      const files = new RunnerObject(this, 'files', { lease, runner: props.runner });
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

  #standby(props: DatabaseOfSiteProps, database: DatabaseMachines) {
    const { frame, network, lease, backed, runner } = props;
    const files = backed && new RunnerObject(this, 'files', { lease, runner });
    const identity = this.#identity(props, files && { runner: files.containerId });
    const access = backed && new BackupAccess(this, 'backups', { frame, network, identity, ...backed });
    const backups = backed && files && takenBy(backed, files);
    const installer = (index: number) => {
      const machine = standbyMachine(frame.site, database, { leaseUrl: lease.leaseUrl, index, backups });
      if (!machine) throw new Error(`${frame.site.name} follows no primary`);
      return renderStandbyInstaller(machine);
    };
    const after = access?.ready ?? [];
    const machines = new SiteMachines(this, 'machines', { ...props, database, identity, installer, after });
    return { identity, machines };
  }
}

/** What a machine backs up while the site is active, with the runner that it gets as itself. */
function takenBy({ backups, task }: Backed, { url, sha256 }: RunnerObject): StandbyBackups {
  const { runs, afterSeconds } = backups;
  return { task: manifestOnSite(task), runs, afterSeconds, runner: { url, sha256 } };
}
