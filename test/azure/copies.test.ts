import { addAzureTaskStacks } from '../../stacks/azure';
import { AZURE_STORE, database, planOf, s3, spec } from '../plan/support';
import { allNodes, resources, synthStack } from '../terraform/synth-stack';
import { RUNNER } from './contoso';
import { create, identityOf, list, read, remove, write } from './task-rights';

/** Copies of what lies on AWS and Google, pulled by jobs on Azure. */

const gcs = 'gcs: { bucket: "acme-own-gcs" location: "EU" path: "crm/" }';
const parts = {
  window: 'start: "02:00" end: "06:00" timezone: "Europe/Berlin"',
  database: database('orders', s3('acme-own', 'orders/')) + database('crm', gcs),
  cloud: AZURE_STORE,
};
const plan = planOf(spec(parts));
const stack = (one: { readonly name: string } | undefined, from = plan) =>
  synthStack(one?.name ?? '', (app) => addAzureTaskStacks(app, { plan: from, runner: RUNNER }));
const shared = stack(plan.azureTasks.shared[0]);
const shard = stack(plan.azureTasks.shards[0]);
const job = (task: string) => plan.azureTasks.shards[0]?.tasks.find((one) => one.task === task);
const jobOf = (name: string | undefined) =>
  resources(shard, 'azurerm_container_app_job').find((one) => one.name === name) as
    { container_app_environment_id: string; template: { container: { args: string[]; env: object[] }[] } } | undefined;

test('each data set has one, once a night after the window, in the cloud that it fills', () => {
  expect(plan.azureTasks.shards.map(({ location }) => location)).toEqual(['westeurope']);
  expect(job('orders')).toMatchObject({
    reads: ['aws'],
    stores: [{ store: 'azure.container.acmeall/backups', prefixes: ['data/orders/'] }],
    flows: [{ does: 'copy', windowsZone: 'W. Europe Standard Time' }, { does: 'prune' }, { does: 'verify' }],
    machine: null,
  });
  expect(job('orders')).not.toHaveProperty('secret');
  expect(job('crm')).toMatchObject({ reads: ['google'] });
  for (const { does, schedule } of job('orders')?.flows ?? []) {
    if (does === 'verify') continue;
    if (schedule.kind !== 'calendar') throw new Error('an interval');
    expect(schedule.at >= '06:00' && schedule.at < '08:00').toBe(true);
  }
  const [copy] = plan.copies.filter((one) => one.dataSet === 'orders');
  expect(copy?.schedule).toEqual(job('orders')?.flows[0]?.schedule);
});

test('the job says who it is and in which role it reads', () => {
  expect(shard.findings).toEqual([]);
  const [container] = jobOf(job('orders')?.jobs.writer)?.template.container ?? [];
  expect(container?.args).toEqual([
    ...['copy', '--task', expect.stringContaining('azblob://'), '--store', 'azure.container.acmeall/backups'],
  ]);
  expect(container?.env).toEqual([
    expect.objectContaining({ name: 'AZURE_CLIENT_ID' }),
    { name: 'AZURE_TOKEN_CREDENTIALS', value: 'prod' },
    { name: 'HYPDR_IDENTITY', value: 'azure' },
    { name: 'HYPDR_AWS_ROLE_ARN', value: '${var.aws_copier_role_arn}' },
    { name: 'HYPDR_AWS_AUDIENCE', value: '${var.aws_copier_audience}' },
  ]);
});

test('only containers that read other clouds have a way to them', () => {
  expect(shared.findings).toEqual([]);
  const environments = resources(shared, 'azurerm_container_app_environment').map((one) => String(one.name));
  expect(environments).toEqual(['cae-hypnoscript-westeurope', expect.stringMatching(/^cae-hypnoscript-copies-/)]);
  const guards = resources(shared, 'azurerm_network_security_group').map((one) => [
    one.name,
    (one.security_rule as { name: string }[]).some(({ name }) => name === 'to-other-clouds'),
    (one.security_rule as { name: string }[]).at(-1)?.name,
  ]);
  expect(guards).toEqual([
    ['nsg-containers', false, 'nowhere-else'],
    ['nsg-copies', true, 'nowhere-else'],
    ['nsg-endpoints', false, 'nowhere-else'],
  ]);
  const { writer, verifier, pruner } = job('orders')?.jobs ?? {};
  expect(jobOf(writer)?.container_app_environment_id).toContain(environments[1]);
  for (const name of [verifier, pruner]) expect(jobOf(name)?.container_app_environment_id).toMatch(/westeurope$/);

  // Nothing of it where nothing is copied.
  const alone = planOf(
    spec({
      ...parts,
      database: database('own', 'azure: { storage_account: "acmeown" container: "own" path: "x/" }'),
      cloud: '',
    }),
  );
  const without = stack(alone.azureTasks.shared[0], alone);
  expect(resources(without, 'azurerm_container_app_environment')).toHaveLength(1);
  expect(JSON.stringify(without.template)).not.toContain('to-other-clouds');
});

test('names of the other clouds are inputs that may wait, and who the jobs are is an output', () => {
  const { variable = {}, output = {} } = shard.template as unknown as Record<
    string,
    Record<string, { default?: unknown; value?: unknown; validation?: unknown }>
  >;
  for (const name of [
    'aws_copier_role_arn',
    'aws_copier_audience',
    'google_copier_provider',
    'google_copier_audience',
  ]) {
    expect(variable[name]).toMatchObject({ default: '', validation: expect.anything() });
  }
  expect(output.copier_subjects?.value).toMatch(/^\$\{[^}]*principal_id\},\$\{[^}]*principal_id\}$/);
});

test('every node of the jobs is found in a template', () => {
  const nodes = plan.azureTasks.shards.flatMap(({ id, tasks }) => [
    id,
    ...tasks.flatMap((task) => [task.id, ...task.flows.map((one) => one.id)]),
  ]);
  expect(nodes.filter((id) => !allNodes(shard).includes(id))).toEqual([]);
});

test('a copier writes and reads what it fills, and nothing else; it deletes nothing', () => {
  const at = 'acmeall/backups';
  const copier = identityOf(shard.template, (principal) => principal.includes('task_orders_writer_identity'));
  const [data, ledger] = ['data/orders/20261122T021500Z-full-aa/dump.0001', '_verified/orders/data/orders/a'];
  for (const ask of [
    write(at, data),
    create(at, data),
    read(at, data),
    read(at, ledger),
    list(at, 'data/orders/'),
    list(at, '_verified/orders/'),
  ]) {
    expect([ask, copier.allows(ask)]).toEqual([ask, true]);
  }
  for (const ask of [
    ...[write(at, ledger), create(at, ledger), remove(at, data), remove(at, ledger), list(at, '')],
    ...[write(at, 'data/crm/a'), read(at, 'data/crm/a'), read(at, '_verified/crm/a')],
  ]) {
    expect([ask, copier.allows(ask)]).toEqual([ask, false]);
  }
  expect(copier.builtIn).toEqual([]);
});
