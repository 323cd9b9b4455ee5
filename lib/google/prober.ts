import type { CloudRunV2Job } from '@cdktf/provider-google/lib/cloud-run-v2-job';
import { CloudRunV2JobIamMember } from '@cdktf/provider-google/lib/cloud-run-v2-job-iam-member';
import { CloudSchedulerJob } from '@cdktf/provider-google/lib/cloud-scheduler-job';
import type { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { Construct } from 'constructs';
import type { GoogleTask } from '../contract/google-tasks';
import { runnerJob } from './job';
import { renderProber, renderReader } from './rights';
import type { BackupTask } from './task';
import type { TaskProject } from './task-project';
import { TaskRole } from './task-role';

export interface ProberProps {
  readonly project: TaskProject;
  readonly name: string;
  /** Id of its service account. */
  readonly accountId: string;
  readonly image: string;
  /** What starts it. */
  readonly scheduler: ServiceAccount;
  /** Id of the shard's node. */
  readonly nodeId: string;
  readonly tasks: readonly { readonly task: GoogleTask; readonly container: BackupTask }[];
}

const EVERY_MINUTES = 15;
const LONGEST_SECONDS = 600;

/**
 * Asks the verifier's ledgers how old the newest verified backups are. It speaks by its log, and what is late alarms;
 * where it is silent, that alarms too. It is in no network of the tasks: a fault there would silence what watches.
 */
export class Prober extends Construct {
  constructor(scope: Construct, id: string, props: ProberProps) {
    super(scope, id);
    const { project, name, tasks, scheduler } = props;
    const job = this.#job(props);
    const run = new CloudRunV2JobIamMember(this, 'run', {
      name: job.name,
      location: project.region,
      role: project.role('run'),
      member: scheduler.member,
    });
    new CloudSchedulerJob(this, 'schedule', {
      name,
      region: project.region,
      description: `Looks how old the newest verified backups of ${tasks.length} tasks are`,
      schedule: `*/${EVERY_MINUTES} * * * *`,
      timeZone: 'UTC',
      attemptDeadline: '60s',
      retryConfig: { retryCount: 2, maxRetryDuration: '300s', minBackoffDuration: '10s' },
      httpTarget: {
        httpMethod: 'POST',
        uri: `https://run.googleapis.com/v2/projects/${project.id}/locations/${project.region}/jobs/${job.name}:run`,
        oauthToken: { serviceAccountEmail: scheduler.email },
      },
      dependsOn: [run],
    });
  }

  #job({ project, name, accountId, image, nodeId, tasks }: ProberProps): CloudRunV2Job {
    const kept = tasks.flatMap(({ task }) => task.stores);
    const buckets = [...new Set(kept.map((store) => store.bucket))].sort();
    const prefixesIn = (bucket: string) =>
      kept.filter((store) => store.bucket === bucket).flatMap(({ prefixes }) => prefixes);
    const role = new TaskRole(this, 'prober', {
      project,
      accountId,
      description: 'Reads the ledgers of backups',
      nodes: [nodeId],
      rights: [
        ...buckets.map((bucket) => ({ bucket, rights: renderProber({ bucket, prefixes: prefixesIn(bucket) }) })),
        { bucket: project.configBucket, rights: [renderReader(project.configBucket, 'tasks/')] },
      ],
    });
    const stores = [...new Set(tasks.flatMap(({ task }) => task.stores.map(({ store }) => store)))].sort();
    // It is in no network of the tasks: a fault there would silence what watches.
    return runnerJob(this, 'Resource', {
      project,
      name,
      account: role.account,
      image,
      args: [
        ...['age', '--metrics', 'log'],
        ...tasks.flatMap(({ container }) => ['--task', container.manifest.url]),
        // Stores of other clouds are asked by the probers there.
        ...stores.flatMap((store) => ['--store', store]),
      ],
      cpu: '1',
      memory: '512Mi',
      longestSeconds: LONGEST_SECONDS,
      after: tasks.map(({ container }) => container.manifest.object),
    });
  }
}
