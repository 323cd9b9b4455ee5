import type { ProtectionPlan } from '../../../lib/plan';
import { addAzureTaskStacks } from '../../../stacks/azure';
import { identityOf, list, read, remove, tier, write } from '../../azure/task-rights';
import { RUNNER } from '../../azure/contoso';
import { AWS_STORE, AZURE_STORE, GOOGLE_STORE, database, planOf, spec } from '../../plan/support';
import { allNodes, onlyResource, resources, synthStack } from '../../terraform/synth-stack';

const orders = database('orders', 'azure: { storage_account: "acmeown" container: "own" path: "orders/{year}/" }');
const plan = planOf(spec({ database: orders, cloud: `${AWS_STORE} ${GOOGLE_STORE}` }));
const stack = readerStack(plan);

/** Nothing but this one stack: those of the tasks take many times as long. */
function readerStack(whole: ProtectionPlan) {
  const alone = { ...whole, azureTasks: { shared: [], shards: [] } };
  return synthStack(whole.azureReaders[0]?.name ?? '', (app) =>
    addAzureTaskStacks(app, { plan: alone, runner: RUNNER }),
  );
}

test('who copies out of Azure is known by the tokens of its own cloud, and nobody until it is named', () => {
  expect(stack.findings).toEqual([]);
  const trust = resources(stack, 'azurerm_federated_identity_credential');
  expect(trust.map(({ issuer, subject, audience, count }) => ({ issuer, subject, audience, count }))).toEqual([
    {
      issuer: '${var.aws_copier_issuer}',
      subject: '${var.aws_copier_subjects[count.index]}',
      audience: ['api://AzureADTokenExchange'],
      count: '${length(var.aws_copier_subjects)}',
    },
    {
      issuer: 'https://accounts.google.com',
      subject: '${var.google_copier_subjects[count.index]}',
      audience: ['api://AzureADTokenExchange'],
      count: '${length(var.google_copier_subjects)}',
    },
  ]);
  const { variable = {}, output = {} } = stack.template as unknown as Record<
    string,
    Record<string, { default?: unknown }>
  >;
  expect([variable.aws_copier_subjects?.default, variable.google_copier_subjects?.default]).toEqual([[], []]);
  expect(Object.keys(output).sort()).toEqual(['aws_copier_client_id', 'copier_tenant_id', 'google_copier_client_id']);
});

test('it reads what is copied and the ledger of it, and writes, deletes and moves nothing', () => {
  const [container, path] = ['acmeown/own', 'orders/2026/20261122T021500Z-full-aa/dump.0001'];
  const ledger = '_verified/orders/orders/2026/a';
  for (const cloud of ['aws', 'google']) {
    const { allows, builtIn } = identityOf(stack.template, (principal) => principal.includes(`reader_${cloud}`));
    expect(builtIn).toEqual([]);
    for (const ask of [
      read(container, path),
      read(container, ledger),
      list(container, 'orders/'),
      list(container, '_verified/orders/'),
    ]) {
      expect([ask, allows(ask)]).toEqual([ask, true]);
    }
    for (const ask of [
      ...[write(container, path), write(container, ledger), remove(container, path), tier(container, path)],
      ...[read(container, 'other/a'), read(container, '_verified/other/a'), list(container, '')],
      ...[read(container, '_recovery/a')],
    ]) {
      expect([ask, allows(ask)]).toEqual([ask, false]);
    }
  }
  expect(onlyResource(stack, 'azurerm_role_definition').permissions).toEqual([
    { data_actions: ['Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'] },
  ]);
});

test('a container of many data sets is read as a whole: a condition has an end', () => {
  const many = Array.from({ length: 40 }, (_, index) =>
    database(`set${index}`, `azure: { storage_account: "acmeown" container: "own" path: "set${index}/" }`),
  ).join(' ');
  const wide = planOf(spec({ database: many, cloud: GOOGLE_STORE }));
  const { template } = readerStack(wide);
  const { allows } = identityOf(template, (principal) => principal.includes('reader_google'));
  expect(allows(read('acmeown/own', 'set39/a'))).toBe(true);
  expect(allows(list('acmeown/own', '_verified/set7/'))).toBe(true);
  expect(allows(write('acmeown/own', 'set39/a'))).toBe(false);
  // https://learn.microsoft.com/azure/role-based-access-control/conditions-troubleshoot: 8 kB.
  for (const { condition } of Object.values(template.resource?.azurerm_role_assignment ?? {}))
    expect(String(condition).length).toBeLessThan(8000);
});

test('every node is found, and nothing is made where nothing is copied out', () => {
  expect(allNodes(stack)).toEqual(['azure.reader.aws', 'azure.reader.google', 'azure.readers']);
  expect(planOf(spec({ database: orders, cloud: AZURE_STORE })).azureReaders).toEqual([]);
});
