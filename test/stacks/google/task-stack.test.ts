import type { JsonObject } from '../../../lib/terraform/stack-json';
import { valueAt } from '../../../lib/terraform/stack-json';
import { synthTasks, googlePlan } from '../../google/task-fixture';
import { allNodes, onlyResource, resources, resourceTypes } from '../../terraform/synth-stack';
import { nodesOf } from '../../../lib/plan/node';
import { renderTaskMachine } from '../../../lib/google/task-machine';

const { plan, shared, shard } = synthTasks();
const tasks = plan.googleTasks.shards.flatMap((one) => one.tasks);
const counted = (types: readonly string[]) =>
  Object.fromEntries([...new Set(types)].map((type) => [type, types.filter((one) => one === type).length]));

test('what a region shares', () => {
  expect(counted(resourceTypes(shared))).toEqual({
    google_artifact_registry_repository: 1,
    google_compute_firewall: 2,
    google_compute_network: 1,
    google_compute_route: 1,
    google_compute_subnetwork: 1,
    google_dns_managed_zone: 1,
    google_dns_record_set: 2,
    google_kms_crypto_key: 1,
    google_kms_key_ring: 1,
    google_project_iam_custom_role: 8,
    google_project_service: 13,
    google_storage_bucket: 1,
  });
  expect(shared.findings).toEqual([]);
});

test('what a shard has for its three tasks', () => {
  expect(counted(resourceTypes(shard))).toEqual({
    google_cloud_run_v2_job: 3 * 3 + 1,
    google_cloud_run_v2_job_iam_member: 3 * 3 + 1,
    google_cloud_scheduler_job: tasks.reduce((sum, one) => sum + one.schedules.length, 1),
    google_logging_metric: 3,
    google_monitoring_alert_policy: 2 * 3 + 3,
    google_project_iam_member: 3,
    google_secret_manager_secret_iam_member: 3,
    google_service_account: 3 * 3 + 3,
    google_storage_bucket_iam_member: tasks.reduce((sum, one) => sum + 3 * (3 * one.stores.length + 1), 3 * 2 + 1),
    google_storage_bucket_object: 3,
    google_workflows_workflow: 1,
  });
  expect(shard.findings).toEqual([]);
});

test('every node of the plan is found in a template', () => {
  const ids = nodesOf({ ...plan, tasks: [], copies: [], aws: [], azure: [], google: [] }).map(({ id }) => id);
  expect(ids.filter((id) => ![...allNodes(shared), ...allNodes(shard)].includes(id))).toEqual([]);
});

test('no two service accounts of a task, and none has a key or a role of the project', () => {
  const accounts = resources(shard, 'google_service_account').map((one) => String(one.account_id));
  expect(new Set(accounts).size).toBe(accounts.length);
  for (const account of accounts) expect(account).toMatch(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/);
  const roles = resources(shard, 'google_project_iam_member').map((one) => String(one.role).split('/').at(-1));
  expect(roles.sort()).toEqual([
    'hypnoscript_europe_west3_start',
    'hypnoscript_europe_west3_watch',
    'logging.logWriter',
  ]);
});

test('starts are in the zone of the window, and in base64 nothing of them is an expression', () => {
  const jobs = resources(shard, 'google_cloud_scheduler_job');
  const weekly = jobs.find((one) => String(one.name).endsWith('orders-1of1-full'));
  expect(weekly?.time_zone).toBe('Europe/Berlin');
  expect(weekly?.schedule).toMatch(/^\d+ [3-5] \* \* 0$/);
  const body = JSON.parse(Buffer.from(String(valueAt(weekly ?? {}, 'http_target.body')), 'base64').toString()) as {
    argument: string;
  };
  const argument = JSON.parse(body.argument) as JsonObject;
  const [minute = 0, hour = 0] = String(weekly?.schedule).split(' ').map(Number);
  expect(argument).toMatchObject({
    ...{ task: 'orders', command: 'backup', type: 'full', at: hour * 60 + minute, zone: 'Europe/Berlin' },
    writer: 'hypnoscript-orders-1of1-w',
  });
  const names = resources(shard, 'google_storage_bucket_object').map((one) => one.name);
  expect(names).toContain(argument.manifest);
});

test('the source of the workflow is what it was rendered as when Terraform has read it', () => {
  const source = String(onlyResource(shard, 'google_workflows_workflow').source_contents);
  expect(source).not.toMatch(/(?<!\$)\$\{/);
  expect(JSON.parse(source.replace(/([$%])\1\{/g, '$1{'))).toEqual(renderTaskMachine());
  // https://cloud.google.com/workflows/quotas: 128 KB
  expect(source.length).toBeLessThan(128 * 1024);
});

test('a manifest is named by its hash, holds names of secrets and says what the plan says', () => {
  for (const { content, name, bucket } of resources(shard, 'google_storage_bucket_object')) {
    const text = String(content).replace(/([$%])\1\{/g, '$1{');
    const manifest = JSON.parse(text) as { readonly name: string };
    expect(manifest).toEqual(plan.tasks.find((one) => one.name === manifest.name));
    expect(name).toMatch(/^tasks\/[a-z0-9-]+\/[0-9a-f]{64}\.json$/);
    expect(bucket).toBe('hypnoscript-tasks-europe-west3-${data.google_project.project.number}');
  }
});

test('containers run a digest that the operator names, once, under their own account, through the network', () => {
  const { image } = (shard.template as unknown as { variable: Record<string, JsonObject> }).variable;
  expect(image).toMatchObject({ type: 'string', nullable: false });
  const jobs = resources(shard, 'google_cloud_run_v2_job').filter((one) => !String(one.name).endsWith('prober'));
  expect(jobs).toHaveLength(9);
  for (const job of jobs) {
    const template = valueAt(job, 'template.template') as JsonObject;
    expect(template).toMatchObject({
      max_retries: 0,
      // A full re-read ends before the next pruning.
      timeout: String(job.name).endsWith('-v') ? '68400s' : '86400s',
      containers: [{ image: '${var.image}' }],
      vpc_access: { egress: 'ALL_TRAFFIC', network_interfaces: [{ network: 'hypnoscript-backup-europe-west3' }] },
    });
    expect(JSON.stringify(template)).not.toMatch(/PASSWORD|secret_key_ref/);
  }
});

test('a tag is refused, and so is what is no channel', () => {
  const { image, notification_channels: channels } = (
    shard.template as unknown as { variable: Record<string, JsonObject> }
  ).variable;
  const regexOf = (variable: JsonObject | undefined) => {
    const condition = String(valueAt(variable ?? {}, 'validation.condition'));
    return new RegExp(JSON.parse(/regex\(("(?:[^"\\]|\\.)*")/.exec(condition)?.[1] ?? '""') as string);
  };
  const digest = `sha256:${'0'.repeat(64)}`;
  const repository = 'europe-west1-docker.pkg.dev/acme/backup/hypdr-runner';
  expect(regexOf(image).test(`${repository}@${digest}`)).toBe(true);
  for (const wrong of [
    `${repository}:1`,
    repository,
    `${repository}@sha256:0`,
    `@${digest}`,
    `${repository}@${digest}0`,
  ]) {
    expect(regexOf(image).test(wrong)).toBe(false);
  }
  expect(regexOf(channels).test('projects/acme/notificationChannels/12')).toBe(true);
  expect(regexOf(channels).test('backup@example.com')).toBe(false);
});

test('the isolated network has one way out, to the services', () => {
  expect(onlyResource(shared, 'google_compute_network').delete_default_routes_on_create).toBe(true);
  expect(onlyResource(shared, 'google_compute_route').dest_range).toBe('199.36.153.8/30');
  expect(resourceTypes(shared)).not.toContain('google_compute_router_nat');
});

test('a long name of a deployment gives names of lengths that the services take, and none twice', () => {
  const long = synthTasks(
    googlePlan({ deployment: `name: "${'a'.repeat(24)}" environment: "${'b'.repeat(24)}"` }),
  ).shared;
  for (const type of ['compute_network', 'compute_route', 'compute_firewall', 'dns_managed_zone']) {
    const names = resources(long, `google_${type}`).map((one) => String(one.name));
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9-]{0,61}[a-z0-9]$/);
  }
});

test('a network that exists is used and not made', () => {
  const existing = googlePlan({
    deployment: 'network: { google: { network: "prod" subnets: ["backup-eu"] } }',
  });
  const stacks = synthTasks(existing);
  expect(resourceTypes(stacks.shared)).not.toContain('google_compute_network');
  const [job] = resources(stacks.shard, 'google_cloud_run_v2_job').filter((one) => /-w$/.test(String(one.name)));
  expect(valueAt(job ?? {}, 'template.template.vpc_access.network_interfaces')).toEqual([
    { network: 'prod', subnetwork: 'backup-eu' },
  ]);
  expect(allNodes(stacks.shard)).toContain('google.tasks.network.europe-west3');
});

test('each task alarms where it is overdue, and where nobody looks', () => {
  const policies = resources(shard, 'google_monitoring_alert_policy').map(
    (one) => [one.display_name, valueAt(one, 'conditions') as JsonObject] as const,
  );
  for (const { task } of tasks) {
    const text = (start: string) =>
      JSON.stringify(policies.find(([name]) => String(name).includes(`${start} ${task}`))?.[1] ?? '');
    const overdue = JSON.stringify(policies.find(([name]) => name === `backup of ${task} is overdue`)?.[1]);
    expect(overdue).toContain(`metric.labels.task=\\"${task}\\"`);
    expect(overdue).toContain('"threshold_value":900');
    expect(text('the backup of')).toContain(`absent_over_time(`);
    expect(text('the backup of')).toContain(`task=\\"${task}\\"`);
  }
  const metrics = resources(shard, 'google_logging_metric');
  const read = metrics.map((one) =>
    `${String(one.filter)} ${String(one.value_extractor)}`.match(/event="\w+"|metrics\.\w+/g),
  );
  expect(read.sort()).toEqual([
    ['event="backup_overdue"', 'metrics.BackupOverdueSeconds'],
    ['event="expiry_warning"', 'metrics.ExpiryWarningSeconds'],
    ['event="prune_overdue"', 'metrics.PruneOverdueSeconds'],
  ]);
  for (const one of metrics) expect(valueAt(one, 'bucket_options.explicit_buckets.bounds')).toContain(900);
  for (const one of resources(shard, 'google_monitoring_alert_policy')) {
    expect(one.notification_channels).toBe('${var.notification_channels}');
  }
});

test('one policy alarms for each task whose newest chain expires, and names it', () => {
  const [policy, ...more] = resources(shard, 'google_monitoring_alert_policy').filter((one) =>
    String(one.display_name).startsWith('verified chains that expire soon'),
  );
  expect(more).toEqual([]);
  expect(JSON.stringify(policy?.conditions)).toContain('_expiring_seconds\\"');
  // Terraform leaves two signs of a dollar as one, and Google puts the label of the incident there.
  expect(valueAt(policy ?? {}, 'documentation.content')).toContain('$${metric.label.task}');
});

test('one policy alarms for each task that is not pruned, and names it', () => {
  const [policy, ...more] = resources(shard, 'google_monitoring_alert_policy').filter((one) =>
    String(one.display_name).startsWith('backups that are not pruned'),
  );
  expect(more).toEqual([]);
  const condition = valueAt(policy ?? {}, 'conditions.condition_threshold') as JsonObject;
  expect(String(condition.filter)).toContain('_prune_overdue_seconds"');
  expect(condition.threshold_value).toBe(900);
  expect(valueAt(policy ?? {}, 'documentation.content')).toContain('$${metric.label.task}');
});

test('the prober looks every quarter of an hour at the stores of Google, outside of the network', () => {
  const prober = resources(shard, 'google_cloud_run_v2_job').find((one) => String(one.name).endsWith('prober'));
  const template = valueAt(prober ?? {}, 'template.template') as JsonObject;
  const args = valueAt(template, 'containers.args') as readonly string[];
  expect(args.slice(0, 3)).toEqual(['age', '--metrics', 'log']);
  expect(args.filter((one) => one.startsWith('gs://'))).toHaveLength(3);
  expect(args.filter((one) => one.startsWith('google.bucket.')).sort()).toEqual([
    'google.bucket.acme-all',
    'google.bucket.acme-crm',
    'google.bucket.acme-data',
  ]);
  expect(template.vpc_access).toBeUndefined();
  const schedule = resources(shard, 'google_cloud_scheduler_job').find((one) => String(one.name).endsWith('prober'));
  expect(schedule?.schedule).toBe('*/15 * * * *');
});
