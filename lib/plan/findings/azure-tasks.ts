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
 * restores for a test is one more, with the key that signs records.
 */
function ofTask({ stores, secret, testRestore }: AzureTask): number {
  const ofIdentity = stores.length + 1;
  return 3 * ofIdentity + (secret === undefined ? 0 : 1) + (testRestore ? ofIdentity + 1 : 0);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, one) => all + one, 0);
}
