import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * The example with nine recovery sites: hot, warm and cold in each cloud from one plan, what each is made of, and the same
 * bytes when it is synthesized again.
 */
const ROOT = path.resolve(__dirname, '../../..');
const HYPDR = path.join(ROOT, 'dist/bin/hypdr.js');

jest.setTimeout(240_000);

const scratch = realpathSync(mkdtempSync(path.join(tmpdir(), 'hypdr-worldwide-')));
afterAll(() => rmSync(scratch, { recursive: true }));

function synth(name: string): string {
  const out = path.join(scratch, name);
  const { PATH = '', HOME = '' } = process.env;
  const run = spawnSync(process.execPath, [HYPDR, 'synth', 'specs/worldwide', '--out', out], {
    cwd: ROOT,
    env: { PATH, HOME },
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(run.stdout + run.stderr);
  return out;
}

/** What each noun of a site is in each cloud. */
const TYPES = {
  aws: {
    networks: 'AWS::EC2::VPC',
    wayOut: 'AWS::EC2::NatGateway',
    flowLogs: 'AWS::EC2::FlowLog',
    balancers: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    groups: 'AWS::AutoScaling::AutoScalingGroup',
    scaling: 'AWS::AutoScaling::ScalingPolicy',
    databaseMachines: 'AWS::EC2::Instance',
    volumes: 'AWS::EC2::Volume',
    managedDatabases: 'AWS::RDS::DBInstance',
    buckets: 'AWS::S3::Bucket',
    workflows: 'AWS::StepFunctions::StateMachine',
    restores: 'AWS::Scheduler::Schedule',
    healthChecks: 'AWS::Route53::HealthCheck',
    records: 'AWS::Route53::RecordSet',
  },
  azure: {
    networks: 'azurerm_virtual_network',
    wayOut: 'azurerm_nat_gateway',
    flowLogs: 'azurerm_network_watcher_flow_log',
    balancers: 'azurerm_lb',
    groups: 'azurerm_linux_virtual_machine_scale_set',
    scaling: 'azurerm_monitor_autoscale_setting',
    databaseMachines: 'azurerm_linux_virtual_machine',
    volumes: 'azurerm_managed_disk',
    managedDatabases: 'azurerm_postgresql_flexible_server',
    buckets: 'azurerm_storage_account',
    workflows: 'azurerm_logic_app_workflow',
    healthChecks: 'azurerm_application_insights_standard_web_test',
  },
  google: {
    networks: 'google_compute_network',
    wayOut: 'google_compute_router_nat',
    balancers: 'google_compute_forwarding_rule',
    groups: 'google_compute_region_instance_group_manager',
    scaling: 'google_compute_region_autoscaler',
    databaseMachines: 'google_compute_instance',
    volumes: 'google_compute_disk',
    managedDatabases: 'google_sql_database_instance',
    buckets: 'google_storage_bucket',
    workflows: 'google_workflows_workflow',
    restores: 'google_cloud_scheduler_job',
    healthChecks: 'google_monitoring_uptime_check_config',
  },
} as const;

/** What every site has, whatever its kind. */
const ALWAYS = { networks: 1, balancers: 1, groups: 1 };
const FLOW = { flowLogs: 1 };

const BILLS = {
  // The bucket of access logs, that of the lease; an archive is one more.
  aws_hot: {
    ...{ ...ALWAYS, ...FLOW, wayOut: 1, scaling: 1, databaseMachines: 2, volumes: 2 },
    // One says each minute whether it is active; each record asks for that, for what answers, and for both.
    ...{ buckets: 2, workflows: 3, healthChecks: 6, records: 2 },
  },
  aws_warm: { ...ALWAYS, ...FLOW, wayOut: 1, databaseMachines: 1, volumes: 1, buckets: 3, workflows: 2 },
  // Nothing runs that would need a way out.
  aws_cold: { ...ALWAYS, ...FLOW, databaseMachines: 1, volumes: 1, buckets: 2, workflows: 2, restores: 1 },
  // The account of flow logs, that of the lease; a third workflow watches or restores.
  azure_hot: {
    ...{ ...ALWAYS, ...FLOW, wayOut: 1, scaling: 1, databaseMachines: 2, volumes: 2 },
    ...{ buckets: 2, workflows: 3, healthChecks: 2 },
  },
  azure_warm: { ...ALWAYS, ...FLOW, wayOut: 1, databaseMachines: 1, volumes: 1, buckets: 3, workflows: 2 },
  azure_cold: { ...ALWAYS, ...FLOW, databaseMachines: 1, volumes: 1, buckets: 2, workflows: 3 },
  google_hot: { ...ALWAYS, wayOut: 1, scaling: 1, databaseMachines: 1, volumes: 1, buckets: 1, workflows: 2 },
  google_warm: { ...ALWAYS, wayOut: 1, databaseMachines: 1, volumes: 1, buckets: 2, workflows: 2 },
  // A service that can stay stopped is the database there.
  google_cold: { ...ALWAYS, wayOut: 1, managedDatabases: 1, buckets: 1, workflows: 3, restores: 1 },
} as const;

let first = '';
beforeAll(() => {
  first = synth('first');
});

function typesOf(site: keyof typeof BILLS): readonly string[] {
  const stack = `globex-site-${site.replace('_', '-')}`;
  if (site.startsWith('aws')) {
    const text = readFileSync(path.join(first, `aws/${stack}.template.json`), 'utf8');
    const { Resources } = JSON.parse(text) as { Resources: Record<string, { Type: string }> };
    return Object.values(Resources).map(({ Type }) => Type);
  }
  const text = readFileSync(path.join(first, `terraform/stacks/${stack}/cdk.tf.json`), 'utf8');
  const { resource } = JSON.parse(text) as { resource: Record<string, object> };
  return Object.entries(resource).flatMap(([type, all]) => Object.keys(all).map(() => type));
}

test.each(Object.keys(BILLS) as (keyof typeof BILLS)[])('what %s is made of', (site) => {
  const [cloud] = site.split('_') as [keyof typeof TYPES];
  const found = typesOf(site);
  const bill = Object.entries(TYPES[cloud]).flatMap(([noun, type]) => {
    const count = found.filter((one) => one === type).length;
    return count === 0 ? [] : [[noun, count] as const];
  });
  expect(Object.fromEntries(bill)).toEqual(BILLS[site]);
});

test('no two sites share an address', () => {
  const { sites } = JSON.parse(readFileSync(path.join(first, 'plan.json'), 'utf8')) as {
    sites: readonly { name: string; network: { cidr: string } }[];
  };
  expect(sites.map(({ name }) => name).sort()).toEqual(Object.keys(BILLS).sort());
  expect(new Set(sites.map(({ network }) => network.cidr)).size).toBe(9);
  expect(sites.every(({ network }) => network.cidr.endsWith('/20'))).toBe(true);
});

test('who is followed is told what to run, by a script for each site that follows', () => {
  expect(readdirSync(path.join(first, 'sites')).sort()).toEqual(
    Object.keys(BILLS)
      .filter((site) => !site.endsWith('_cold'))
      .sort(),
  );
});

test('a second synth writes the same bytes', () => {
  const second = synth('second');
  const bytes = (folder: string) =>
    Object.fromEntries(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name))
        .sort()
        .map((file) => [path.relative(folder, file), readFileSync(file, 'utf8')]),
    );
  expect(bytes(second)).toEqual(bytes(first));
});
