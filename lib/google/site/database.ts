import { Construct } from 'constructs';
import { secretNameIn } from '../../contract';
import type { SiteBackups } from '../../contract/site';
import type { TaskManifest } from '../../contract/task';
import { renderStandbyInstaller } from '../../hosts/standby';
import type { StandbyBackups } from '../../hosts/standby';
import { manifestOnSite } from '../../plan/site/backups';
import { withAgent } from './agent';
import { SiteArchive } from './archive';
import { BackupAccess } from './backup-access';
import { SiteBackupAlarm } from './backup-alarm';
import type { SiteFrame } from './frame';
import { SiteIdentity } from './identity';
import type { Follower } from './lag-alarm';
import type { SiteLease } from './lease';
import type { SiteNetwork } from './network';
import { databaseAddress } from './ranges';
import { SiteReplica } from './replica';
import { SiteRestore } from './restore';
import { RestoreAccess } from './restore-access';
import { consoleFilter, SiteRestoreAlarm, workflowFilter } from './restore-alarm';
import { MachineStarts, restoreInstaller } from './restore-vm';
import { RUNNER_FOLDER, runnerObject, runnerUrl } from './runner-object';
import type { RunnerFile } from './runner-object';
import { SiteService } from './service';
import { SiteMachines } from './standby';
import type { DatabaseMachines } from './standby';
import { filled, MARKS, standbyMachine } from './standby-machine';

export interface DatabaseOfSiteProps {
  readonly frame: SiteFrame;
  readonly network: SiteNetwork;
  readonly lease: SiteLease;
  /** Data sets that are restored, or that the site backs up while it is active. */
  readonly tasks: readonly TaskManifest[];
  /** The runner as one file, for machines that do either. */
  readonly runner: RunnerFile;
  /** Who is told of restores that are no success. */
  readonly channels: string[];
  /** Image of the runner by its digest, asked for only where something needs it. */
  readonly image: () => string;
}

/** The database of a site, whatever it is: an instance of Cloud SQL, or machines. */
export class DatabaseOfSite extends Construct {
  readonly follower: Follower | undefined;
  readonly archive: SiteArchive | undefined;
  readonly machines: SiteMachines | undefined;
  readonly replica: SiteReplica | undefined;
  readonly service: SiteService | undefined;
  readonly restore: SiteRestore | undefined;
  /** Where the application finds it: the first machine, which is the one that is promoted, or the service. */
  readonly host: string | undefined;
  /** What machines act as. */
  identity: SiteIdentity | undefined;

  constructor(scope: Construct, id: string, props: DatabaseOfSiteProps) {
    super(scope, id);
    const { frame, network, lease, tasks } = props;
    const { database, synchronization, name } = frame.site;
    const { archive, restores } = synchronization;
    this.archive =
      archive &&
      new SiteArchive(this, 'archive', {
        ...{ frame, archive },
        version: database?.kind === 'machines' ? database.version : '',
      });
    switch (database?.kind) {
      case undefined:
        return;
      case 'replica':
        this.replica = new SiteReplica(this, 'replica', { frame, database, network });
        this.follower = { kind: 'replica', replica: this.replica };
        this.host = this.replica.server.privateIpAddress;
        return;
      case 'service': {
        if (!restores) throw new Error(`there is nothing that could be restored into ${name}`);
        const service = new SiteService(this, 'service', { frame, database, network });
        const image = props.image();
        this.service = service;
        this.host = service.server.privateIpAddress;
        this.restore = new SiteRestore(this, 'restore', {
          ...{ frame, network, lease, database, service, restores, tasks, image },
        });
        this.#tells(props, restores.id, workflowFilter(this.restore.workflow.workflow.name));
        return;
      }
      case 'machines':
        this.host = databaseAddress(frame.site.network.cidr, 0);
        if (database.always) {
          this.machines = this.#standby(props, database);
          this.follower = { kind: 'machines', machines: this.machines };
          return;
        }
        if (!restores) throw new Error(`there is nothing that could be restored into ${name}`);
        this.machines = this.#restored(props, database);
        new MachineStarts(this, 'starts', { frame, restores, machines: this.machines });
        this.#tells(props, restores.id, consoleFilter(frame.site, 'RestoreFailed'));
    }
  }

  #tells({ frame, channels }: DatabaseOfSiteProps, restores: string, filter: string): void {
    new SiteRestoreAlarm(this, 'alarm', { frame, restores, filter, channels });
  }

  #standby(props: DatabaseOfSiteProps, database: DatabaseMachines): SiteMachines {
    const { frame, network, lease } = props;
    const { synchronization, backups } = frame.site;
    const { primary, archive } = synchronization;
    const bucket = lease.bucket.name;
    const identity = new SiteIdentity(this, 'identity', {
      frame,
      does: 'db',
      reads: {
        lease: { bucket, under: lease.object },
        ...(backups && { runner: { bucket, under: RUNNER_FOLDER } }),
        ...(archive && this.archive && { archive: { bucket: this.archive.bucket.name, under: `${archive.path}/` } }),
      },
      ...(primary && { secret: secretNameIn('google', primary.secret) }),
    });
    this.identity = identity;
    const own = backups && this.#backups(props, backups, identity);
    const installer = (index: number) => {
      const leaseUrl = lease.urlIn(MARKS.state);
      const machine = standbyMachine(frame.site, database, { leaseUrl, index, backups: own?.taken });
      if (!machine) throw new Error(`${frame.site.name} follows no primary`);
      return filled(withAgent(renderStandbyInstaller(machine), frame.site.name, 'hypdr-standby'), {
        state: bucket,
        ...(this.archive && { archive: this.archive.bucket.name }),
      });
    };
    const after = own?.after ?? [];
    return new SiteMachines(this, 'machines', { frame, database, network, identity, installer, after });
  }

  /** What its machines back up while the site is active: a writer's rights, and the runner. */
  #backups({ frame, lease, tasks, runner, channels }: DatabaseOfSiteProps, own: SiteBackups, identity: SiteIdentity) {
    const task = tasks.find(({ name }) => name === own.task);
    if (!task) throw new Error(`${frame.site.name} backs up ${own.task}, which no task does`);
    const object = runnerObject(this, 'runner', lease, runner);
    const { member } = identity.account;
    const access = new BackupAccess(this, 'backups', { frame, member, backups: own, task });
    new SiteBackupAlarm(this, 'backup_failed', { frame, backups: own, channels });
    const { runs, afterSeconds } = own;
    const taken: StandbyBackups = {
      ...{ task: manifestOnSite(task), runs, afterSeconds },
      runner: { url: runnerUrl(runner), sha256: runner.sha256 },
    };
    return { taken, after: [...access.grants, object] };
  }

  /** Machines that run only while they restore. */
  #restored({ frame, network, lease, tasks, runner }: DatabaseOfSiteProps, database: DatabaseMachines): SiteMachines {
    const { site } = frame;
    const object = runnerObject(this, 'runner', lease, runner);
    const bucket = lease.bucket.name;
    const identity = new SiteIdentity(this, 'identity', {
      frame,
      does: 'db',
      reads: { lease: { bucket, under: lease.object }, runner: { bucket, under: RUNNER_FOLDER } },
    });
    this.identity = identity;
    const access = new RestoreAccess(this, 'access', { frame, member: identity.account.member, tasks });
    const installer = () =>
      filled(
        withAgent(
          restoreInstaller({ site, database, leaseUrl: lease.urlIn(MARKS.state), tasks, runner }),
          site.name,
          'hypdr-site-restore',
        ),
        {
          state: bucket,
        },
      );
    const after = [...access.grants, object];
    return new SiteMachines(this, 'machines', { frame, database, network, identity, installer, after });
  }
}
