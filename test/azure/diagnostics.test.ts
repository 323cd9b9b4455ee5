import { addAzureStacks } from '../../stacks/azure';
import { nodesOf, onlyResource, synthStack } from '../terraform/synth-stack';
import { azureStack } from './fixture';

const stack = synthStack(azureStack.name, (app) => addAzureStacks(app, [azureStack]));

test('requests are kept in the workspace for the days of the plan', () => {
  expect(onlyResource(stack, 'azurerm_log_analytics_workspace')).toMatchObject({
    name: 'log-acme-backup',
    sku: 'PerGB2018',
    retention_in_days: 120,
  });
});

test('reads, writes and deletions of blobs are logged, and requests counted', () => {
  const [id] = Object.keys(stack.template.resource?.azurerm_storage_account ?? {});
  const [workspace] = Object.keys(stack.template.resource?.azurerm_log_analytics_workspace ?? {});
  expect(onlyResource(stack, 'azurerm_monitor_diagnostic_setting')).toMatchObject({
    target_resource_id: `\${azurerm_storage_account.${id}.id}/blobServices/default`,
    log_analytics_workspace_id: `\${azurerm_log_analytics_workspace.${workspace}.id}`,
    enabled_log: [{ category: 'StorageDelete' }, { category: 'StorageRead' }, { category: 'StorageWrite' }],
    enabled_metric: [{ category: 'Transaction' }],
  });
  expect(nodesOf(stack, 'azurerm_monitor_diagnostic_setting')).toEqual([['azure/logs/acme']]);
});
