import { CloudSchedulerJob } from '@cdktf/provider-google/lib/cloud-scheduler-job';
import { ComputeInstanceIamMember } from '@cdktf/provider-google/lib/compute-instance-iam-member';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { Construct } from 'constructs';
import type { Site, SiteSynchronization } from '../../contract/site';
import type { TaskManifest } from '../../contract/task';
import { renderRestoreInstaller } from '../../hosts/site-restore';
import { nodeComment } from '../../terraform';
import { cronOf } from '../cron';
import type { SiteFrame } from './frame';
import { accountId } from './names';
import { customRole } from './roles';
import { runnerUrl } from './runner-object';
import type { RunnerFile } from './runner-object';
import type { DatabaseMachines, SiteMachines } from './standby';

const RUNNER = '/opt/hypnoscript-dr/download/runner.js';

export interface RestoreScriptProps {
  readonly site: Site;
  readonly database: DatabaseMachines;
  readonly leaseUrl: string;
  readonly tasks: readonly TaskManifest[];
  readonly runner: RunnerFile;
}

/** What a machine that restores runs at each start: it gets the runner, restores, and goes off. */
export function restoreInstaller({ site, database, leaseUrl, tasks, runner }: RestoreScriptProps): string {
  const script = renderRestoreInstaller({
    site: site.name,
    cloud: 'google',
    region: site.region,
    engine: database.engine,
    version: database.version,
    leaseUrl,
    volumeGiB: database.volume.sizeGiB,
    metric: { namespace: 'hypnoscript-dr', site: site.prefix },
    tasks: tasks.map(onlyHere),
    runner: { path: RUNNER, sha256: runner.sha256 },
  });
  const url = runnerUrl(runner);
  return [
    '#!/bin/bash',
    'set -euo pipefail',
    `mkdir -p "$(dirname ${RUNNER})"`,
    '# As the identity of the machine, whose rights may take minutes to be known everywhere. The token is no argument.',
    'fetch() {',
    `  curl -fsS --max-time 10 -H 'Metadata-Flavor: Google' 'http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token' |`,
    `    sed -E 's/.*"access_token":"([^"]+)".*/header = "Authorization: Bearer \\1"/' |`,
    `    curl --config - -fsS --max-time 300 -o ${RUNNER}.new '${url}'`,
    '}',
    'tries=0',
    'until fetch; do',
    '  tries=$((tries + 1))',
    '  [ "$tries" -lt 60 ] || exit 75',
    '  sleep 20',
    'done',
    `chmod 644 ${RUNNER}.new`,
    `mv ${RUNNER}.new ${RUNNER}`,
    script.replace(/^#!.*\n/, ''),
  ].join('\n');
}

/** A machine here reads the stores of its own cloud; asking others would only take time. */
function onlyHere(task: TaskManifest): TaskManifest {
  const isHere = ({ cloud }: { readonly cloud: string }) => cloud === 'google';
  return { ...task, local: null, stores: task.stores.filter(isHere), copies: task.copies.filter(isHere) };
}

export interface MachineStartsProps {
  readonly frame: SiteFrame;
  readonly restores: NonNullable<SiteSynchronization['restores']>;
  readonly machines: SiteMachines;
}

/** What starts machines that restore, at the times of the plan; each goes off by itself when it is done. */
export class MachineStarts extends Construct {
  constructor(scope: Construct, id: string, { frame, restores, machines }: MachineStartsProps) {
    super(scope, id);
    const { site, project } = frame;
    const { schedule, timeZone } = cronOf(restores.schedule);
    const account = new ServiceAccount(this, 'account', {
      accountId: accountId(site, 'starts'),
      displayName: `Starts restores of ${site.name}`.slice(0, 100),
      dependsOn: frame.services,
    });
    const role = customRole(this, 'start_machine', { frame, permissions: ['compute.instances.start'] });
    machines.machines.forEach((machine, index) => {
      const may = new ComputeInstanceIamMember(this, `may_${index + 1}`, {
        instanceName: machine.name,
        zone: machine.zone,
        role: role.name,
        member: account.member,
      });
      const job = new CloudSchedulerJob(this, `schedule_${index + 1}`, {
        name: `${site.prefix}-restore-${index + 1}`,
        region: site.region,
        description: `Starts a machine of ${site.name}, which restores and goes off`,
        schedule,
        timeZone,
        attemptDeadline: '60s',
        retryConfig: { retryCount: 3, maxRetryDuration: '3600s', minBackoffDuration: '15s' },
        httpTarget: {
          httpMethod: 'POST',
          uri: `https://compute.googleapis.com/compute/v1/projects/${project}/zones/${machine.zone}/instances/${machine.name}/start`,
          oauthToken: { serviceAccountEmail: account.email },
        },
        dependsOn: [may],
      });
      nodeComment(job, [restores.id, site.synchronization.id]);
    });
  }
}
