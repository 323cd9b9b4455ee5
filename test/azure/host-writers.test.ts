import { addAzureTaskStacks } from '../../stacks/azure';
import { planOf, spec } from '../plan/support';
import { resources, synthStack } from '../terraform/synth-stack';
import { RUNNER } from './contoso';

/** A set of files on a host: its own timers take it, and what it stored is looked after on Azure. */

const plan = planOf(
  spec({
    types:
      'full: { frequency: "weekly" day: "sunday" retention: 30 } incremental: { frequency: "daily" retention: 14 }',
    filesystem:
      'docs: { paths: ["/srv/docs"] storage: { azure: { storage_account: "acmedocs" container: "docs" path: "docs/" } } }',
  }),
);
const [planned] = plan.azureTasks.shards;
const shard = synthStack(planned?.name ?? '', (app) => addAzureTaskStacks(app, { plan, runner: RUNNER }));

test('no container and no Automation takes it; it is verified each hour, and pruned', () => {
  expect(shard.findings).toEqual([]);
  expect(planned?.tasks[0]).toMatchObject({ task: 'docs', hosts: 'hosts_docs', machine: null });
  const jobs = resources(shard, 'azurerm_container_app_job').map(({ name }) => String(name).split('-').at(-1));
  expect(jobs.sort()).toEqual(['1of1', 'pruner', 'verifier']);
  expect(planned?.tasks[0]?.flows.map(({ does }) => does)).toEqual(['watch', 'prune', 'verify']);
  expect(planned?.tasks[0]?.flows[0]?.schedule).toMatchObject({ kind: 'interval', everySeconds: 3600 });
});

test('its hosts may write its data and read its ledger, and nobody else is a writer', () => {
  const grants = resources(shard, 'azurerm_role_assignment');
  const own = grants.filter(({ principal_id: who }) => who === '${var.hosts_docs[count.index]}');
  expect(own).toHaveLength(1);
  expect(own[0]).toMatchObject({ count: '${length(var.hosts_docs)}', condition_version: '2.0' });
  expect(String(own[0]?.condition)).toContain('_verified/docs/');
  const { variable = {} } = shard.template as unknown as Record<string, Record<string, { validation: object[] }>>;
  expect(variable.hosts_docs?.validation).toHaveLength(2);
});
