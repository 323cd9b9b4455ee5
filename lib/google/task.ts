import { CloudRunV2Job } from '@cdktf/provider-google/lib/cloud-run-v2-job';
import { SecretManagerSecretIamMember } from '@cdktf/provider-google/lib/secret-manager-secret-iam-member';
import type { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { Construct } from 'constructs';
import type { GoogleTask, GoogleTaskNetwork } from '../contract/google-tasks';
import type { TaskManifest } from '../contract/task';
import { nodeComment, type ITerraformDependable } from '../terraform';
import type { copierInputs } from './copier-inputs';
import { manifestAsset } from './manifest-asset';
import type { ManifestAsset } from './manifest-asset';
import { vpcAccessOf } from './network';
import { renderCopier, renderPruner, renderReader, renderVerifier, renderWriter } from './rights';
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
  /** By what names a copy job is known in the clouds that it reads. */
  readonly copierInputs: ReturnType<typeof copierInputs>;
}

/** The runner ends itself before the next slot; a container that hangs is ended a day later at the latest. */
const LONGEST_SECONDS = 86_400;

const RIGHTS: Readonly<Record<Identity, (bucket: TaskBucket) => readonly ConditionalRight[]>> = {
  writer: renderWriter,
  verifier: renderVerifier,
  pruner: renderPruner,
};

/** One task, or the job that pulls its copies: its manifest, and a job of Cloud Run with an identity of its own for each thing that it does. */
export class BackupTask extends Construct {
  readonly manifest: ManifestAsset;
  readonly jobs: Readonly<Record<Identity, CloudRunV2Job>>;
  readonly accounts: Partial<Record<Identity, ServiceAccount>> = {};

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
    this.jobs = {
      writer: this.#job('writer', isCopy ? ['copy', '--task', url, ...stores] : ['backup', '--task', url], props),
      verifier: this.#job('verifier', ['verify', '--quick', '--task', url, ...stores], props),
      pruner: this.#job('pruner', ['prune', '--task', url, ...stores], props),
    };
  }

  #job(identity: Identity, args: string[], props: BackupTaskProps): CloudRunV2Job {
    const { task, project, image, network } = props;
    const isCopier = identity === 'writer' && task.reads.length > 0;
    const outside = isCopier && network.kind === 'isolated';
    const render = isCopier ? renderCopier : RIGHTS[identity];
    const end = IDENTITIES[identity];
    const role = new TaskRole(this, identity, {
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
    const secret = identity === 'writer' ? this.#secret(task, role) : [];
    const job = new CloudRunV2Job(this, `${identity}_job`, {
      name: `${task.job}${end}`,
      location: project.region,
      // It holds nothing: a task that leaves the spec takes its jobs along.
      deletionProtection: false,
      template: {
        taskCount: 1,
        template: {
          serviceAccount: role.account.email,
          executionEnvironment: 'EXECUTION_ENVIRONMENT_GEN2',
          // What is worth another try is the workflow's to say.
          maxRetries: 0,
          timeout: `${LONGEST_SECONDS}s`,
          containers: [
            {
              image,
              args,
              env: isCopier ? copierEnvironment(props) : [{ name: 'HYPDR_SECRETS', value: 'google' }],
              resources: { limits: { cpu: task.cpu, memory: task.memory } },
            },
          ],
          // Other clouds are outside of an isolated network; one that exists has the way out that its owner gave it.
          ...(!outside && { vpcAccess: vpcAccessOf(network) }),
        },
      },
      dependsOn: [this.manifest.object, ...secret],
    });
    nodeComment(job, outside ? [task.id] : [task.id, network.node]);
    this.accounts[identity] = role.account;
    return job;
  }

  /** A secret that the operator made: only what reads the source may read it. */
  #secret({ secret }: GoogleTask, writer: TaskRole): ITerraformDependable[] {
    if (secret === undefined) return [];
    return [
      new SecretManagerSecretIamMember(this, 'secret', {
        secretId: secret,
        role: 'roles/secretmanager.secretAccessor',
        member: writer.member,
      }),
    ];
  }
}

function copierEnvironment({ task, copierInputs: inputs }: BackupTaskProps) {
  const known = inputs.filter(({ cloud }) => task.reads.includes(cloud)).map(({ name, value }) => ({ name, value }));
  return [{ name: 'HYPDR_IDENTITY', value: 'google' }, ...known];
}
