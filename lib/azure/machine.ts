import { AutomationHybridRunbookWorker } from '@cdktf/provider-azurerm/lib/automation-hybrid-runbook-worker';
import { AutomationHybridRunbookWorkerGroup } from '@cdktf/provider-azurerm/lib/automation-hybrid-runbook-worker-group';
import { AutomationJobSchedule } from '@cdktf/provider-azurerm/lib/automation-job-schedule';
import { AutomationRunbook } from '@cdktf/provider-azurerm/lib/automation-runbook';
import { AutomationSchedule } from '@cdktf/provider-azurerm/lib/automation-schedule';
import type { AutomationAccount } from '@cdktf/provider-azurerm/lib/automation-account';
import { Construct } from 'constructs';
import type { TaskManifest } from '../contract/task';
import type { AzureTask, AzureTaskMachine, AzureTaskShard, AzureTaskStart } from '../contract/azure-tasks';
import { escapeTemplate, nodeComment, TerraformStack } from '../terraform';
import { fitName, kebab } from '../units';
import { automationRecurrences, earliestStart, firstStartName, offsetsLocal } from './automation-start';
import { hostGrants } from './host-writers';
import { input } from './input';
import { containerId } from './resource-id';
import { configRights } from './rights';
import { renderRunbook } from './runbook';
import { VAULT_URL } from './secrets-vault';
import { manifestText } from './task-config';
import type { ConfigFile } from './task-config';
import type { TaskRoles } from './task-roles';

export interface TaskMachineProps {
  readonly plan: AzureTaskShard;
  readonly task: AzureTask;
  readonly machine: AzureTaskMachine;
  readonly account: AutomationAccount;
  readonly roles: TaskRoles;
  /** The runbook itself has it. */
  readonly manifest: TaskManifest;
  readonly runner: ConfigFile;
}

/**
 * A task on its own Windows host: a group of workers, which the operator's machines join, a runbook, and what starts it
 * in the zone of the window. The host's own identity writes backups and reads the ledger.
 * @see https://learn.microsoft.com/azure/automation/extension-based-hybrid-runbook-worker-install
 */
export class TaskMachine extends Construct {
  constructor(scope: Construct, id: string, props: TaskMachineProps) {
    super(scope, id);
    const { plan, machine, account } = props;
    const where = { automationAccountName: account.name, resourceGroupName: plan.names.resourceGroup };
    const group = new AutomationHybridRunbookWorkerGroup(this, 'workers', { ...where, name: machine.workerGroup });
    nodeComment(group, [machine.id, props.task.id]);
    this.#join(props, where, group);
    const zones = machine.starts.map(({ schedule }) => (schedule.kind === 'calendar' ? schedule.timeZone : 'UTC'));
    for (const zone of new Set(zones)) {
      const { name, value } = offsetsLocal(zone);
      TerraformStack.of(this).addOverride(`locals.${name}`, value);
    }
    for (const start of machine.starts) {
      const runbook = this.#runbook(props, where, start);
      this.#start(start, { where, group, runbook, task: props.task.task });
    }
  }

  /** The machines, known at deployment only: Arc's or Azure's own. */
  #join({ plan, task, machine, roles, runner }: TaskMachineProps, where: Where, group: Workers): void {
    const { variable } = machine;
    const each = `\${var.${variable}[count.index]`;
    const forms =
      '^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft[.](HybridCompute/machines|Compute/virtualMachines)/[^/]+$';
    input(this, variable, {
      type: 'list(object({ id = string, principal_id = string }))',
      description: `Machines of ${task.task} (${machine.host}): id of the virtual machine or of the machine of Azure Arc, and object id of its system-assigned identity.`,
      checks: [
        { condition: `\${length(var.${variable}) > 0}`, errorMessage: `give the machine that ${task.task} is on` },
        {
          condition: `\${alltrue([for one in var.${variable} : can(regex("${forms}", one.id))])}`,
          errorMessage: 'each id is that of a virtual machine, or of a machine of Azure Arc',
        },
        {
          condition: `\${alltrue([for one in var.${variable} : can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", one.principal_id))])}`,
          errorMessage: 'each principal_id is the object id of an identity, in lower case',
        },
      ],
    });
    const count = `\${length(var.${variable})}`;
    const worker = new AutomationHybridRunbookWorker(this, 'worker', {
      ...where,
      workerGroupName: group.name,
      vmResourceId: `${each}.id}`,
      // Any id that stays: that of the machine itself makes it.
      workerId: `\${uuidv5("url", var.${variable}[count.index].id)}`,
    });
    worker.addOverride('count', count);
    const principalId = `${each}.principal_id}`;
    const grants = [
      ...hostGrants(this, { task, roles, principalId }),
      roles.grant(this, 'config', {
        role: 'reader',
        rights: configRights([runner.name]),
        containerId: containerId(this, plan.config),
        principalId,
      }),
    ];
    for (const grant of grants) grant.addOverride('count', count);
  }

  /** What is asked of a runbook's jobs does not say with which words they were started: each start has one of its own. */
  #runbook({ plan, task, manifest, runner }: TaskMachineProps, where: Where, start: AzureTaskStart): AutomationRunbook {
    const { account, container } = plan.config;
    const script = renderRunbook({
      ...manifestText(manifest),
      runnerUrl: `https://${account}.blob.core.windows.net/${container}/${runner.name}`,
      runnerSha256: runner.sha256,
      nodeVersion: NODE.version,
      nodeSha256: NODE.sha256,
      environment: task.secret === undefined ? {} : { HYPDR_SECRETS: 'azure', HYPDR_KEY_VAULT_URL: VAULT },
    });
    const content = Object.entries(EXPRESSIONS).reduce(
      (text, [mark, expression]) => text.replaceAll(mark, expression),
      escapeTemplate(script),
    );
    const runbook = new AutomationRunbook(this, `runbook_${start.runbook}`, {
      ...where,
      name: start.runbook,
      location: plan.location,
      runbookType: 'PowerShell72',
      description: `starts the runner of ${task.task}: ${start.command} ${start.type ?? ''}`.trim(),
      logProgress: false,
      logVerbose: false,
      content,
      dependsOn: [runner.blob],
    });
    return runbook;
  }

  #start(start: AzureTaskStart, { where, group, runbook, task }: Started): void {
    const schedules = automationRecurrences(start.schedule).map((recurrence, index) => {
      const schedule = new AutomationSchedule(this, `at_${start.name}_${index}`, {
        ...where,
        // What recurs is in the name: a change makes another schedule, since azurerm updates none whose first start is over.
        name: fitName([start.name, recurrenceOf(start), ...(index === 0 ? [] : [index + 1])].join('-'), 128),
        description: `${start.command} of ${task}`,
        ...recurrence,
        // It is of the day of the deployment.
        lifecycle: { ignoreChanges: ['start_time'] },
      });
      nodeComment(schedule, [start.id]);
      new AutomationJobSchedule(this, `run_${start.name}_${index}`, {
        ...where,
        runbookName: runbook.name,
        scheduleName: schedule.name,
        runOn: group.name,
        // Names of parameters in lower case: the service writes them so, and another case would be a change for ever.
        parameters: { command: start.command, type: start.type ?? 'none' },
        // An update of a runbook takes away what starts it: https://github.com/hashicorp/terraform-provider-azurerm/issues/8634
        lifecycle: { replaceTriggeredBy: [addressOf(runbook)] },
      });
      return addressOf(schedule);
    });
    if (start.command !== 'backup') return;
    TerraformStack.of(this).addOverride(`locals.${firstStartName(start.name)}`, earliestStart(schedules));
  }
}

/** As Terraform takes it outside of expressions: a template would not be one there. */
function addressOf({ terraformResourceType, friendlyUniqueId }: AutomationRunbook | AutomationSchedule): string {
  return `${terraformResourceType}.${friendlyUniqueId}`;
}

/** Time of day, zone and days of a schedule, or its interval, as a part of a name. */
function recurrenceOf({ schedule }: AzureTaskStart): string {
  if (schedule.kind === 'interval') return `every-${schedule.everySeconds}-${schedule.offsetSeconds}`;
  const { at, timeZone, days } = schedule;
  return kebab([at.replace(':', ''), timeZone, ...daysOf(days)].join(' '));
}

function daysOf(days: Extract<AzureTaskStart['schedule'], { kind: 'calendar' }>['days']): readonly string[] {
  if (days.kind === 'all') return [];
  if (days.kind === 'weekdays') return days.weekdays.map((day) => day.slice(0, 3));
  return [days.kind.replace('_', ' '), String(days.monthDay)];
}

type Workers = AutomationHybridRunbookWorkerGroup;

interface Where {
  readonly automationAccountName: string;
  readonly resourceGroupName: string;
}

interface Started {
  readonly where: Where;
  readonly group: Workers;
  readonly runbook: AutomationRunbook;
  readonly task: string;
}

/** Marks in the script for what only the deployment knows, since all else in it is literal. */
const NODE = { version: '@NODE_VERSION@', sha256: '@NODE_SHA256@' } as const;
const VAULT = '@VAULT@';
const EXPRESSIONS: Readonly<Record<string, string>> = {
  [NODE.version]: '${var.node_version}',
  [NODE.sha256]: '${var.node_sha256}',
  [VAULT]: VAULT_URL,
};

/** Which Node hosts get: its own archive for Windows, by the checksum that its publisher signs. */
export function nodeInputs(scope: Construct): void {
  input(scope, 'node_version', {
    type: 'string',
    description: 'Version of Node for Windows hosts, 20 or later, such as 22.20.0.',
    checks: [
      {
        condition: '${can(regex("^(2[0-9]|[3-9][0-9])[.][0-9]+[.][0-9]+$", var.node_version))}',
        errorMessage: 'it is a version of three numbers, 20 or later',
      },
    ],
  });
  input(scope, 'node_sha256', {
    type: 'string',
    description: 'SHA-256 of node-vVERSION-win-x64.zip, as https://nodejs.org/dist/vVERSION/SHASUMS256.txt says it.',
    checks: [
      {
        condition: '${can(regex("^[0-9a-f]{64}$", var.node_sha256))}',
        errorMessage: 'it is the line of node-vVERSION-win-x64.zip in SHASUMS256.txt: 64 hexadecimal digits',
      },
    ],
  });
}
