import { spawnSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { machineQuery, replicaQuery } from '../../../lib/azure/site/lag-alarm';
import { databaseAddress, siteRanges } from '../../../lib/azure/site/ranges';
import { restoredStores } from '../../../lib/azure/site/restored-stores';
import { need, planned } from '../../plan/support';
import { compileSites, site as siteText } from '../../plan/site/support';
import { onlyResource, resources } from '../../terraform/synth-stack';
import { cold, hot, madeIn, madeSite, warm } from './fixture';

test('a range is divided into ranges that do not meet', () => {
  expect(siteRanges('10.130.16.0/20')).toEqual({
    machines: '10.130.16.0/21',
    database: '10.130.24.0/24',
    replica: '10.130.25.0/24',
  });
  expect([0, 1].map((index) => databaseAddress('10.130.16.0/20', index))).toEqual(['10.130.24.10', '10.130.24.11']);
  expect(() => siteRanges('10.130.16.0/21')).toThrow('/20');
});

describe('a location without zones', () => {
  test('names none, and keeps copies in one place', () => {
    const { stack } = madeIn('westus', 'far', { method: 'log_shipping', databaseClass: 'Standard_D2s_v5' });
    expect(stack.findings).toEqual([]);
    for (const type of ['azurerm_linux_virtual_machine_scale_set', 'azurerm_public_ip', 'azurerm_nat_gateway']) {
      for (const body of resources(stack, type)) expect(body.zones).toBeUndefined();
    }
    expect(onlyResource(stack, 'azurerm_managed_disk').zone).toBeUndefined();
    const replications = resources(stack, 'azurerm_storage_account').map(({ account_replication_type: type }) => type);
    expect(new Set(replications)).toEqual(new Set(['LRS']));
  });

  test('has no disk that needs one: that is found before the service refuses it', () => {
    const storage = 'type: "DISK" size: "100GB"';
    const { stack } = madeIn('westus', 'far', { databaseClass: 'Standard_D2s_v5', storage });
    expect(new Set(stack.findings.map(({ rule }) => rule))).toEqual(new Set(['azure-disk-zone']));
  });
});

test('a replica of MySQL is one of its own service', () => {
  const source =
    '/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/db/providers/Microsoft.DBforMySQL/flexibleServers/shop';
  const { stack } = madeSite(
    'shop',
    { engine: 'mysql', databaseClass: 'GP_Standard_D2ads_v5', synchronization: 'lag_threshold: "30s"' },
    `primary_site: { database: "flexible_server" database_id: "${source}" }`,
  );
  expect(stack.findings).toEqual([]);
  expect(onlyResource(stack, 'azurerm_mysql_flexible_server')).toMatchObject({
    create_mode: 'Replica',
    source_server_id: source,
  });
  expect(stack.text).toContain('Microsoft.DBforMySQL/flexibleServers/write');
  expect(stack.text).not.toContain('Microsoft.DBforPostgreSQL/flexibleServers/write');
});

test('machines with Arm processors have an image of theirs', () => {
  const { stack } = madeSite('arm', { databaseClass: 'Standard_D2ps_v5' });
  expect(onlyResource(stack, 'azurerm_linux_virtual_machine')).toMatchObject({
    source_image_reference: { sku: 'server-arm64' },
  });
  expect(onlyResource(stack, 'azurerm_linux_virtual_machine').secure_boot_enabled).toBeUndefined();
});

test("machines of the operator's image are replaced when they do not answer; bare ones never answer", () => {
  const image = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/images/app';
  const own = madeSite('own', {}, `sites: { own: { image: "${image}" health_path: "/health" } }`);
  expect(onlyResource(own.stack, 'azurerm_linux_virtual_machine_scale_set')).toMatchObject({
    source_image_id: image,
    automatic_instance_repair: { enabled: true },
  });
  expect(onlyResource(own.stack, 'azurerm_lb_probe')).toMatchObject({ protocol: 'Https', request_path: '/health' });
  expect(
    onlyResource(warm().stack, 'azurerm_linux_virtual_machine_scale_set').automatic_instance_repair,
  ).toBeUndefined();
});

describe('lag', () => {
  test('a machine that says nothing hides behind no other', () => {
    expect(machineQuery(2)).toContain('iff(machines < 2, 86400.0, latest)');
    expect(machineQuery(2)).toContain('arg_max(TimeGenerated, seconds) by Computer');
  });

  test('no line of the service is an answer', () => {
    expect(replicaQuery('postgresql')).toContain('physical_replication_delay_in_seconds');
    expect(replicaQuery('postgresql')).toContain('iff(lines == 0, 86400.0, latest)');
  });

  test('the alarm is that of the spec, and there is none where nothing follows', () => {
    const alarm = resources(warm().stack, 'azurerm_monitor_scheduled_query_rules_alert_v2').find(({ name }) =>
      String(name).endsWith('-lag'),
    );
    expect(alarm?.criteria).toMatchObject([{ threshold: 300 }]);
    const names = resources(cold().stack, 'azurerm_monitor_scheduled_query_rules_alert_v2').map(({ name }) => name);
    expect(names.some((name) => String(name).endsWith('-lag'))).toBe(false);
  });
});

describe('scripts', () => {
  const scripts = [...[hot(), warm(), cold()].entries()].flatMap(([index, { stack }]) =>
    resources(stack, 'azurerm_linux_virtual_machine').map(({ custom_data: data }, number) => {
      const [, text = ''] = /base64decode\("([A-Za-z0-9+/=]+)"\)/.exec(String(data)) ?? [];
      return [`${index}-${number}`, Buffer.from(text, 'base64').toString()] as const;
    }),
  );

  test.each(scripts)('%s are bash', (_, script) => {
    expect(script).toMatch(/^#!\/bin\/bash\n/);
    const { status, stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });

  test('a machine takes 64 kB of them once they are packed', () => {
    for (const [, script] of scripts) {
      const { stdout } = spawnSync('gzip', ['-c'], { input: script });
      expect(gunzipSync(stdout).toString()).toBe(script);
      expect(stdout.length).toBeLessThan(48_000);
    }
  });

  test('a machine that restores knows its tasks, and reads their stores in this cloud only', () => {
    const [, script = ''] = scripts.at(-1) ?? [];
    const [, json = ''] =
      /place \/etc\/hypnoscript-dr\/tasks\/001\.json 644 <<'HYPDR-END'\n([^]*?)\nHYPDR-END/.exec(script) ?? [];
    const task = JSON.parse(json) as { name: string; stores: unknown[]; copies: { cloud: string }[]; local: unknown };
    expect([task.name, task.stores, task.local]).toEqual(['orders', [], null]);
    expect(task.copies.map(({ cloud }) => cloud)).toEqual(['azure']);
    expect(script).not.toContain('@VAULT_URL@');
  });
});

test('a container that holds two data sets is named once', () => {
  const plan = planned(
    compileSites(siteText('cold', { provider: 'azure', method: 'backup_restore', databaseClass: 'Standard_D2s_v5' })),
  );
  const orders = need(
    plan.tasks.find(({ name }) => name === 'orders'),
    'orders',
  );
  const stores = restoredStores([orders, { ...orders, name: 'shop' }], plan.azure);
  expect(stores.map(({ container, dataSets }) => [container, dataSets])).toEqual([['backups', ['orders', 'shop']]]);
});
