import type { JsonObject } from '../../../lib/terraform/stack-json';
import { allNodes, onlyResource, resources, resourceTypes } from '../../terraform/synth-stack';
import { backed, cold, coldMachines, freshCold, hot, quiet, replica, warm } from './fixture';
import type { Made } from './fixture';

/** How often each type is there. */
function counts({ stack }: Made): Readonly<Record<string, number>> {
  const types = resourceTypes(stack).map((type) => type.replace('google_', ''));
  return Object.fromEntries([...new Set(types)].map((type) => [type, types.filter((one) => one === type).length]));
}

/** What every site on Google has. */
const COMMON = {
  compute_address: 1,
  compute_forwarding_rule: 1,
  compute_health_check: 1,
  compute_instance_template: 1,
  compute_network: 1,
  compute_region_backend_service: 1,
  compute_region_health_check: 1,
  compute_region_instance_group_manager: 1,
  compute_router: 1,
  compute_router_nat: 1,
};

describe('what a site is made of', () => {
  test('hot, of two machines that follow by streaming', () => {
    expect(counts(hot())).toMatchObject({
      ...COMMON,
      compute_disk: 2,
      compute_instance: 2,
      compute_region_autoscaler: 1,
      compute_subnetwork: 2,
      dns_record_set: 2,
      logging_metric: 1,
      monitoring_alert_policy: 4,
      monitoring_uptime_check_config: 1,
      storage_bucket: 1,
    });
  });

  test('warm, of one that follows the archive', () => {
    const made = counts(warm());
    expect(made).toMatchObject({ ...COMMON, compute_disk: 1, compute_instance: 1, storage_bucket: 2 });
    expect(made.compute_region_autoscaler).toBeUndefined();
    expect(made.dns_record_set).toBeUndefined();
  });

  test('only segments of the log go by age: without archive.info the archive is none', () => {
    const { stack } = warm();
    const rules = resources(stack, 'google_storage_bucket').flatMap(
      (one) => JSON.stringify(one).match(/"matches_prefix":\["[^"]*"\]/g) ?? [],
    );
    expect(rules).toEqual([expect.stringMatching(/^"matches_prefix":\["[\w-]+\/archive\/hypdr_\w+\/16-"\]$/)]);
  });

  test('cold: no machine, and a managed database that is stopped', () => {
    const made = counts(cold());
    expect(made).toMatchObject({
      ...COMMON,
      cloud_run_v2_job: 1,
      cloud_scheduler_job: 1,
      compute_global_address: 1,
      service_networking_connection: 1,
      sql_database_instance: 1,
      workflows_workflow: expect.any(Number),
    });
    expect(made.compute_instance).toBeUndefined();
  });

  test('cold, of machines where Cloud SQL has no such engine', () => {
    const made = counts(coldMachines());
    expect(made).toMatchObject({ ...COMMON, cloud_scheduler_job: 1, compute_disk: 1, compute_instance: 1 });
    expect(made.sql_database_instance).toBeUndefined();
  });

  test('a replica of the service', () => {
    const made = counts(replica());
    expect(made).toMatchObject({ ...COMMON, sql_database_instance: 1, monitoring_alert_policy: 3 });
    expect(made.compute_instance).toBeUndefined();
  });

  test.each([hot, backed, warm, cold, coldMachines, replica])('no rule of ours complains (%p)', (make) => {
    expect(make().stack.findings).toEqual([]);
  });
});

describe('what a site says of the plan', () => {
  test.each([hot, backed, quiet, warm, cold, coldMachines, replica])('every node of it is found (%p)', (make) => {
    const { site, stack } = make();
    const found = allNodes(stack);
    const { network, compute, balancer, database, synchronization, activation, backups } = site;
    const wanted = [
      ...[site, network, compute, balancer, synchronization, activation],
      ...[compute.volume, database, backups, synchronization.archive, synchronization.restores, activation.dns],
      ...(database?.kind === 'machines' ? [database.volume] : []),
    ].flatMap((node) => (node ? [node.id] : []));
    expect(found).toEqual(expect.arrayContaining(wanted));
  });
});

describe('machines of the application', () => {
  test('as many as sleep, and their number is nobody else\u2019s', () => {
    expect(onlyResource(cold().stack, 'google_compute_region_instance_group_manager')).toMatchObject({
      target_size: 0,
      lifecycle: { ignore_changes: ['target_size'] },
      update_policy: { max_surge_fixed: 3, max_unavailable_fixed: 0, type: 'OPPORTUNISTIC' },
    });
  });

  test('what grows is switched by the activation', () => {
    const scaler = onlyResource(hot().stack, 'google_compute_region_autoscaler');
    expect(scaler).toMatchObject({
      autoscaling_policy: { mode: 'ON', min_replicas: 4, max_replicas: 8 },
      lifecycle: { ignore_changes: ['autoscaling_policy[0].mode'] },
    });
  });

  test('they have no address of their own, and nobody logs in by a key', () => {
    const template = onlyResource(hot().stack, 'google_compute_instance_template');
    expect(JSON.stringify(template)).not.toContain('access_config');
    expect(template).toMatchObject({
      metadata: { 'enable-oslogin': 'TRUE', 'block-project-ssh-keys': 'TRUE' },
      shielded_instance_config: { enable_secure_boot: true },
    });
  });

  const told = ({ stack }: Made) =>
    (onlyResource(stack, 'google_compute_instance_template').metadata as Readonly<Record<string, string>>)[
      'startup-script'
    ];

  test.each([hot, warm, coldMachines])('they are told of the first machine, which is promoted (%p)', (make) => {
    const [first] = resources(make().stack, 'google_compute_instance');
    const address = (first?.network_interface as { network_ip: string }[])[0]?.network_ip ?? '';
    expect(address).toMatch(/^10\./);
    expect(told(make())).toContain(`echo 'DATABASE_HOST=${address}' >/etc/hypnoscript-dr/site.env`);
  });

  test.each([cold, replica])('they are told of the private address of the service (%p)', (make) => {
    expect(told(make())).toMatch(/DATABASE_HOST=\$\{google_sql_database_instance\.\w+\.private_ip_address\}' >/);
  });

  test('the database is reached by machines of the site only', () => {
    const open = resources(hot().stack, 'google_compute_firewall').filter(({ source_ranges: from }) =>
      (from as readonly string[]).includes('0.0.0.0/0'),
    );
    expect(open.map(({ allow, deny }) => allow ?? deny)).toEqual([
      [{ protocol: 'all' }],
      [{ ports: ['443'], protocol: 'tcp' }],
    ]);
  });
});

describe('the database', () => {
  test('that is stopped stays as workflows left it', () => {
    expect(onlyResource(cold().stack, 'google_sql_database_instance')).toMatchObject({
      deletion_protection: true,
      settings: {
        activation_policy: 'NEVER',
        edition: 'ENTERPRISE',
        tier: 'db-custom-2-8192',
        ip_configuration: { ipv4_enabled: false, ssl_mode: 'ENCRYPTED_ONLY' },
      },
      lifecycle: { prevent_destroy: true, ignore_changes: ['settings[0].activation_policy', 'settings[0].disk_size'] },
    });
  });

  test('that is a replica is not demoted after its promotion', () => {
    const server = onlyResource(replica().stack, 'google_sql_database_instance');
    expect(server).toMatchObject({ master_instance_name: 'orders', lifecycle: { prevent_destroy: true } });
    expect((server.lifecycle as { ignore_changes: string[] }).ignore_changes).toEqual(
      expect.arrayContaining(['master_instance_name', 'instance_type', 'settings[0].backup_configuration']),
    );
  });

  test('on machines: each in a zone of its own, the second behind the first, the volume kept', () => {
    const [first, second] = resources(hot().stack, 'google_compute_instance');
    expect([first?.zone, second?.zone]).toEqual(['europe-west2-a', 'europe-west2-b']);
    const script = (body: JsonObject | undefined) =>
      (body?.metadata as Readonly<Record<string, string>> | undefined)?.['startup-script'];
    const address = (first?.network_interface as { network_ip: string }[])[0]?.network_ip ?? '';
    expect(script(first)).toContain("primary_host='db.example.com'");
    expect(script(second)).toContain(`primary_host='${address}'`);
    for (const one of resources(hot().stack, 'google_compute_disk'))
      expect(one).toMatchObject({ size: 500, lifecycle: { prevent_destroy: true } });
  });

  test('scripts hold no mark and no expression but names of buckets', () => {
    for (const make of [hot, backed, warm, coldMachines]) {
      for (const { metadata } of resources(make().stack, 'google_compute_instance')) {
        const script = (metadata as Record<string, string>)['startup-script'] ?? '';
        expect(script).not.toMatch(/@(STATE|ARCHIVE)_BUCKET@/);
        const expressions = script.match(/(?<![$])[$][{][^}]*[}]/g) ?? [];
        expect([...new Set(expressions)].filter((one) => !/^[$][{]google_storage_bucket[.]/.test(one))).toEqual([]);
      }
    }
  });
});

test('who activates sees whether a restore is under way, and starts none', () => {
  const { stack } = cold();
  const permissions = resources(stack, 'google_project_iam_custom_role')
    .filter(({ role_id: id }) => String(id).includes('_activate_'))
    .flatMap(({ permissions: own }) => own as readonly string[]);
  expect(permissions).toEqual(expect.arrayContaining(['workflows.executions.list', 'run.jobs.get']));
  expect(permissions.filter((one) => /^run[.]jobs[.]run|executions[.]create/.test(one))).toEqual([]);
});

test('an alarm that was refused is no message that a site takes over', () => {
  const filters = resources(hot().stack, 'google_monitoring_alert_policy').flatMap(
    (policy) => JSON.stringify(policy).match(/"filter":"[^,]*site_activation[^,]*"/g) ?? [],
  );
  expect(filters).toEqual([expect.stringContaining('AND NOT jsonPayload.outcome=\\"refused\\"')]);
});

test('a second synthesis is the same, byte by byte', () => {
  expect(freshCold().stack.text).toBe(freshCold().stack.text);
});
