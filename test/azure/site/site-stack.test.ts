import { allNodes, nodesOf, onlyResource, resources, resourceTypes } from '../../terraform/synth-stack';
import { backed, cold, hot, replica, warm } from './fixture';
import type { Made } from './fixture';

/** How often each type is there. */
function counts({ stack }: Made): Readonly<Record<string, number>> {
  const types = resourceTypes(stack).map((type) => type.replace('azurerm_', ''));
  return Object.fromEntries([...new Set(types)].map((type) => [type, types.filter((one) => one === type).length]));
}

/** What every site on Azure has that is awake. */
const COMMON = {
  lb: 1,
  lb_backend_address_pool: 1,
  lb_probe: 1,
  lb_rule: 1,
  linux_virtual_machine_scale_set: 1,
  log_analytics_workspace: 1,
  monitor_action_group: 1,
  logic_app_workflow: 2,
  monitor_metric_alert: 3,
  monitor_scheduled_query_rules_alert_v2: 2,
  nat_gateway: 1,
  nat_gateway_public_ip_association: 1,
  network_security_group: 2,
  network_watcher_flow_log: 1,
  public_ip: 2,
  resource_group: 1,
  storage_blob: 1,
  subnet: 2,
  subnet_nat_gateway_association: 2,
  subnet_network_security_group_association: 2,
  virtual_network: 1,
};

describe('what a site is made of', () => {
  test('hot, of two machines that follow by streaming', () => {
    expect(counts(hot())).toMatchObject({
      ...COMMON,
      application_insights: 1,
      application_insights_standard_web_test: 1,
      linux_virtual_machine: 2,
      logic_app_workflow: 3,
      managed_disk: 2,
      monitor_autoscale_setting: 1,
      monitor_data_collection_rule: 1,
      monitor_data_collection_rule_association: 2,
      monitor_metric_alert: 4,
      network_interface: 2,
      storage_account: 2,
      traffic_manager_profile: 1,
      virtual_machine_extension: 2,
    });
  });

  test('warm, of one that follows the archive', () => {
    const made = counts(warm());
    expect(made).toMatchObject({
      ...COMMON,
      linux_virtual_machine: 1,
      storage_account: 3,
      storage_management_policy: 1,
    });
    expect(made.monitor_autoscale_setting).toBeUndefined();
    expect(made.traffic_manager_profile).toBeUndefined();
  });

  test('only segments of the log go by age: without archive.info the archive is none', () => {
    const { stack } = warm();
    const rules = JSON.stringify(onlyResource(stack, 'azurerm_storage_management_policy'));
    const [, prefix = ''] = /"prefix_match":\["([^"]*)"\]/.exec(rules) ?? [];
    expect(prefix).toMatch(/^wal\/[\w-]+\/archive\/hypdr_\w+\/16-$/);
  });

  test('cold: nothing but a balancer and disks costs while it sleeps', () => {
    const made = counts(cold());
    expect(made).toMatchObject({
      lb_backend_address_pool: 2,
      lb_outbound_rule: 2,
      linux_virtual_machine: 1,
      linux_virtual_machine_scale_set: 1,
      logic_app_trigger_recurrence: 3,
      logic_app_workflow: 3,
      managed_disk: 1,
      network_interface_backend_address_pool_association: 1,
      private_endpoint: 1,
      public_ip: 1,
    });
    expect(made.nat_gateway).toBeUndefined();
    expect(onlyResource(cold().stack, 'azurerm_linux_virtual_machine_scale_set')).toMatchObject({ instances: 0 });
  });

  test('a replica of the service', () => {
    const made = counts(replica());
    expect(made).toMatchObject({
      ...COMMON,
      network_security_group: 3,
      postgresql_flexible_server: 1,
      private_dns_zone: 1,
      subnet: 3,
      subnet_network_security_group_association: 3,
      virtual_network_peering: 1,
    });
    expect(made.linux_virtual_machine).toBeUndefined();
  });
});

/** Every id of a site's nodes. */
function idsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(idsOf);
  if (typeof value !== 'object' || value === null) return [];
  const { id, ...rest } = value as Record<string, unknown>;
  return [...(typeof id === 'string' && 'from' in rest ? [id] : []), ...Object.values(rest).flatMap(idsOf)];
}

test.each([
  ['hot', hot],
  ['backed', () => backed()],
  ['without an alarm on lag', () => backed('')],
  ['warm', warm],
  ['cold', cold],
  ['replica', replica],
] as const)('no rule is broken in %s, and each node of the plan is in the template', (_, made) => {
  const { site, stack } = made();
  expect(stack.findings).toEqual([]);
  expect(allNodes(stack)).toEqual([...new Set(idsOf(site))].sort());
});

describe('what an activation changes is nothing of the template', () => {
  test('the number of machines', () => {
    const set = onlyResource(hot().stack, 'azurerm_linux_virtual_machine_scale_set');
    expect(set).toMatchObject({ instances: 4, lifecycle: { ignore_changes: ['instances'] }, upgrade_mode: 'Manual' });
  });

  test('whether the set grows by itself', () => {
    expect(onlyResource(hot().stack, 'azurerm_monitor_autoscale_setting')).toMatchObject({
      enabled: true,
      profile: [{ capacity: { minimum: 4, default: 4, maximum: 8 } }],
      lifecycle: { ignore_changes: ['enabled'] },
    });
  });

  test('whom a server follows', () => {
    const server = onlyResource(replica().stack, 'azurerm_postgresql_flexible_server');
    expect(server).toMatchObject({ create_mode: 'Replica', lifecycle: { prevent_destroy: true } });
    expect(server.lifecycle).toMatchObject({
      ignore_changes: expect.arrayContaining(['create_mode', 'source_server_id', 'replication_role']) as unknown,
    });
  });

  test('the lease, the address that has the name', () => {
    const { stack } = hot();
    expect(onlyResource(stack, 'azurerm_storage_blob')).toMatchObject({
      source_content: 'granted 1 0\n',
      lifecycle: { ignore_changes: expect.arrayContaining(['source_content']) as unknown },
    });
    expect(onlyResource(stack, 'azurerm_traffic_manager_azure_endpoint')).toMatchObject({
      enabled: false,
      lifecycle: { ignore_changes: ['enabled'] },
    });
  });
});

test('a new image, size or first start is for machines that are made after it: those that run are left alone', () => {
  const [{ features } = { features: undefined }] = (hot().stack.template.provider?.azurerm ?? []) as {
    features: unknown;
  }[];
  expect(features).toMatchObject([
    { virtual_machine_scale_set: [{ roll_instances_when_required: false, reimage_on_manual_upgrade: false }] },
  ]);
});

describe('where the application finds its database', () => {
  const told = ({ stack }: Made) => onlyResource(stack, 'azurerm_linux_virtual_machine_scale_set').custom_data;

  test.each([hot, warm, cold])('the first machine, which is the one that is promoted (%p)', (make) => {
    const address = onlyAddress(make(), 0);
    expect(address).toMatch(/^10\./);
    expect(told(make())).toContain(`\\necho 'DATABASE_HOST=${address}' >/etc/hypnoscript-dr/site.env\\n`);
  });

  test('the server that is promoted, by the name that the service gives it', () => {
    expect(told(replica())).toMatch(/DATABASE_HOST=\$\{azurerm_postgresql_flexible_server\.\w+\.fqdn\}' >/);
  });
});

describe('machines with a database', () => {
  const scripts = ({ stack }: Made) =>
    resources(stack, 'azurerm_linux_virtual_machine').map(({ custom_data: data }) => {
      const [, text = ''] = /base64decode\("([A-Za-z0-9+/=]+)"\)/.exec(String(data)) ?? [];
      return Buffer.from(text, 'base64').toString();
    });

  test('the first follows the primary, the second the first', () => {
    const made = hot();
    const [first = '', second = ''] = scripts(made);
    expect(first).toContain("primary_host='db.example.com'");
    const address = onlyAddress(made, 0);
    expect(second).toContain(`primary_host='${address}'`);
    expect(second).toContain("slot='hypdr_hot_2'");
    expect(address).toBe(
      made.site.network.cidr.replace(/(\d+)\.0\/20$/, (_, third: string) => `${Number(third) + 8}.10`),
    );
  });

  test('they find their secret in the vault of the deployment, and no secret is in the template', () => {
    const { stack } = warm();
    const machine = onlyResource(stack, 'azurerm_linux_virtual_machine');
    expect(machine.custom_data).toMatch(/, "@VAULT_URL@", local\.secrets_vault_url\)\)\}$/);
    expect(scripts(warm())[0]).toContain("secret='@VAULT_URL@/secrets/hypnoscript-orders-replication'");
    expect(machine).toMatchObject({
      disable_password_authentication: true,
      secure_boot_enabled: true,
      vtpm_enabled: true,
    });
  });

  test('each in a zone of its own, its data on a volume that stays', () => {
    const { stack } = hot();
    const zones = resources(stack, 'azurerm_linux_virtual_machine').map(({ zone }) => zone);
    expect(zones).toEqual(['1', '2']);
    const disks = resources(stack, 'azurerm_managed_disk');
    expect(disks.map(({ zone }) => zone)).toEqual(zones);
    for (const disk of disks) {
      expect(disk).toMatchObject({
        storage_account_type: 'PremiumV2_LRS',
        disk_size_gb: 500,
        disk_iops_read_write: 3000,
        lifecycle: { prevent_destroy: true },
      });
    }
    expect(nodesOf(hot().stack, 'azurerm_managed_disk')).toEqual([
      ['site.hot.database.volume'],
      ['site.hot.database.volume'],
    ]);
  });

  test('its identity reads one secret, the archive and the lease', () => {
    const { stack } = warm();
    const roles = resources(stack, 'azurerm_role_assignment')
      .filter(({ principal_id: who }) => String(who).includes('database_identity'))
      .map(({ role_definition_name: role, scope }) => [role, String(scope).replace(/\$\{[^}]*\}/g, '')]);
    expect(roles).toEqual([
      ['Storage Blob Data Reader', '/blobServices/default/containers/wal'],
      ['Storage Blob Data Reader', '/blobServices/default/containers/lease'],
      ['Key Vault Secrets User', '/secrets/hypnoscript-orders-replication'],
    ]);
  });
});

function onlyAddress({ stack }: Made, index: number): string {
  const [card] = resources(stack, 'azurerm_network_interface').slice(index);
  const [configuration] = (card?.ip_configuration ?? []) as { private_ip_address: string }[];
  return configuration?.private_ip_address ?? '';
}

describe('who gets in', () => {
  const rules = ({ stack }: Made, subnet: string) => {
    const groups = resources(stack, 'azurerm_network_security_group');
    const group = groups.find(({ name }) => String(name).endsWith(subnet));
    return (
      group?.security_rule as { access: string; source_address_prefix: string; destination_port_range: string }[]
    ).map((rule) => [rule.access, rule.source_address_prefix, rule.destination_port_range]);
  };

  test('the world to one port of machines', () => {
    expect(rules(warm(), '-machines')).toEqual([
      ['Allow', 'Internet', '443'],
      ['Allow', 'AzureLoadBalancer', '443'],
      ['Deny', '*', '*'],
    ]);
  });

  test('machines of the site, and of the database, to the database', () => {
    const made = warm();
    const [a = '', b = ''] = made.site.network.cidr.split(/(?<=^\d+\.\d+)\./);
    const third = Number.parseInt(b, 10);
    expect(rules(made, '-database')).toEqual([
      ['Allow', `${a}.${third}.0/21`, '5432'],
      ['Allow', `${a}.${third}.0/21`, '8008'],
      ['Allow', `${a}.${third + 8}.0/24`, '5432'],
      ['Deny', '*', '*'],
    ]);
  });
});
