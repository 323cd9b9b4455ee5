import { tmpdir } from 'node:os';
import { checkStack } from '../../lib/terraform';
import { addAzureStacks } from '../../stacks/azure';
import { addGoogleStacks } from '../../stacks/google';
import { azureStack } from '../azure/fixture';
import { googleStack } from '../google/fixture';
import { synthStack } from './synth-stack';

const azure = () => synthStack(azureStack.name, (app) => addAzureStacks(app, [azureStack]));
const google = () => synthStack(googleStack.name, (app) => addGoogleStacks(app, [googleStack]));

test.each([
  ['azure', azure],
  ['google', google],
])('%s: the same plan gives the same bytes in any folder, and none of the folder', (_cloud, synth) => {
  const [one, two] = [synth(), synth()];
  expect(two.text).toBe(one.text);
  expect(two.manifest).toBe(one.manifest);
  for (const place of [tmpdir(), process.cwd(), __dirname]) {
    expect(one.text + one.manifest).not.toContain(place);
  }
});

test.each([
  ['azurerm', '4.55.0', azure],
  ['google', '6.50.0', google],
])('%s is pinned to the one version that its bindings are made from', (provider, version, synth) => {
  expect(synth().template.terraform?.required_providers).toEqual({ [provider]: { source: provider, version } });
});

test.each([
  ['azure', azure],
  ['google', google],
])('%s: the templates break no rule of ours', (_cloud, synth) => {
  expect(synth().findings).toEqual([]);
});

test('a broken rule comes back with its stack and its address', () => {
  const badly = { ...azureStack, location: 'Amsterdam' };
  const { findings } = synthStack(badly.name, (app) => addAzureStacks(app, [badly]));
  expect(findings).toEqual([
    {
      stack: 'acme-azure-backup',
      address: 'azurerm_resource_group.group',
      rule: 'azure-location',
      message: 'location "Amsterdam" is no Azure region like westeurope',
    },
  ]);
});

test('an empty template has no backend', () => {
  expect(checkStack({})).toEqual([
    { address: 'terraform', rule: 'backend-portable', message: 'no backend says where the state is' },
  ]);
});
