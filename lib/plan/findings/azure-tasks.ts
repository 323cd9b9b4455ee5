import { childPath } from '../../diagnostics';
import { windowsZone } from '../../units/windows-zone';
import type { PlanCheck } from './finding';

/** A container of Azure has no disk that stays. */
export const azureLocalCopies: PlanCheck = ({ context, dataSets, plan }) => {
  for (const { name, path, storage } of dataSets) {
    const task = plan.tasks.find((one) => one.name === name);
    if (!storage.local || task?.cloud !== 'azure' || task.host !== 'container') continue;
    context.report({
      code: 'DR3064',
      path: `${path}.storage.local.path`,
      message: `"${name}" runs in a container on Azure, which keeps no folder: ${storage.local.path} is left out`,
      fix: `run it on a host (${childPath('deployment.tasks', name)}.host), or remove storage.local`,
    });
  }
};

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
