import { CloudRunV2Job } from '@cdktf/provider-google/lib/cloud-run-v2-job';
import { CloudRunV2JobIamMember } from '@cdktf/provider-google/lib/cloud-run-v2-job-iam-member';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { SecretManagerSecretIamMember } from '@cdktf/provider-google/lib/secret-manager-secret-iam-member';
import { StorageBucketIamMember } from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import { Construct } from 'constructs';
import type { SiteSynchronization } from '../../contract/site';
import type { TaskManifest } from '../../contract/task';
import { nodeComment } from '../../terraform';
import { GOOGLE_TEST_RESTORE_SIZE } from '../../plan/google-tasks';
import { cronOf } from '../cron';
import { manifestAsset } from '../manifest-asset';
import { PERMISSIONS } from '../task-names';
import type { SiteFrame } from './frame';
import { SiteIdentity } from './identity';
import { FOLDERS } from './lease';
import type { SiteLease } from './lease';
import type { SiteNetwork } from './network';
import { inFolder } from './primary';
import { siteRanges } from './ranges';
import { RestoreAccess } from './restore-access';
import { renderRestoreMachine } from './restore-machine';
import { customRole, SQL_LOOK, SQL_RESTORE, SQL_RUN } from './roles';
import { startAtTimes } from './schedule';
import type { Service, SiteService } from './service';
import { SiteWorkflow } from './workflow';

export interface SiteRestoreProps {
  readonly frame: SiteFrame;
  readonly network: SiteNetwork;
  readonly lease: SiteLease;
  readonly database: Service;
  readonly service: SiteService;
  readonly restores: NonNullable<SiteSynchronization['restores']>;
  /** What is restored, in this order. */
  readonly tasks: readonly TaskManifest[];
  /** Image of the runner, by its digest. */
  readonly image: string;
}

/** A restore is over before the next one, or given up. */
const LONGEST_SECONDS = 82_800;
const START_SECONDS = 3600;
const LONGEST_DELAY = '3600s';

/** Id of the secret with the password of the database's administrator; the operator makes it. */
export function passwordSecret({ prefix }: { readonly prefix: string }): string {
  return `${prefix}-db-password`;
}

/** What restores backups into a database that sleeps, at the times of the plan: a job, a workflow around it, a schedule. */
export class SiteRestore extends Construct {
  readonly workflow: SiteWorkflow;
  readonly job: CloudRunV2Job;

  constructor(scope: Construct, id: string, props: SiteRestoreProps) {
    super(scope, id);
    const { frame, lease, database, service, restores, tasks } = props;
    const { site } = frame;
    const bucket = lease.bucket.name;
    const manifests = tasks.map((task, index) =>
      manifestAsset(this, `manifest_${index + 1}`, { bucket, folder: FOLDERS.tasks, task }),
    );
    this.job = this.#job(props);
    this.workflow = new SiteWorkflow(this, 'machine', {
      frame,
      does: 'restore',
      source: renderRestoreMachine({
        engine: database.engine,
        lease: lease.object,
        tasks: manifests.map((manifest, index) => ({
          name: tasks[index]?.name ?? '',
          manifest: `\${"gs://" + sys.get_env("STATE_BUCKET") + "/${manifest.name}"}`,
        })),
        startSeconds: START_SECONDS,
      }),
      environment: {
        bucket,
        server: service.server.name,
        secret: passwordSecret(site),
        target: targetOf(database, service.server.privateIpAddress),
        job: this.job.name,
      },
    });
    nodeComment(this.workflow.workflow, [restores.id, site.synchronization.id]);
    this.#grants(props);
    this.#schedule(restores, frame);
  }

  #job(props: SiteRestoreProps): CloudRunV2Job {
    const { frame, network, lease, restores, tasks, image } = props;
    const { site } = frame;
    const identity = new SiteIdentity(this, 'identity', {
      frame,
      does: 'restorer',
      reads: { tasks: { bucket: lease.bucket.name, under: FOLDERS.tasks } },
      secret: passwordSecret(site),
    });
    const access = new RestoreAccess(this, 'access', { frame, member: identity.account.member, tasks });
    const subnet = network.subnet(site, 'restores', siteRanges(site.network.cidr).restores);
    const { schedule } = restores;
    const every = schedule.kind === 'interval' ? schedule.everySeconds : 86_400;
    const { cpu, memory } = GOOGLE_TEST_RESTORE_SIZE;
    const job = new CloudRunV2Job(this, 'job', {
      name: `${site.prefix}-restore`,
      location: site.region,
      deletionProtection: false,
      template: {
        taskCount: 1,
        template: {
          serviceAccount: identity.account.email,
          executionEnvironment: 'EXECUTION_ENVIRONMENT_GEN2',
          // What is worth another try is the workflow's to say.
          maxRetries: 0,
          timeout: `${Math.min(LONGEST_SECONDS, Math.max(every - START_SECONDS, 600))}s`,
          containers: [
            {
              image,
              args: ['restore'],
              env: [
                { name: 'HYPDR_SECRETS', value: 'google' },
                {
                  name: 'HYPDR_RESTORE_PASSWORD',
                  valueSource: { secretKeyRef: { secret: passwordSecret(site), version: 'latest' } },
                },
              ],
              resources: { limits: { cpu, memory } },
            },
          ],
          // Backups are read over the internet's way to Google, the database by its private address.
          vpcAccess: {
            egress: 'PRIVATE_RANGES_ONLY',
            networkInterfaces: [{ network: network.network.id, subnetwork: subnet.id }],
          },
        },
      },
      dependsOn: [...identity.grants, ...access.grants],
    });
    nodeComment(job, [restores.id]);
    return job;
  }

  /** The workflow: one instance, one secret, one job, and the lease. */
  #grants({ frame, lease, service }: SiteRestoreProps): void {
    const { site, project } = frame;
    const { member } = this.workflow.account;
    const sql = customRole(this, 'sql', { frame, permissions: [...SQL_RUN, ...SQL_RESTORE] });
    const runs = customRole(this, 'run', { frame, permissions: [...PERMISSIONS.run] });
    const watches = customRole(this, 'watch', { frame, permissions: [...PERMISSIONS.watch] });
    new ProjectIamMember(this, 'sql_grant', {
      project,
      role: sql.name,
      member,
      condition: onInstance(project, service.server.name),
    });
    const looks = customRole(this, 'sql_look', { frame, permissions: SQL_LOOK });
    new ProjectIamMember(this, 'look_grant', { project, role: looks.name, member });
    // Executions and their tasks have no policies of their own.
    new ProjectIamMember(this, 'watch_grant', { project, role: watches.name, member });
    new CloudRunV2JobIamMember(this, 'run_grant', {
      name: this.job.name,
      location: site.region,
      role: runs.name,
      member,
    });
    new SecretManagerSecretIamMember(this, 'secret_grant', {
      secretId: passwordSecret(site),
      role: 'roles/secretmanager.secretAccessor',
      member,
    });
    new StorageBucketIamMember(this, 'lease_grant', {
      bucket: lease.bucket.name,
      role: 'roles/storage.objectViewer',
      member,
      condition: inFolder(lease.bucket.name, lease.object),
    });
  }

  #schedule(restores: SiteRestoreProps['restores'], frame: SiteFrame): void {
    const { site } = frame;
    const job = startAtTimes(this, {
      frame,
      does: 'restore',
      workflow: this.workflow,
      account: { id: 'starts', displayName: `Starts restores of ${site.name}`, role: 'start_role' },
      job: {
        description: `Restores backups into ${site.name}`,
        ...cronOf(restores.schedule),
        retryConfig: { retryCount: 3, maxRetryDuration: LONGEST_DELAY, minBackoffDuration: '15s' },
      },
    });
    nodeComment(job, [restores.id]);
  }
}

/** @see https://cloud.google.com/sql/docs/postgres/iam-conditions */
export function onInstance(project: string, name: string) {
  const full = `projects/${project}/instances/${name}`;
  return {
    title: 'one instance',
    expression: `resource.name == "${full}" || resource.name.startsWith("${full}/")`,
  };
}

/** Where the runner restores to; the password comes by a variable that is a secret. */
function targetOf({ engine }: Service, address: string): string {
  return engine === 'postgresql'
    ? `postgresql://postgres@${address}/?sslmode=require`
    : `mysql://root@${address}/?sslmode=require`;
}
