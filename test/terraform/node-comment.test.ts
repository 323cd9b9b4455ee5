import { addAzureStacks } from '../../stacks/azure';
import { azureStack } from '../azure/fixture';
import { synthStack } from './synth-stack';

const { template } = synthStack(azureStack.name, (app) => addAzureStacks(app, [azureStack]));

test('a resource repeats the ids of its nodes in its comment, sorted, beside what CDKTF writes there', () => {
  const [policy] = Object.values(template.resource?.['azurerm_storage_management_policy'] ?? {});
  expect(policy?.['//']).toMatchObject({
    hypdr: { nodes: ['azure/account/acmebackups', 'azure/lifecycle/backups', 'azure/lifecycle/sql'] },
    metadata: { path: 'acme-azure-backup/store_acmebackups/lifecycle' },
  });
});

test('the stack repeats its id at the top, without a list of our own comments', () => {
  expect(template).toMatchObject({ '//': { hypdr: { nodes: ['azure/stack/acme'] } } });
  expect(template).not.toHaveProperty(['//', 'metadata', 'overrides']);
});
