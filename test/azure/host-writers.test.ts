import { addAzureTaskStacks } from '../../stacks/azure';
import { planOf, spec } from '../plan/support';
import { resources, synthStack } from '../terraform/synth-stack';
import { RUNNER } from './contoso';
import { flowOf, runFlow } from './flow';
import type { Requested } from './flow';

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

test('the look that comes each hour is quick, and what it finds is told', () => {
  const [watch] = planned?.tasks[0]?.flows ?? [];
  const play = (status: string) => {
    const asked: Requested[] = [];
    const { status: ended } = runFlow(flowOf(shard.template, watch?.name ?? ''), {
      started: '2026-12-01T10:12:00Z',
      ask: (request) => {
        asked.push(request);
        return { ok: true, body: request.method === 'POST' ? { name: 'one' } : { properties: { status } } };
      },
    });
    const starts = asked.filter(({ method }) => method === 'POST');
    // The job as it is: no words of its own, as a full re-read has.
    return [ended, starts.map(({ uri, body }) => [/_(writer|verifier|pruner)_/.exec(uri)?.[1], body])];
  };
  expect(play('Succeeded')).toEqual(['Succeeded', [['verifier', undefined]]]);
  expect(play('Failed')).toEqual(['Failed', [['verifier', undefined]]]);
});
