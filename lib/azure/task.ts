import { Construct } from 'constructs';
import type { AzureTask, AzureTaskFlow, AzureTaskShard } from '../contract/azure-tasks';
import { LONGEST_FULL_READ_SECONDS } from '../plan/full-read';
import { nodeComment } from '../terraform';
import { fitName } from '../units';
import { firstStartName } from './automation-start';
import { HostWriters } from './host-writers';
import { TaskJob } from './job';
import { resourceId } from './resource-id';
import { copierEnvironment } from './copier-inputs';
import type { RecordSigner } from './record-key';
import { copierRights, prunerRights, restorerRights, thawerRights, verifierRights, writerRights } from './rights';
import { TaskSchedule } from './schedule';
import { secretsOf } from './secrets-vault';
import type { ConfigFile } from './task-config';
import { backupFlow, copyFlow, followFlow, fullReadFlow, pruneFlow, SLOT, testRestoreFlow } from './task-flow';
import type { FlowActions } from './task-flow';
import { storeRights, TaskRole } from './task-role';
import type { TaskStarter } from './starter';
import type { TaskRoles } from './task-roles';

export interface BackupTaskProps {
  readonly plan: AzureTaskShard;
  readonly task: AzureTask;
  readonly manifest: ConfigFile;
  readonly roles: TaskRoles;
  readonly starter: TaskStarter;
  /** What signs records of test restores. @default - none is made */
  readonly signer?: RecordSigner | undefined;
  readonly workspaceId: string;
}

/** A run that hangs is stopped a day later; the runner itself ends before the next slot. */
const LONGEST_SECONDS = 86_400;

/**
 * One task, or the job that pulls its copies: an identity and a job for each thing that is done with it, and what does them in time. The backup of a task
 * on a host is Automation's; that is verified and pruned here all the same.
 */
export class BackupTask extends Construct {
  readonly #verifier: TaskJob;
  readonly #pruner: TaskJob;
  readonly #writer: TaskJob | undefined;
  readonly #restorer: TaskJob | undefined;
  readonly #thawer: TaskJob | undefined;
  /** Object id of the identity that reads other clouds. */
  readonly copier: string | undefined;

  constructor(scope: Construct, id: string, props: BackupTaskProps) {
    super(scope, id);
    const { task } = props;
    this.#writer = task.machine || task.hosts !== undefined ? undefined : this.#write(props);
    if (task.hosts !== undefined) new HostWriters(this, 'hosts', { task, roles: props.roles, variable: task.hosts });
    this.copier = task.reads.length > 0 ? this.#writer?.role.identity.principalId : undefined;
    const stores = storesOf(task);
    this.#verifier = this.#job(props, {
      role: 'verifier',
      rights: verifierRights,
      args: (url) => ['verify', '--quick', '--task', url, ...stores],
    });
    this.#pruner = this.#job(props, {
      role: 'pruner',
      rights: prunerRights,
      args: (url) => ['prune', '--task', url, ...stores],
    });
    this.#restorer = task.testRestore && this.#restore(props);
    this.#thawer =
      task.jobs.thawer === undefined
        ? undefined
        : this.#job(props, {
            role: 'thawer',
            rights: thawerRights,
            args: (url) => ['thaw', '--task', url, ...stores],
          });
    nodeComment((this.#writer ?? this.#verifier).job, [task.id]);
    for (const flow of task.flows) this.#schedule(flow, props);
  }

  #restore(props: BackupTaskProps): TaskJob {
    const { task, signer } = props;
    if (!signer) throw new Error('no key signs what a test restore says');
    const restorer = this.#job(props, {
      role: 'restorer',
      rights: restorerRights,
      args: (url) => ['test-restore', '--task', url, ...storesOf(task)],
      environment: signer.environment,
    });
    signer.grant(restorer.role, restorer.role.identity.principalId);
    return restorer;
  }

  #write(props: BackupTaskProps): TaskJob {
    const { secret, reads } = props.task;
    if (reads.length > 0) {
      return this.#job(props, {
        role: 'writer',
        rights: copierRights,
        args: (url) => ['copy', '--task', url, ...storesOf(props.task)],
        environment: copierEnvironment(props.task),
        reaches: 'other clouds',
      });
    }
    return this.#job(props, {
      role: 'writer',
      rights: writerRights,
      args: (url) => ['backup', '--task', url, '--metrics', 'log'],
      ...(secret !== undefined && { secret }),
    });
  }

  #job({ plan, task, manifest, roles }: BackupTaskProps, what: JobOf): TaskJob {
    const name = task.jobs[what.role];
    if (name === undefined) throw new Error(`task ${task.task} has no ${what.role}`);
    const { cpu, memoryGiB } = (what.role === 'restorer' && task.testRestore) || task;
    const role = new TaskRole(this, `${what.role}_identity`, {
      plan,
      name,
      roles,
      role: what.role,
      stores: storeRights(task.task, task.stores, what.rights),
      files: [manifest.name],
    });
    if (what.secret !== undefined) role.readSecret(what.secret);
    return new TaskJob(this, what.role, {
      plan,
      name,
      role,
      args: what.args(manifestUrl(plan, manifest)),
      ...(what.secret !== undefined && { environment: secretsOf() }),
      ...(what.environment && { environment: what.environment }),
      ...(what.reaches && { reaches: what.reaches }),
      cpu,
      memoryGiB,
      // These are over before the next pruning, which would take what they read.
      longestSeconds: ['verifier', 'restorer', 'thawer'].includes(what.role)
        ? LONGEST_FULL_READ_SECONDS
        : LONGEST_SECONDS,
      after: [manifest.blob],
    });
  }

  #schedule(flow: AzureTaskFlow, props: BackupTaskProps): void {
    const { plan, starter, workspaceId } = props;
    const actions = this.#flow(flow, props);
    new TaskSchedule(this, `flow_${flow.name}`, { plan, flow, actions, starter, workspaceId });
  }

  #flow(flow: AzureTaskFlow, { plan, task, manifest, starter }: BackupTaskProps): FlowActions {
    const { schedule, windowsZone, type = '' } = flow;
    const about = (what: string) => ({ title: `${what} of ${task.task}`, identity: starter.id, schedule, windowsZone });
    if (flow.does === 'watch') return fullReadFlow(about('verification'), this.#verifier.start);
    if (flow.does === 'prune') return pruneFlow(about('pruning'), this.#pruner.start);
    if (flow.does === 'verify') {
      const args = ['verify', '--full', '--task', manifestUrl(plan, manifest), ...storesOf(task)];
      return fullReadFlow(about('full re-read'), this.#verifier.startWith(args));
    }
    if (flow.does === 'test-restore') {
      if (!this.#restorer) throw new Error(`task ${task.task} has no restorer`);
      const words = ['--task', manifestUrl(plan, manifest), '--slot', SLOT, '--metrics', 'log', ...storesOf(task)];
      const restorer = this.#restorer.startWith(['test-restore', ...words]);
      return testRestoreFlow(about('test restore'), restorer, this.#thawer?.start);
    }
    if (task.machine) {
      const start = task.machine.starts.find((one) => one.command === 'backup' && one.type === flow.type);
      if (!start) throw new Error(`nothing starts the ${type} backup of ${task.task}`);
      const firstStart = `\${local.${firstStartName(start.name)}}`;
      const host = { account: automationId(this, plan), runbook: start.runbook, firstStart };
      return followFlow(about(`${type} backup`), host, this.#verifier.start);
    }
    if (!this.#writer) throw new Error(`task ${task.task} has no writer`);
    if (flow.does === 'copy') return copyFlow(about('copies'), this.#writer.start, this.#verifier.start);
    const url = manifestUrl(plan, manifest);
    const args = ['backup', '--task', url, '--type', type, '--slot', SLOT, '--metrics', 'log'];
    return backupFlow(about(`${type} backup`), this.#writer.startWith(args), this.#verifier.start);
  }
}

function storesOf({ stores }: AzureTask): readonly string[] {
  return stores.flatMap(({ store }) => ['--store', store]);
}

/** Id of the shard's Automation account. */
export function automationId(
  scope: Construct,
  { names, shardName }: Pick<AzureTaskShard, 'names' | 'shardName'>,
): string {
  return resourceId(scope, names.resourceGroup, `Microsoft.Automation/automationAccounts/${automationName(shardName)}`);
}

/** 6 to 50 letters, digits and hyphens. */
export function automationName(shardName: string): string {
  return fitName(`aa-${shardName}`, 50);
}

export function manifestUrl({ config }: Pick<AzureTaskShard, 'config'>, { name }: Pick<ConfigFile, 'name'>): string {
  return `azblob://${config.account}/${config.container}/${name}`;
}

interface JobOf {
  readonly role: 'writer' | 'verifier' | 'pruner' | 'restorer' | 'thawer';
  readonly rights: typeof writerRights;
  readonly args: (manifestUrl: string) => readonly string[];
  readonly secret?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly reaches?: 'other clouds';
}
