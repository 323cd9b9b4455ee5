import { shard, shared } from '../../azure/contoso';
import { inTerraform } from './terraform';

/** What Terraform says of the values that only the operator knows, by the templates' own variables. */
jest.setTimeout(120_000);

const variable = (template: object) => (template as { readonly variable: object }).variable;
const FILE = { variable: { ...variable(shared().template), ...variable(shard().template) } };

const DIGEST = `sha256:${'0'.repeat(64)}`;
const GROUP = '/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/acme/providers';
const machine = (id: string, principal_id = '11111111-2222-3333-4444-555555555555') => [{ id, principal_id }];
const GOOD: Readonly<Record<string, unknown>> = {
  alert_emails: ['backup@example.com'],
  container_registry_id: `${GROUP}/Microsoft.ContainerRegistry/registries/acmebackup`,
  container_image: `acmebackup.azurecr.io/hypdr-runner@${DIGEST}`,
  secrets_vault_id: `${GROUP}/Microsoft.KeyVault/vaults/acme-secrets`,
  machines_erp: machine(`${GROUP}/Microsoft.HybridCompute/machines/SQL01`),
  node_version: '22.20.0',
  node_sha256: '0'.repeat(64),
};

const BAD: readonly (readonly [name: string, value: unknown])[] = [
  ['alert_emails', []],
  ['alert_emails', ['backup']],
  ['container_registry_id', 'acmebackup'],
  ['container_image', 'acmebackup.azurecr.io/hypdr-runner:1'],
  ['container_image', `hypdr-runner@${DIGEST}`],
  ['secrets_vault_id', 'https://acme-secrets.vault.azure.net'],
  ['machines_erp', []],
  ['machines_erp', machine('SQL01')],
  ['machines_erp', machine(`${GROUP}/Microsoft.Compute/virtualMachines/SQL01`, 'SQL01')],
  ['node_version', 'v22.20.0'],
  ['node_version', '18.20.0'],
  ['node_sha256', 'A'.repeat(64)],
  ['node_sha256', '0'.repeat(63)],
];

function refused(values: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(values).map(
    ([name, value]) => `-var=${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return inTerraform(FILE, (run) => {
    const { status, stderr } = run(['plan', '-input=false', '-no-color', ...given]);
    return status === 0 ? '' : stderr;
  });
}

test('what it should be is taken, a virtual machine as well as one of Arc', () => {
  expect(refused(GOOD)).toBe('');
  const vm = machine(`${GROUP}/Microsoft.Compute/virtualMachines/SQL01`);
  expect(refused({ ...GOOD, machines_erp: vm })).toBe('');
});

test.each(BAD)('%s %j is refused by its name', (name, value) => {
  expect(refused({ ...GOOD, [name]: value })).toMatch(new RegExp(`Invalid value for variable[\\s\\S]*${name}`));
});

test('none has a value of its own: each is asked for', () => {
  for (const name of Object.keys(FILE.variable)) {
    const { [name]: _, ...others } = GOOD;
    expect(refused(others)).toMatch(new RegExp(`No value for required variable[\\s\\S]*${name}`));
  }
});
