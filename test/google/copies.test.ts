import { addGoogleTaskStacks } from '../../stacks/google';
import { valueAt } from '../../lib/terraform/stack-json';
import { GOOGLE_STORE, database, planOf, s3, spec } from '../plan/support';
import { allNodes, resources, resourceTypes, synthStack } from '../terraform/synth-stack';
import { bindingsOf, conditionLanguage, isAllowed } from './rights-model';
import type { Request } from './rights-model';

/** Copies of what lies on AWS, pulled by a job on Google. */

const azure = 'azure: { storage_account: "acmeown" container: "own" path: "crm/" }';
const plan = planOf(
  spec({
    window: 'start: "02:00" end: "06:00" timezone: "Europe/Berlin"',
    database: database('orders', s3('acme-own', 'orders/')) + database('crm', azure),
    cloud: GOOGLE_STORE,
  }),
);
const [shared, shard] = [plan.googleTasks.shared[0], plan.googleTasks.shards[0]].map((one) =>
  synthStack(one?.name ?? '', (app) => addGoogleTaskStacks(app, plan)),
) as [ReturnType<typeof synthStack>, ReturnType<typeof synthStack>];
const job = (task: string) => plan.googleTasks.shards[0]?.tasks.find((one) => one.task === task);
const orders = job('orders');
const runJob = (end: string) =>
  resources(shard, 'google_cloud_run_v2_job').find((one) => one.name === `${orders?.job}${end}`) ?? {};
const container = (end: string) => valueAt(runJob(end), 'template.template') as Record<string, never>;

test('each data set has one, once a night after the window, in the cloud that it fills', () => {
  expect(plan.googleTasks.shards.map(({ region }) => region)).toEqual(['europe-west1']);
  expect(job('orders')).toMatchObject({
    reads: ['aws'],
    stores: [{ store: 'google.bucket.acme-all-gcs', prefixes: ['data/orders/'] }],
    schedules: [{ command: 'copy' }, { command: 'prune' }, { command: 'verify' }],
  });
  expect(job('orders')).not.toHaveProperty('secret');
  expect(job('crm')).toMatchObject({ reads: ['azure'] });
  for (const { command, schedule } of orders?.schedules ?? []) {
    if (schedule.kind !== 'calendar') throw new Error(command);
    expect(schedule.timeZone).toBe('Europe/Berlin');
    // Full re-reads come after those.
    if (command === 'verify') continue;
    expect(schedule.at >= '06:00' && schedule.at < '08:00').toBe(true);
  }
  // The plan's list of copies and the manifest say the same.
  const [copy] = plan.copies.filter((one) => one.dataSet === 'orders');
  expect(copy?.schedule).toEqual(orders?.schedules[0]?.schedule);
  const [hours = 0, minutes = 0] = (copy?.schedule.kind === 'calendar' ? copy.schedule.at : '').split(':').map(Number);
  const manifest = plan.tasks.find(({ name }) => name === 'orders');
  expect(manifest?.copies[0]?.delaySeconds).toBe((hours * 60 + minutes - 120) * 60);
});

test('the job says who it is, and in which role it reads; it is in no network that ends at the services', () => {
  expect(shard.findings).toEqual([]);
  const writer = container('-w') as unknown as { containers: readonly object[]; vpc_access?: object };
  expect(writer.containers).toEqual([
    expect.objectContaining({
      args: ['copy', '--task', expect.stringContaining('gs://'), '--store', 'google.bucket.acme-all-gcs'],
      env: [
        { name: 'HYPDR_IDENTITY', value: 'google' },
        { name: 'HYPDR_AWS_ROLE_ARN', value: '${var.aws_copier_role_arn}' },
      ],
    }),
  ]);
  expect(writer.vpc_access).toBeUndefined();
  for (const end of ['-v', '-p']) expect(valueAt(runJob(end), 'template.template.vpc_access')).toBeDefined();
  expect(resourceTypes(shard)).not.toContain('google_secret_manager_secret_iam_member');
});

test('names of the other clouds are inputs that may wait, and who the jobs are is an output', () => {
  const { variable = {}, output = {} } = shard.template as unknown as Record<
    string,
    Record<string, { default?: unknown; value?: unknown; validation?: unknown }>
  >;
  for (const name of ['aws_copier_role_arn', 'azure_copier_tenant_id', 'azure_copier_client_id']) {
    expect(variable[name]).toMatchObject({ default: '', validation: expect.anything() });
  }
  expect(output.copier_subjects?.value).toMatch(/^\$\{[^}]*unique_id\},\$\{[^}]*unique_id\}$/);
});

test('every node of the jobs is found in a template', () => {
  const nodes = plan.googleTasks.shards.flatMap(({ id, tasks }) => [
    id,
    ...tasks.flatMap((task) => [task.id, ...task.schedules.map((one) => one.id)]),
  ]);
  expect(nodes.filter((id) => !allNodes(shard).includes(id))).toEqual([]);
});

test('a copier creates and reads what it fills, and nothing else; it deletes and overwrites nothing', async () => {
  const language = await conditionLanguage();
  const bindings = bindingsOf(shared.template, shard.template);
  const may = (end: string, verb: string, where: Omit<Request, 'account' | 'permissions'>) =>
    isAllowed(
      bindings,
      { account: `${orders?.account}${end}`, permissions: [`storage.objects.${verb}`], ...where },
      language,
    );
  const bucket = 'acme-all-gcs';
  const [data, ledger] = ['data/orders/20261122T021500Z-full-aa/dump.0001', '_verified/orders/data/orders/a'];
  for (const [allowed, verb, object] of [
    [true, 'create', data],
    [true, 'get', data],
    [true, 'get', ledger],
    [false, 'create', ledger],
    [false, 'delete', data],
    [false, 'delete', ledger],
    [false, 'create', 'data/crm/a'],
    [false, 'get', 'data/crm/a'],
    [false, 'get', '_verified/crm/a'],
  ] as const) {
    expect([verb, object, may('-w', verb, { bucket, object })]).toEqual([verb, object, allowed]);
  }
  expect(may('-w', 'list', { bucket, lists: 'data/orders/' })).toBe(true);
  expect(may('-w', 'list', { bucket, lists: '_verified/orders/' })).toBe(true);
  expect(may('-w', 'list', { bucket, lists: '' })).toBe(false);
  expect(may('-v', 'create', { bucket, object: ledger })).toBe(true);
  expect(may('-p', 'delete', { bucket, object: data })).toBe(true);
});
