import type { Construct } from 'constructs';
import { addTaskProvider } from '../../lib/azure';
import { TaskAlarms } from '../../lib/azure/alarms';
import { addCopierInputs } from '../../lib/azure/copier-inputs';
import { HostAutomation } from '../../lib/azure/automation';
import { imageInput } from '../../lib/azure/image';
import { nodeInputs, TaskMachine } from '../../lib/azure/machine';
import { Prober } from '../../lib/azure/prober';
import { RecordSigner } from '../../lib/azure/record-key';
import { resourceId } from '../../lib/azure/resource-id';
import { vaultInput } from '../../lib/azure/secrets-vault';
import { TaskStarter } from '../../lib/azure/starter';
import { BackupTask } from '../../lib/azure/task';
import { addManifest, addRunner } from '../../lib/azure/task-config';
import type { RunnerFile } from '../../lib/azure/task-config';
import { TaskRoles } from '../../lib/azure/task-roles';
import type { AzureTask, AzureTaskShard } from '../../lib/contract/azure-tasks';
import type { TaskManifest } from '../../lib/contract/task';
import { frameStack, TerraformOutput, TerraformStack } from '../../lib/terraform';

export interface AzureTaskStackProps {
  readonly plan: AzureTaskShard;
  readonly manifests: readonly TaskManifest[];
  readonly runner: RunnerFile;
}

/** The tasks of one shard: their identities, jobs and flows, what reaches their hosts, the prober and its alarms. */
export class AzureTaskStack extends TerraformStack {
  constructor(scope: Construct, { plan, manifests, runner }: AzureTaskStackProps) {
    super(scope, plan.name);
    frameStack(this, plan);
    addTaskProvider(this, plan);
    imageInput(this);
    const isTested = plan.tasks.some((task) => task.testRestore !== undefined);
    if (isTested || plan.tasks.some((task) => task.secret !== undefined)) vaultInput(this);
    const { names, shardName } = plan;
    const workspaceId = resourceId(
      this,
      names.resourceGroup,
      `Microsoft.OperationalInsights/workspaces/${names.workspace}`,
    );
    const isThawed = plan.tasks.some(({ jobs }) => jobs.thawer !== undefined);
    const also = [...(isTested ? ['restorer' as const] : []), ...(isThawed ? ['thawer' as const] : [])];
    const roles = new TaskRoles(this, 'roles', { name: shardName, also });
    const signer = isTested ? new RecordSigner(this, 'record_signer', { name: shardName }) : undefined;
    const starter = new TaskStarter(this, 'starter', { plan });
    addCopierInputs(this, plan.tasks);
    const files = plan.tasks.map((task) => {
      const manifest = addManifest(this, `manifest_${task.task}`, plan.config, manifestOf(task, manifests));
      const { copier } = new BackupTask(this, `task_${task.task}`, {
        plan,
        task,
        manifest,
        roles,
        starter,
        signer,
        workspaceId,
      });
      return { task, manifest, copier };
    });
    const copiers = files.flatMap(({ copier }) => copier ?? []);
    if (copiers.length > 0) {
      new TerraformOutput(this, 'copier_subjects', {
        value: copiers.join(','),
        description:
          'who the copy jobs of this stack are to other clouds: AzureCopiers of the copy readers on AWS, azure_copier_subjects on Google',
        staticId: true,
      });
    }
    new Prober(this, 'prober', {
      plan,
      name: `prober-${plan.shard}of${plan.shards}`,
      roles,
      manifests: files.map(({ manifest }) => manifest),
    });
    new TaskAlarms(this, 'alarms', { plan });
    this.#hosts({ plan, manifests, runner }, roles, workspaceId);
    new TerraformOutput(this, 'backup_jobs', {
      value: plan.tasks.map(({ jobs, machine, hosts }) =>
        machine || hosts !== undefined ? jobs.verifier : jobs.writer,
      ),
      description: 'jobs that az containerapp job start starts by hand',
      staticId: true,
    });
  }

  #hosts({ plan, manifests, runner }: AzureTaskStackProps, roles: TaskRoles, workspaceId: string): void {
    const hosts = plan.tasks.flatMap((task) => (task.machine ? [{ task, machine: task.machine }] : []));
    if (hosts.length === 0) return;
    nodeInputs(this);
    const { account } = new HostAutomation(this, 'automation', { plan, workspaceId });
    const file = addRunner(this, 'runner', plan.config, runner);
    for (const { task, machine } of hosts) {
      const manifest = manifestOf(task, manifests);
      new TaskMachine(this, `machine_${task.task}`, { plan, task, machine, account, roles, manifest, runner: file });
    }
    new TerraformOutput(this, 'automation_hybrid_service_url', {
      value: account.hybridServiceUrl,
      description: 'AutomationAccountURL of the extension HybridWorkerForWindows, which each host gets',
      staticId: true,
    });
  }
}

function manifestOf({ task }: AzureTask, manifests: readonly TaskManifest[]): TaskManifest {
  const manifest = manifests.find((one) => one.name === task);
  if (!manifest) throw new Error(`no manifest of task '${task}'`);
  return manifest;
}
