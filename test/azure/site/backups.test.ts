import { need } from '../../plan/support';
import { allNodes, onlyResource, resources, resourceTypes } from '../../terraform/synth-stack';
import { create, identityOf, list, other, read, tier, write } from '../task-rights';
import type { Ask } from '../task-rights';
import { backed, hot } from './fixture';

/** What machines of a site on Azure back up once it is active: whose rights they have, what they carry, who is told. */

const { site, stack } = backed();
const machines = resources(stack, 'azurerm_linux_virtual_machine');
const identity = identityOf(stack.template, (id) => /azurerm_user_assigned_identity\.database_/.test(id));

const OWN = 'acmeorders/orders';
const RUN = '20261122T021501Z-full';
const DATA = `orders/${RUN}-0123456789abcdef/dump.0001`;
const MANIFEST = `orders/${RUN}.manifest.json`;
const LEDGER = `_verified/orders/${MANIFEST}`;

test.each<readonly [may: boolean, does: string, ask: Ask]>([
  [true, 'writes data', write(OWN, DATA)],
  [true, 'creates data', create(OWN, DATA)],
  [true, 'writes a manifest', create(OWN, MANIFEST)],
  [true, 'writes to the shared store', write('acmeall/backups', `data/${DATA}`)],
  [true, 'reads a manifest', read(OWN, MANIFEST)],
  [true, 'lists its own', list(OWN, 'orders/')],
  [false, 'reads data', read(OWN, DATA)],
  [false, 'deletes data', other('delete')(OWN, DATA)],
  [false, 'deletes a version', other('deleteBlobVersion/action')(OWN, DATA)],
  [false, 'moves data to another tier', tier(OWN, DATA)],
  [false, 'retags data', other('tags/write')(OWN, DATA)],
  [false, 'writes the ledger', create(OWN, LEDGER)],
  [false, 'writes over the ledger', write(OWN, LEDGER)],
  [false, 'reads the ledger', read(OWN, LEDGER)],
  [false, 'writes records', create(OWN, '_records/orders/a')],
  [false, 'writes the recovery', create(OWN, '_recovery/a/spec.hyp')],
  [false, 'writes what is of another data set', create(OWN, 'other/a')],
  [false, 'lists all', list(OWN, '')],
  [false, 'lists the ledger', list(OWN, '_verified/orders/')],
])('%s: %s', (may, _, ask) => {
  expect(identity.allows(ask)).toBe(may);
});

test('by a role of Azure itself it reads its lease and the runner, and one secret', () => {
  expect(identity.builtIn.map((one) => one.replace(/ \S*\//, ' ')).sort()).toEqual([
    'Key Vault Secrets User hypnoscript-orders-replication',
    'Storage Blob Data Reader lease',
    'Storage Blob Data Reader runner',
  ]);
});

test('there is a way to each account of the task, and it and the rights are there before the machine', () => {
  const endpoints = resources(stack, 'azurerm_private_endpoint');
  expect(endpoints.map(({ name }) => name).sort()).toEqual(['pe-acmeall', 'pe-acmeorders']);
  for (const { subnet_id: subnet } of endpoints) expect(subnet).toMatch(/azurerm_subnet\.network_database_/);
  // Names of other accounts go on being found.
  expect(onlyResource(stack, 'azurerm_private_dns_zone_virtual_network_link')).toMatchObject({
    resolution_policy: 'NxDomainRedirect',
  });
  const after = machines.map(({ depends_on: on }) =>
    (on as readonly string[]).map((one) => one.split('.').slice(-2).join('.')),
  );
  expect(machines).toHaveLength(2);
  for (const one of after) {
    expect(one.filter((name) => name.startsWith('azurerm_private_endpoint.'))).toHaveLength(2);
    expect(one.filter((name) => /^azurerm_role_assignment\..*_backups_writes_/.test(name))).toHaveLength(2);
    expect(one.filter((name) => name.startsWith('azurerm_private_dns_zone_virtual_network_link.'))).toHaveLength(1);
  }
});

/** What a machine is told at its first start, before Terraform fills it in. */
function script(index: number): string {
  const [, text = ''] = /base64decode\("([^"]+)"\)/.exec(String(machines[index]?.custom_data)) ?? [];
  return Buffer.from(text, 'base64').toString();
}

test('each machine carries timers, its task, and the address of the runner that was stored', () => {
  const [name = ''] = resources(stack, 'azurerm_storage_blob').flatMap(({ name: one }) =>
    String(one).startsWith('runner/') ? [String(one)] : [],
  );
  for (const index of machines.keys()) {
    const text = script(index);
    expect(text).toMatch(new RegExp(`runner_url='https://[a-z0-9]+[.]blob[.]core[.]windows[.]net/runner/${name}'`));
    expect(text).toContain('"host": "/var/run/postgresql"');
    for (const { type } of need(site.backups, 'backups').runs)
      expect(text).toContain(`/etc/systemd/system/hypdr-site-backup-${type}.timer`);
  }
});

test.each([['lag_threshold: "30s"'], ['']])('one that failed is told, and its line gets to the log (%s)', (text) => {
  const made = backed(text).stack;
  const [alarm] = resources(made, 'azurerm_monitor_scheduled_query_rules_alert_v2').filter((one) =>
    String(one.name).endsWith('-backup-failed'),
  );
  // As `cloud_metric` writes it.
  expect(JSON.stringify(alarm)).toContain('Facility == \\"local5\\" and SyslogMessage has \\"BackupFailed\\"');
  expect(resources(made, 'azurerm_virtual_machine_extension')).toHaveLength(2);
  expect(resources(made, 'azurerm_monitor_data_collection_rule_association')).toHaveLength(2);
});

test('one that backs nothing up has none of it', () => {
  const made = hot();
  expect(made.site.backups).toBeUndefined();
  expect(made.stack.text.includes('BackupFailed')).toBe(false);
  expect(allNodes(made.stack)).not.toContain('site.hot.backups');
  expect(resourceTypes(made.stack)).not.toContain('azurerm_private_endpoint');
});
