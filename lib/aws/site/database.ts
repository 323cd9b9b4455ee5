import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { PolicyStatement as Statement } from 'aws-cdk-lib/aws-iam';
import { Stack } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { secretNameIn } from '../../contract';
import type { TaskManifest } from '../../contract';
import type { AwsTask } from '../../contract/aws-tasks';
import type { SiteDatabase } from '../../contract/site';
import { renderRestoreInstaller } from '../../hosts/site-restore';
import type { StandbyBackups } from '../../hosts/standby';
import { manifestOnSite } from '../../plan/site/backups';
import { renderWriter } from '../rights';
import { taskBuckets } from '../task-bucket';
import type { SiteArchive } from './archive';
import { addBackupAlarm } from './backup-alarm';
import type { SiteFrame } from './frame';
import { SiteIdentity, fetching, putMetrics, secretArn } from './identity';
import { addBehindAlarm, addLagAlarm, machineLag, replicaLag } from './lag-alarm';
import type { SiteLagAlarmProps } from './lag-alarm';
import type { SiteLease } from './lease';
import { SiteMachines } from './machines';
import type { DatabaseMachines } from './machines';
import { SITE_NAMESPACE, isWatched, leaseUrl, siteDimension } from './names';
import type { SiteNetwork } from './network';
import { SiteReplica } from './replica';
import { SiteRestore } from './restore';
import { readingBackups } from './restore-buckets';
import { standbyInstaller } from './standby';

/** What a site needs to restore backups. */
export interface SiteBackups {
  readonly manifests: readonly TaskManifest[];
  /** The same as AWS knows them, with their buckets. */
  readonly tasks: readonly AwsTask[];
  readonly runner: { readonly file: string; readonly sha256: string };
}

export interface DatabaseOfSiteProps {
  readonly frame: SiteFrame;
  readonly database: SiteDatabase;
  readonly network: SiteNetwork;
  readonly lease: SiteLease;
  readonly archive: SiteArchive | undefined;
  readonly backups: SiteBackups;
}

const RUNNER = '/var/lib/hypnoscript-dr/runner.js';
/** A machine that restores has Node and what it reads before it writes on its system's disk. */
const SYSTEM_GIB = 30;

/** The database of a site, whatever it is: a replica of RDS, or machines that follow a server or restore backups. */
export class DatabaseOfSite extends Construct {
  readonly replica: SiteReplica | undefined;
  readonly machines: SiteMachines | undefined;
  /** Where the application finds it. */
  readonly host: string;

  constructor(scope: Construct, id: string, props: DatabaseOfSiteProps) {
    super(scope, id);
    const { frame, database, network } = props;
    const { lagSeconds } = frame.site.synchronization;
    if (database.kind === 'service') throw new Error('AWS has no managed database that stays stopped');
    if (database.kind === 'replica') {
      this.replica = new SiteReplica(this, 'replica', { frame, database, network });
      this.host = this.replica.instance.attrEndpointAddress;
      if (lagSeconds !== undefined) this.#lag({ frame, lagSeconds, metric: replicaLag(this.replica.identifier) });
      return;
    }
    this.machines = database.always ? this.#following(props, database) : this.#restoring(props, database);
    this.host = this.machines.addresses[0] ?? '';
  }

  #following(props: DatabaseOfSiteProps, database: DatabaseMachines): SiteMachines {
    const { frame, network, lease, archive } = props;
    const { synchronization } = frame.site;
    const { primary, lagSeconds } = synchronization;
    const identity = this.#identity(lease, [
      ...(primary
        ? [
            new Statement({
              actions: ['secretsmanager:GetSecretValue'],
              resources: [secretArn(this, secretNameIn('aws', primary.secret))],
            }),
          ]
        : []),
      ...(archive?.reading() ?? []),
    ]);
    const backups = this.#backups(props, identity);
    const machines = new SiteMachines(this, 'machines', {
      ...{ frame, database, network, identity, systemGiB: SYSTEM_GIB },
      files: backups ? [backups.delivered] : [],
      installer: primary ? standbyInstaller(frame.site, database, backups?.taken) : () => '#!/bin/bash\n',
    });
    if (lagSeconds !== undefined) {
      for (const index of machines.instances.keys())
        this.#lag({ frame, lagSeconds, metric: machineLag(frame, index) }, index);
    }
    return machines;
  }

  /** What its machines back up while the site is active: a writer's rights, and the runner. */
  #backups({ frame, backups }: DatabaseOfSiteProps, { role }: SiteIdentity) {
    const own = frame.site.backups;
    if (!own) return undefined;
    const task = backups.tasks.find((one) => one.task === own.task && one.reads.length === 0);
    const manifest = backups.manifests.find(({ name }) => name === own.task);
    if (!task || !manifest) throw new Error(`${frame.site.name} backs up ${own.task}, which no task does`);
    const runner = new Asset(this, 'runner', { path: backups.runner.file });
    for (const statement of [fetching(runner), ...taskBuckets(this, task).flatMap(renderWriter)])
      role.addToPolicy(statement);
    addBackupAlarm(this, 'backup-failed', { frame, backups: own });
    const { runs, afterSeconds } = own;
    const { sha256 } = backups.runner;
    const taken: StandbyBackups = {
      ...{ task: manifestOnSite(manifest), runs, afterSeconds },
      runner: { path: RUNNER, sha256 },
    };
    return { taken, delivered: { asset: runner, sha256, path: RUNNER } };
  }

  /** The first is what would be promoted: what it says is a sign for those who watch. */
  #lag(props: SiteLagAlarmProps, index = 0): void {
    addLagAlarm(this, index === 0 ? 'lag' : `lag-${index + 1}`, props);
    if (index === 0 && isWatched(props.frame.site)) addBehindAlarm(this, 'behind', props);
  }

  #restoring({ frame, network, lease, backups }: DatabaseOfSiteProps, database: DatabaseMachines): SiteMachines {
    const { site } = frame;
    const { restores } = site.synchronization;
    const names = restores?.tasks ?? [];
    const identity = this.#identity(lease, [
      ...readingBackups(
        this,
        backups.tasks.filter(({ task }) => names.includes(task)),
      ),
    ]);
    const runner = new Asset(this, 'runner', { path: backups.runner.file });
    identity.role.addToPolicy(fetching(runner));
    const installer = renderRestoreInstaller({
      ...{ site: site.name, cloud: 'aws', region: site.region, engine: database.engine, version: database.version },
      leaseUrl: leaseUrl(site, site.account ?? '{account}'),
      volumeGiB: database.volume.sizeGiB,
      metric: { namespace: SITE_NAMESPACE, site: siteDimension(site).value },
      tasks: backups.manifests.filter(({ name }) => names.includes(name)),
      runner: { path: RUNNER, sha256: backups.runner.sha256 },
    });
    const machines = new SiteMachines(this, 'machines', {
      ...{ frame, database, network, identity, systemGiB: SYSTEM_GIB },
      installer: () => installer,
      files: [{ asset: runner, sha256: backups.runner.sha256, path: RUNNER }],
    });
    if (restores) new SiteRestore(this, 'restores', { frame, restores, machines });
    return machines;
  }

  #identity(lease: SiteLease, statements: readonly PolicyStatement[]): SiteIdentity {
    return new SiteIdentity(this, 'identity', {
      description: `Database machines of a recovery site in ${Stack.of(this).region}`,
      statements: [...lease.reading(), putMetrics(SITE_NAMESPACE), ...statements],
    });
  }
}
