import { expiringQuery, overdueQuery, unprunedQuery } from '../../../lib/azure/alarms';
import { SEED, compileFile, planned } from '../../plan/support';
import { allNodes, nodesOf, onlyResource, resources, resourceTypes } from '../../terraform/synth-stack';
import { coldPlan, PASSWORD, plan, planFrom, shard, shared } from '../../azure/contoso';

const whole = planned(compileFile(SEED));
/** Its tasks alone: copies have a test of their own. */
const seed: typeof whole = {
  ...whole,
  azureTasks: {
    shared: whole.azureTasks.shared.map((one) => {
      if (one.network.kind !== 'isolated') return one;
      const { copies: _, ...network } = one.network;
      return { ...one, network };
    }),
    shards: whole.azureTasks.shards.map((one) => ({
      ...one,
      tasks: one.tasks.filter(({ reads }) => reads.length === 0),
    })),
  },
};
const count = (types: readonly string[]) => {
  const counts: Record<string, number> = {};
  for (const type of types) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
};

describe('what the tasks of a location share', () => {
  test('in a network of its own', () => {
    expect(count(resourceTypes(shared(seed)))).toEqual({
      azurerm_container_app_environment: 1,
      azurerm_log_analytics_workspace: 1,
      azurerm_monitor_action_group: 1,
      azurerm_network_security_group: 2,
      azurerm_private_dns_zone: 1,
      azurerm_private_dns_zone_virtual_network_link: 1,
      azurerm_private_endpoint: 1,
      azurerm_resource_group: 1,
      azurerm_role_assignment: 2,
      azurerm_storage_container: 1,
      azurerm_subnet: 2,
      azurerm_subnet_network_security_group_association: 2,
      azurerm_user_assigned_identity: 1,
      azurerm_virtual_network: 1,
    });
  });

  test('names of accounts that have an endpoint elsewhere go on being found', () => {
    expect(onlyResource(shared(seed), 'azurerm_private_dns_zone_virtual_network_link')).toMatchObject({
      resolution_policy: 'NxDomainRedirect',
    });
  });

  test('in a subnet that exists', () => {
    expect(count(resourceTypes(shared()))).toEqual({
      azurerm_container_app_environment: 1,
      azurerm_log_analytics_workspace: 1,
      azurerm_monitor_action_group: 1,
      azurerm_resource_group: 1,
      azurerm_role_assignment: 2,
      azurerm_storage_container: 1,
      azurerm_user_assigned_identity: 1,
    });
    expect(onlyResource(shared(), 'azurerm_container_app_environment')).toMatchObject({
      // The service names that group, and the provider would replace all of it for the name.
      lifecycle: { ignore_changes: ['infrastructure_resource_group_name'] },
      infrastructure_subnet_id: expect.stringMatching(/\/virtualNetworks\/hub\/subnets\/backups$/),
      internal_load_balancer_enabled: true,
      logs_destination: 'log-analytics',
    });
  });

  test('the network of its own leads to services of Azure and nowhere else', () => {
    const [containers, endpoints] = resources(shared(seed), 'azurerm_network_security_group');
    const rules = containers?.security_rule as readonly Readonly<Record<string, unknown>>[];
    expect(rules.filter(({ access }) => access === 'Allow').map((rule) => rule.destination_address_prefix)).toEqual([
      'AzureActiveDirectory',
      'AzureContainerRegistry',
      'AzureFrontDoor.FirstParty',
      'AzureKeyVault',
      'AzureMonitor',
      'MicrosoftContainerRegistry',
      'Storage.westeurope',
    ]);
    expect(new Set(rules.map(({ direction }) => direction))).toEqual(new Set(['Outbound']));
    expect(rules.at(-1)).toMatchObject({ access: 'Deny', destination_address_prefix: 'Internet', priority: 4096 });
    expect(endpoints?.security_rule).toHaveLength(1);
  });

  test('nobody deploys alarms that nobody hears, or an image that a tag names', () => {
    const variables = { ...shared().template, ...shard().template } as unknown as {
      readonly variable: Readonly<
        Record<string, { readonly validation?: readonly unknown[]; readonly default?: unknown }>
      >;
    };
    const all = { ...(shared().template as typeof variables).variable, ...variables.variable };
    expect(Object.keys(all).sort()).toEqual([
      'alert_emails',
      'container_image',
      'container_registry_id',
      'machines_erp',
      'node_sha256',
      'node_version',
      'secrets_vault_id',
    ]);
    for (const one of Object.values(all)) {
      expect(one.default).toBeUndefined();
      expect(one.validation?.length).toBeGreaterThan(0);
    }
  });

  test('every node of the plan is found', () => {
    const nodesIn = (location: string) =>
      ['image', 'network', 'shared'].map((what) => `azure.tasks.${what}.${location}`);
    expect(allNodes(shared(seed))).toEqual(nodesIn('westeurope'));
    expect(allNodes(shared())).toEqual(nodesIn('uksouth'));
  });
});

describe('a shard', () => {
  const stack = shard();

  test('the seed has SQL Server on its host, and nothing in a container but what verifies and prunes', () => {
    expect(count(resourceTypes(shard(seed)))).toEqual({
      azurerm_automation_account: 1,
      azurerm_automation_hybrid_runbook_worker: 1,
      azurerm_automation_hybrid_runbook_worker_group: 1,
      azurerm_automation_job_schedule: 5,
      azurerm_automation_runbook: 5,
      azurerm_automation_schedule: 5,
      azurerm_container_app_job: 3,
      azurerm_logic_app_action_custom: expect.any(Number),
      azurerm_logic_app_trigger_recurrence: 5,
      azurerm_logic_app_workflow: 5,
      azurerm_monitor_diagnostic_setting: 6,
      azurerm_monitor_scheduled_query_rules_alert_v2: 5,
      azurerm_role_assignment: expect.any(Number),
      azurerm_role_definition: 6,
      azurerm_storage_blob: 2,
      azurerm_user_assigned_identity: 4,
    });
    const names = resources(shard(seed), 'azurerm_container_app_job').map(({ name }) => name);
    expect(names.sort()).toEqual(['b-sqlserver-pruner', 'b-sqlserver-verifier', 'prober-1of1']);
  });

  test('the seed starts its runs in the zone of the window, by both names of it', () => {
    const zones = resources(shard(seed), 'azurerm_automation_schedule').map(({ timezone }) => timezone);
    expect(new Set(zones)).toEqual(new Set(['Europe/Berlin']));
    const windows = resources(shard(seed), 'azurerm_logic_app_trigger_recurrence').map(({ time_zone }) => time_zone);
    expect(new Set(windows)).toEqual(new Set(['W. Europe Standard Time']));
  });

  test('a first start is of the day of the deployment, and no change afterwards', () => {
    for (const schedule of resources(stack, 'azurerm_automation_schedule')) {
      expect(schedule.lifecycle).toEqual({ ignore_changes: ['start_time'] });
      expect(String(schedule.start_time)).toContain('timeadd(plantimestamp(), "48h")');
    }
  });

  test('what starts a runbook is made again when that is updated, since the provider takes it away then', () => {
    const links = resources(stack, 'azurerm_automation_job_schedule');
    expect(links.length).toBeGreaterThan(0);
    for (const { lifecycle, runbook_name: name } of links) {
      const address = String(name).replace(/^\$\{(.*)\.name\}$/, '$1');
      expect(address).toMatch(/^azurerm_automation_runbook\./);
      expect(lifecycle).toEqual({ replace_triggered_by: [address] });
    }
  });

  test('who waits for a host knows from when on its schedules start', () => {
    const { locals = {} } = stack.template as unknown as { readonly locals?: Readonly<Record<string, unknown>> };
    const addresses = Object.keys(stack.template.resource?.azurerm_automation_schedule ?? {});
    const waits = resources(stack, 'azurerm_logic_app_action_custom').filter(({ name }) => name === 'Due');
    const asked = waits.map(({ body }) => /\$\{local\.(first_start_\w+)\}/.exec(String(body))?.[1] ?? '');
    expect(asked.sort()).toEqual(['first_start_erp_differential', 'first_start_erp_full', 'first_start_erp_log']);
    for (const name of asked) {
      const own = String(locals[name]).match(/(?<=azurerm_automation_schedule\.)[\w-]+(?=\.start_time)/g) ?? [];
      // A log each quarter of an hour is four schedules.
      expect(own).toHaveLength(name.endsWith('_log') ? 4 : 1);
      expect(addresses).toEqual(expect.arrayContaining([...own]));
    }
  });

  test('each job is one identity of its own, once, with the image by digest', () => {
    const jobs = resources(stack, 'azurerm_container_app_job');
    const identities = jobs.map(
      ({ identity }) => (identity as { readonly identity_ids: readonly string[] }).identity_ids,
    );
    expect(new Set(identities.map(([own]) => own)).size).toBe(jobs.length);
    for (const job of jobs) {
      expect(job).toMatchObject({
        replica_retry_limit: 0,
        template: { container: [{ image: '${var.container_image}', name: 'runner' }] },
      });
      expect(String(job.name)).toMatch(/^[a-z]([a-z0-9]|-(?!-)){0,30}[a-z0-9]$/);
    }
  });

  test('no password is anywhere: a vault is named, and asked at the time of a run', () => {
    expect(stack.text).not.toContain(PASSWORD);
    expect(stack.text).not.toContain(Buffer.from(PASSWORD).toString('base64').slice(2, 20));
    const secrets = resources(stack, 'azurerm_container_app_job').filter(({ secret }) => secret !== undefined);
    expect(secrets).toEqual([]);
    expect(stack.text).toContain('HYPDR_KEY_VAULT_URL');
  });

  test('a start that moves to another time or day is another schedule: the provider updates none that has begun', () => {
    const schedules = resources(shard(seed), 'azurerm_automation_schedule');
    expect(schedules.some(({ week_days }) => Array.isArray(week_days) && week_days.length === 1)).toBe(true);
    for (const { name, start_time: first, week_days: days } of schedules) {
      const [, hour, minute] = /T(\d\d):(\d\d):00/.exec(String(first)) ?? [];
      const words = ((days ?? []) as readonly string[]).map((day) => `-${day.slice(0, 3).toLowerCase()}`).join('');
      expect(String(name)).toMatch(new RegExp(`-${hour}${minute}-[a-z]+-[a-z]+${words}$`));
    }
  });

  test('a login that the spec names is fetched on the host, and none without', () => {
    const content = (from = plan) => String(resources(shard(from), 'azurerm_automation_runbook')[0]?.content);
    expect(content()).toContain("$env:HYPDR_SECRETS = 'azure'");
    expect(content(seed)).not.toContain('HYPDR_SECRETS');
  });

  test('each task alarms by the age of its backups, and where nobody looked', () => {
    const rules = resources(stack, 'azurerm_monitor_scheduled_query_rules_alert_v2');
    for (const task of ['erp', 'ledger', 'shop']) {
      const rule = rules.find(({ name }) => String(name).endsWith(`overdue-${task}`));
      expect(rule).toMatchObject({
        criteria: [
          {
            query: overdueQuery(task, 'BackupOverdueSeconds'),
            metric_measure_column: 'overdue',
            operator: 'GreaterThan',
            threshold: 900,
          },
        ],
        evaluation_frequency: 'PT15M',
        window_duration: 'PT45M',
        action: { action_groups: [expect.stringContaining('/actionGroups/ag-contoso-tasks-uksouth')] },
      });
    }
    expect(overdueQuery('it"s', 'BackupOverdueSeconds')).toContain('tostring(line.labels.task) == "it\\"s"');
    // A table is there after its first line, and one that is not must not fail the question.
    expect(overdueQuery('erp', 'BackupOverdueSeconds')).toMatch(/^union isfuzzy=true \(datatable/);
    for (const word of ['flows', 'hosts']) {
      const rule = rules.find(({ name }) => String(name).endsWith(`failed-${word}`));
      // Each flow alarms by itself: one that fails for days hides no other.
      expect(rule).toMatchObject({ criteria: [{ dimension: [{ name: 'flow', operator: 'Include', values: ['*'] }] }] });
    }
    expect(overdueQuery('erp', 'BackupOverdueSeconds')).toContain('iff(lines == 0, 86400.0, latest)');
    const untested = rules.filter(({ name }) => String(name).includes('untested-'));
    const asking = plan.azureTasks.shards.flatMap(({ tasks }) => tasks.filter(({ testRestore }) => testRestore));
    expect(untested.map(({ name }) => String(name).split('untested-')[1])).toEqual(asking.map(({ task }) => task));
    expect(untested[0]).toMatchObject({
      criteria: [{ query: overdueQuery('ledger', 'TestRestoreOverdueSeconds'), threshold: 900 }],
    });
    expect(overdueQuery('ledger', 'TestRestoreOverdueSeconds')).toContain('== "test_restore_overdue" and');
    expect(rules).toHaveLength(7 + asking.length);
  });

  test('one rule alarms for each task whose newest chain expires', () => {
    const rules = resources(stack, 'azurerm_monitor_scheduled_query_rules_alert_v2');
    const [, tasks] = /task in \((.*)\)/.exec(expiringQuery(['erp', 'it"s'])) ?? [];
    expect(tasks).toBe('"erp", "it\\"s"');
    expect(rules.find(({ name }) => String(name).endsWith('-expiring'))).toMatchObject({
      criteria: [
        {
          query: expiringQuery(['erp', 'ledger', 'shop']),
          ...{ metric_measure_column: 'expiring', operator: 'GreaterThan', threshold: 900 },
          dimension: [{ name: 'task', operator: 'Include', values: ['*'] }],
        },
      ],
    });
  });

  test('one rule alarms for each task that is not pruned, also where nothing is written of it', () => {
    const rules = resources(stack, 'azurerm_monitor_scheduled_query_rules_alert_v2');
    const query = unprunedQuery(['erp', 'ledger', 'shop']);
    expect(query).toContain('datatable(task: string)["erp", "ledger", "shop"]\n| join kind=leftouter written on task');
    expect(query).toContain('overdue = coalesce(least, 86400.0)');
    expect(query).toContain('min(todouble(line.metrics.PruneOverdueSeconds)) by task');
    expect(rules.find(({ name }) => String(name).endsWith('-unpruned'))).toMatchObject({
      criteria: [
        {
          query,
          ...{ metric_measure_column: 'overdue', operator: 'GreaterThan', threshold: 900 },
          dimension: [{ name: 'task', operator: 'Include', values: ['*'] }],
        },
      ],
    });
  });

  test('the prober looks at the stores of this cloud every quarter of an hour', () => {
    const prober = resources(stack, 'azurerm_container_app_job').find(({ name }) => String(name).startsWith('prober'));
    expect(prober?.schedule_trigger_config).toMatchObject({ cron_expression: '*/15 * * * *' });
    const { container } = prober?.template as { readonly container: readonly [{ readonly args: readonly string[] }] };
    const { args } = container[0];
    expect(args.slice(0, 3)).toEqual(['age', '--metrics', 'log']);
    expect(args.filter((one) => one === '--task')).toHaveLength(3);
    expect(args.filter((one) => one.startsWith('azure.container.'))).toHaveLength(3);
  });

  test('ids of other stacks are made of names: no state of another is read', () => {
    expect(stack.text).not.toContain('terraform_remote_state');
    expect(Object.keys((stack.template as { data?: object }).data ?? {})).toEqual(['azurerm_client_config']);
  });

  test('every node of the plan is found', () => {
    const nodes = plan.azureTasks.shards.flatMap((one) => [
      one.id,
      ...one.tasks.flatMap((task) => [
        task.id,
        ...task.flows.map(({ id }) => id),
        ...(task.machine ? [task.machine.id, ...task.machine.starts.map(({ id }) => id)] : []),
      ]),
    ]);
    expect(allNodes(stack)).toEqual([...nodes].sort());
    expect(nodesOf(stack, 'azurerm_automation_hybrid_runbook_worker_group')).toEqual([
      ['azure.task.erp', 'azure.task.erp.machine'],
    ]);
  });

  test('breaks no rule of ours', () => {
    expect(stack.findings).toEqual([]);
    expect(shared().findings).toEqual([]);
    // With an identity that thaws.
    expect(shard(coldPlan).findings).toEqual([]);
  });

  test('a task without a host has no Automation', () => {
    const without = shard(planFrom(onlyLedger));
    expect(resourceTypes(without).filter((type) => type.includes('automation'))).toEqual([]);
    expect(Object.keys((without.template as { variable?: object }).variable ?? {}).sort()).toEqual([
      'container_image',
      'secrets_vault_id',
    ]);
  });
});

const onlyLedger = `
  backup {
    general: {
      backup_window: { start: "01:00" end: "05:00" timezone: "Asia/Kolkata" }
      types: { full: { frequency: "weekly" retention: 30 } }
    }
    database: {
      ledger: {
        type: "pg_dump"
        storage: { azure: { storage_account: "contosobackups" container: "databases" path: "ledger/{year}/" } }
      }
    }
  }`;
