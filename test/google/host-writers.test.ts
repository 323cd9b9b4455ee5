import { addGoogleTaskStacks } from '../../stacks/google';
import { valueAt } from '../../lib/terraform/stack-json';
import { planOf, spec } from '../plan/support';
import { resources, synthStack } from '../terraform/synth-stack';

/** A set of files on a host: its own timers take it, and what it stored is looked after on Google. */

const plan = planOf(
  spec({
    types:
      'full: { frequency: "weekly" day: "sunday" retention: 30 } incremental: { frequency: "daily" retention: 14 }',
    filesystem:
      'docs: { paths: ["/srv/docs"] validation: { test_restore: true } storage: { gcs: { bucket: "acme-docs" location: "europe-west3" path: "docs/" } } }',
  }),
);
const [planned] = plan.googleTasks.shards;
const shard = synthStack(planned?.name ?? '', (app) => addGoogleTaskStacks(app, plan));
const jobs = resources(shard, 'google_cloud_run_v2_job').map(({ name }) => String(name));
const schedules = resources(shard, 'google_cloud_scheduler_job').map(({ name, schedule }) => [String(name), schedule]);

test('no container takes it, and each other thing that is done with it has its own', () => {
  expect(shard.findings).toEqual([]);
  expect(planned?.tasks[0]).toMatchObject({ task: 'docs', hosts: 'hosts_docs' });
  expect(jobs.map((name) => name.slice(-2)).sort()).toEqual(['-p', '-r', '-v', 'er']);
});

test('what it stored is verified each hour, since nobody here sees the end of its runs', () => {
  expect(schedules.find(([name]) => String(name).endsWith('-watch'))?.[1]).toMatch(/^\d+ \* \* \* \*$/);
  expect(schedules.filter(([name]) => /-(full|incremental)$/.test(String(name)))).toEqual([]);
});

test('its hosts may write its data and read its ledger and manifests, and nothing else', () => {
  const own = resources(shard, 'google_storage_bucket_iam_member').filter(({ member }) =>
    String(member).includes('var.hosts_docs'),
  );
  expect(own.map(({ count, member }) => [count, member])).toEqual(
    own.map(() => ['${length(var.hosts_docs)}', '${var.hosts_docs[count.index]}']),
  );
  const rights = own.map((one) => String(valueAt(one, 'condition.title')));
  expect(rights.sort()).toEqual(['create: own data', 'list: own data and ledger', 'read: own manifests and ledger']);
  const read = own.find((one) => String(valueAt(one, 'condition.title')).startsWith('read'));
  const condition = String(valueAt(read ?? {}, 'condition.expression'));
  expect(condition).toContain('endsWith(".manifest.json")');
  expect(condition).toContain('_verified/docs/');
});

test('who they are is asked for, by a form that IAM knows', () => {
  const { variable = {} } = shard.template as unknown as Record<
    string,
    Record<string, { validation: { condition: string }[] }>
  >;
  expect(variable.hosts_docs?.validation.map(({ condition }) => condition).join()).toContain('serviceAccount:');
});
