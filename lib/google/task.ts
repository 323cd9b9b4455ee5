import type { CloudRunV2Job } from '@cdktf/provider-google/lib/cloud-run-v2-job';
import { KmsCryptoKeyIamMember } from '@cdktf/provider-google/lib/kms-crypto-key-iam-member';
import { SecretManagerSecretIamMember } from '@cdktf/provider-google/lib/secret-manager-secret-iam-member';
import type { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { Construct } from 'constructs';
import { HostWriters } from './host-writers';
import type { GoogleTask, GoogleTaskNetwork, GoogleTaskShard } from '../contract/google-tasks';
import type { TaskManifest } from '../contract/task';
import { LONGEST_FULL_READ_SECONDS } from '../plan/full-read';
import { nodeComment, type ITerraformDependable } from '../terraform';
import { copierEnvironment } from './copier-inputs';
import { runnerJob } from './job';
import { manifestAsset } from './manifest-asset';
import type { ManifestAsset } from './manifest-asset';
import { recordKeyEnvironment, recordKeyName } from './record-key';
import { renderCopier, renderPruner, renderReader, renderRestorer, renderVerifier, renderWriter } from './rights';
import type { ConditionalRight, TaskBucket } from './rights';
import { IDENTITIES, manifestFolder } from './task-names';
import type { Identity } from './task-names';
import type { TaskProject } from './task-project';
import { TaskRole, literalRights } from './task-role';

export interface BackupTaskProps {
  readonly task: GoogleTask;
  readonly manifest: TaskManifest;
  readonly project: TaskProject;
  /** Image by digest. */
  readonly image: string;
  readonly network: GoogleTaskNetwork;
  /** What signs records of test restores. @default - none is made */
  readonly recordKey?: GoogleTaskShard['recordKey'];
}

/** The runner ends itself before the next slot; a container that hangs is ended a day later at the latest. */
const LONGEST_SECONDS = 86_400;

/** Identities that read all of a backup. */
const READERS: readonly Identity[] = ['verifier', 'restorer'];

const RIGHTS: Readonly<Record<Identity, (bucket: TaskBucket) => readonly ConditionalRight[]>> = {
  writer: renderWriter,
  verifier: renderVerifier,
  pruner: renderPruner,
  restorer: renderRestorer,
};

/** A restorer has only what is test-restored, a writer what no host takes. */
type ByIdentity<T> = Readonly<Record<'verifier' | 'pruner', T>> & { readonly writer?: T; readonly restorer?: T };

/** One task, or the job that pulls its copies: its manifest, and a job of Cloud Run with an identity of its own for each thing that it does. */
export class BackupTask extends Construct {
  readonly manifest: ManifestAsset;
  readonly jobs: ByIdentity<CloudRunV2Job>;
  readonly accounts: ByIdentity<ServiceAccount>;

  constructor(scope: Construct, id: string, props: BackupTaskProps) {
    super(scope, id);
    const { task, project } = props;
    this.manifest = manifestAsset(this, 'manifest', {
      bucket: project.configBucket,
      folder: manifestFolder(task.job),
      task: props.manifest,
    });
    const { url } = this.manifest;
    const stores = task.stores.flatMap(({ store }) => ['--store', store]);
    const isCopy = task.reads.length > 0;
    const words = isCopy ? ['copy', '--task', url, ...stores] : ['backup', '--task', url];
    const writer = task.hosts === undefined ? this.#job('writer', words, props) : undefined;
    if (task.hosts !== undefined) new HostWriters(this, 'hosts', { project, task, variable: task.hosts });
    const verifier = this.#job('verifier', ['verify', '--quick', '--task', url, ...stores], props);
    const pruner = this.#job('pruner', ['prune', '--task', url, ...stores], props);
    const restorer = task.testRestore && this.#job('restorer', ['test-restore', '--task', url, ...stores], props);
    this.jobs = {
      ...{ verifier: verifier.job, pruner: pruner.job },
      ...(writer && { writer: writer.job }),
      ...(restorer && { restorer: restorer.job }),
    };
    this.accounts = {
      ...{ verifier: verifier.account, pruner: pruner.account },
      ...(writer && { writer: writer.account }),
      ...(restorer && { restorer: restorer.account }),
    };
  }

  #job(identity: Identity, args: string[], props: BackupTaskProps) {
    const { task, project, image, network } = props;
    const isCopier = identity === 'writer' && task.reads.length > 0;
    // Other clouds are outside of an isolated network; one that exists has the way out that its owner gave it.
    const outside = isCopier && network.kind === 'isolated';
    const render = isCopier ? renderCopier : RIGHTS[identity];
    const end = IDENTITIES[identity];
    const { account, member } = new TaskRole(this, identity, {
      project,
      accountId: `${task.account}${end}`,
      description: `${isCopier ? 'copier' : identity} of ${task.task}`,
      nodes: [task.id],
      rights: [
        ...task.stores.map((store) => ({
          bucket: store.bucket,
          rights: literalRights(render({ ...store, dataSet: task.task })),
        })),
        { bucket: project.configBucket, rights: [renderReader(project.configBucket, manifestFolder(task.job))] },
      ],
    });
    const secret = identity === 'writer' ? this.#secret(task, member) : [];
    const signing = identity === 'restorer' ? this.#sign(props, member) : undefined;
    const job = runnerJob(this, `${identity}_job`, {
      project,
      name: `${task.job}${end}`,
      account,
      image,
      args,
      environment: isCopier ? copierEnvironment(task) : { HYPDR_SECRETS: 'google', ...signing?.environment },
      ...sizeOf(task, identity),
      // Both are over before the next pruning, which would take what they read.
      longestSeconds: READERS.includes(identity) ? LONGEST_FULL_READ_SECONDS : LONGEST_SECONDS,
      network: outside ? undefined : network,
      after: [this.manifest.object, ...secret, ...(signing ? [signing.grant] : [])],
    });
    nodeComment(job, outside ? [task.id] : [task.id, network.node]);
    return { job, account };
  }

  /** Signing with one key, and nothing else with it; the environment says which. */
  #sign({ project, recordKey }: BackupTaskProps, member: string) {
    if (!recordKey) throw new Error('no key signs what a test restore says');
    const name = recordKeyName(project, recordKey);
    const grant = new KmsCryptoKeyIamMember(this, 'sign', { cryptoKeyId: name, role: project.role('sign'), member });
    nodeComment(grant, [recordKey.node]);
    return { grant, environment: recordKeyEnvironment(name) };
  }

  /** A secret that the operator made: only what reads the source may read it. */
  #secret({ secret }: GoogleTask, member: string): ITerraformDependable[] {
    if (secret === undefined) return [];
    return [
      new SecretManagerSecretIamMember(this, 'secret', {
        secretId: secret,
        role: 'roles/secretmanager.secretAccessor',
        member,
      }),
    ];
  }
}

function sizeOf(task: GoogleTask, identity: Identity): Pick<GoogleTask, 'cpu' | 'memory'> {
  const { cpu, memory } = (identity === 'restorer' && task.testRestore) || task;
  return { cpu, memory };
}
