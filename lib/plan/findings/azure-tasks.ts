import { automationZones, isAutomationZone } from '../../clouds/automation-zones';
import { hasSameClock } from '../../units/offsets';
import { windowsZone } from '../../units/windows-zone';
import type { AzureTask, AzureTaskShard } from '../../contract';
import type { PlanCheck } from './finding';

/** Logic Apps know zones by their Windows names. */
export const azureTimeZone: PlanCheck = ({ context, plan }) => {
  const { timezone } = context.backup.general.backup_window;
  if (plan.azureTasks.shards.length === 0 || windowsZone(timezone) !== undefined) return;
  context.report({
    code: 'DR3065',
    path: 'backup.general.backup_window.timezone',
    message: `"${timezone}" has no name in Windows, and the scheduler of tasks on Azure knows no other names`,
    fix: 'choose a zone with the same clock',
  });
};

/** Automation, which starts what is on hosts, takes fewer zones than Logic Apps; intervals are in UTC there. */
export const azureHostTimeZone: PlanCheck = ({ context, plan }) => {
  const { timezone } = context.backup.general.backup_window;
  if (isAutomationZone(timezone) || windowsZone(timezone) === undefined) return;
  const started = plan.azureTasks.shards
    .flatMap(({ tasks }) => tasks)
    .filter(({ machine }) => machine?.starts.some(({ schedule }) => schedule.kind === 'calendar'));
  const [first] = started;
  if (!first) return;
  const same = withClockOf(timezone);
  context.report({
    code: 'DR3065',
    path: 'backup.general.backup_window.timezone',
    message: `"${timezone}" is none of the zones that schedules of Azure Automation take, which start "${first.task}" on its host`,
    fix: same.length > 0 ? `choose a zone with the same clock: ${same.join(', ')}` : 'choose a zone that it takes',
  });
};

/** Years in which clocks are compared. */
const CLOCK = { from: 2026, to: 2030 } as const;
/** So many zones are named. */
const NAMED = 3;

/** Zones of Automation that always show the same time, those of the same area and of the same name in Windows first. */
function withClockOf(zone: string): readonly string[] {
  const areaOf = (one: string) => one.split('/')[0];
  const distance = (one: string) =>
    (areaOf(one) === areaOf(zone) ? 0 : 2) + (windowsZone(one) === windowsZone(zone) ? 0 : 1);
  const nearest = automationZones()
    .filter((one) => windowsZone(one) !== undefined)
    .sort((a, b) => distance(a) - distance(b) || (a < b ? -1 : 1));
  const found: string[] = [];
  for (const one of nearest) {
    if (found.length < NAMED && hasSameClock(zone, one, CLOCK.from, CLOCK.to)) found.push(one);
  }
  return found;
}

const SUBNET =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/i;

/** A subnet's name is not enough to find it. */
export const azureSubnet: PlanCheck = ({ context, plan }) => {
  for (const { network } of plan.azureTasks.shared) {
    if (network.kind === 'isolated' || SUBNET.test(network.subnet)) continue;
    context.report({
      code: 'DR3066',
      path: 'deployment.network.azure.subnets[0]',
      message: `"${network.subnet}" is no id of a subnet`,
      fix: 'give its id: az network vnet subnet show --resource-group ... --vnet-name ... --name ... --query id',
    });
    return;
  }
};

/** https://learn.microsoft.com/azure/role-based-access-control/troubleshoot-limits, .../logic-apps/logic-apps-limits-and-config */
const LIMITS = { assignments: 4000, workflows: 1000 } as const;

/** What a subscription has: assignments of roles in all of it, Logic Apps in a region. */
export const azureLimits: PlanCheck = ({ context, plan }) => {
  const { shards } = plan.azureTasks;
  const report = (what: string, count: number, limit: number) => {
    if (count <= limit) return;
    context.report({
      code: 'DR3068',
      path: 'backup.database',
      message: `the tasks on Azure need ${count} ${what}, and there are ${limit}`,
      fix: 'let tasks share stores, or give parts of them a deployment and a subscription of their own',
    });
  };
  report('assignments of roles in one subscription', sum(shards.map(assignmentsOf)), LIMITS.assignments);
  for (const location of new Set(shards.map((shard) => shard.location))) {
    const flows = shards.filter((shard) => shard.location === location).flatMap(({ tasks }) => tasks);
    report(`Logic Apps in ${location}`, sum(flows.map((task) => task.flows.length)), LIMITS.workflows);
  }
};

/** The prober's and the starter's beside those of the tasks. */
function assignmentsOf({ tasks }: AzureTaskShard): number {
  const stores = new Set(tasks.flatMap((task) => task.stores.map(({ store }) => store)));
  return sum(tasks.map(ofTask)) + stores.size + 2;
}

/**
 * Three identities, of which the writer may be the host's own: each store, the manifest or the runner, the secret. Who
 * restores for a test is one more, with the key that signs records, and who thaws before it.
 */
function ofTask({ stores, secret, testRestore, jobs }: AzureTask): number {
  const ofIdentity = stores.length + 1;
  const tested = (testRestore ? ofIdentity + 1 : 0) + (jobs.thawer === undefined ? 0 : ofIdentity);
  return 3 * ofIdentity + (secret === undefined ? 0 : 1) + tested;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, one) => all + one, 0);
}
