import { nodesOf } from '../../lib/plan/node';
import { valueAt } from '../../lib/terraform/stack-json';
import type { JsonObject } from '../../lib/terraform/stack-json';
import { compileText, GOOGLE_STORE, database, planOf, s3, spec } from '../plan/support';
import { allNodes, onlyResource, resources } from '../terraform/synth-stack';
import { PROJECT_NUMBER, bindingsOf, conditionLanguage, isAllowed } from './rights-model';
import type { ConditionLanguage, Request } from './rights-model';
import { GOOGLE_SPEC, synthTasks, testedPlan, TESTED_SPEC } from './task-fixture';

/** Test restores on Google: who does them, with what, and what it may. */

const { plan, shared, shard } = synthTasks(testedPlan());
const tasks = plan.googleTasks.shards.flatMap((one) => one.tasks);
const orders = tasks.find(({ task }) => task === 'orders');
const KEY =
  'projects/${data.google_project.project.project_id}/locations/europe-west3/keyRings/hypnoscript-records/cryptoKeys/restore-records';
let language: ConditionLanguage;
beforeAll(async () => (language = await conditionLanguage()));

test('the task that asks for them has a schedule, a job and a size of its own; nobody else has', () => {
  expect([...shared.findings, ...shard.findings]).toEqual([]);
  const asked = tasks.filter(({ schedules }) => schedules.some(({ command }) => command === 'test-restore'));
  expect(asked.map(({ task }) => task)).toEqual(['orders']);
  const schedule = orders?.schedules.find(({ command }) => command === 'test-restore');
  expect(schedule).toMatchObject({
    from: ['backup.database.orders.validation'],
    schedule: { kind: 'calendar', timeZone: 'Europe/Berlin', days: { kind: 'month_day' } },
  });
  expect(schedule?.schedule).toEqual(
    plan.tasks.find(({ name }) => name === 'orders')?.validation.testRestore?.schedule,
  );
  const jobs = resources(shard, 'google_cloud_run_v2_job').filter(({ name }) => String(name).endsWith('-r'));
  expect(jobs.map(({ name }) => name)).toEqual([`${orders?.job}-r`]);
  const template = valueAt(jobs[0] ?? {}, 'template.template') as JsonObject;
  expect(template).toMatchObject({
    max_retries: 0,
    // It ends before the next pruning.
    timeout: '68400s',
    containers: [
      {
        resources: { limits: { cpu: '8', memory: '32Gi' } },
        env: expect.arrayContaining([
          { name: 'HYPDR_RECORD_KEY', value: `gcpkms://${KEY}/cryptoKeyVersions/1` },
        ]) as unknown,
      },
    ],
    vpc_access: { egress: 'ALL_TRAFFIC' },
  });
});

test('what starts it names its job, and words with room for manifest and slot', () => {
  const job = resources(shard, 'google_cloud_scheduler_job').find(({ name }) => String(name).endsWith('-test-restore'));
  const body = Buffer.from(String(valueAt(job ?? {}, 'http_target.body')), 'base64').toString();
  expect(JSON.parse((JSON.parse(body) as { argument: string }).argument)).toMatchObject({
    command: 'test-restore',
    restorer: `${orders?.job}-r`,
    words: [
      ...['test-restore', '--task', '', '--slot', '', '--metrics', 'log'],
      ...(orders?.stores ?? []).flatMap(({ store }) => ['--store', store]),
    ],
  });
  expect(orders?.stores.length).toBeGreaterThan(0);
});

test('records are signed by a key of the region that is never destroyed, with a right that nobody else has', () => {
  expect(onlyResource(shared, 'google_kms_crypto_key')).toMatchObject({
    purpose: 'ASYMMETRIC_SIGN',
    version_template: { algorithm: 'EC_SIGN_P256_SHA256' },
    lifecycle: { prevent_destroy: true },
  });
  expect(onlyResource(shared, 'google_kms_key_ring')).toMatchObject({
    ...{ name: 'hypnoscript-records', location: 'europe-west3' },
    lifecycle: { prevent_destroy: true },
  });
  const services = resources(shared, 'google_project_service').map(({ service }) => service);
  expect(services).toContain('cloudkms.googleapis.com');
  const signs = resources(shared, 'google_project_iam_custom_role').filter(({ permissions }) =>
    (permissions as readonly string[]).some((one) => one.startsWith('cloudkms.')),
  );
  expect(signs.map(({ role_id: id, permissions }) => [id, permissions])).toEqual([
    [
      'hypnoscript_europe_west3_sign',
      ['cloudkms.cryptoKeyVersions.useToSign', 'cloudkms.cryptoKeyVersions.viewPublicKey'],
    ],
  ]);
  const grant = onlyResource(shard, 'google_kms_crypto_key_iam_member');
  expect(grant).toMatchObject({ crypto_key_id: KEY, role: expect.stringMatching(/_sign$/) as unknown });
  const member = /^\$\{google_service_account\.(\w+)\.member\}$/.exec(String(grant.member))?.[1] ?? '';
  const accounts = (shard.template as unknown as { resource: Record<string, Record<string, JsonObject>> }).resource
    .google_service_account;
  expect(accounts?.[member]?.account_id).toBe(`${orders?.account}-r`);
  // The job is not made before it may sign.
  const job = resources(shard, 'google_cloud_run_v2_job').find(({ name }) => String(name).endsWith('-r'));
  expect(JSON.stringify(job?.depends_on)).toContain('google_kms_crypto_key_iam_member');
});

test('whoever switches the last one off keeps the key, the service and the role: Terraform would destroy them', () => {
  const off = synthTasks(planOf(GOOGLE_SPEC));
  const kept = (stack: typeof shared) =>
    ['google_kms_key_ring', 'google_kms_crypto_key', 'google_project_service', 'google_project_iam_custom_role'].map(
      (type) => (stack.template as unknown as { resource: Record<string, object> }).resource[type],
    );
  expect(kept(off.shared)).toEqual(kept(shared));
  expect(Object.keys(kept(off.shared)[1] ?? {})).toHaveLength(1);
  expect(resources(off.shard, 'google_kms_crypto_key_iam_member')).toEqual([]);
  expect(JSON.stringify(off.shard.template)).not.toContain('HYPDR_RECORD_KEY');
});

test('every node of the plan is found in a template', () => {
  const ids = nodesOf({ ...plan, tasks: [], copies: [], aws: [], azure: [], google: [] }).map(({ id }) => id);
  expect(ids).toContain('google.tasks.record_key.europe-west3');
  expect(ids.filter((id) => ![...allNodes(shared), ...allNodes(shard)].includes(id))).toEqual([]);
});

const create = ['storage.objects.create'];
const read = ['storage.objects.get'];
const list = ['storage.objects.list'];
const remove = ['storage.objects.delete'];
const RUN = '20261122T021500Z-full';
const LINES: readonly (readonly [allowed: boolean, what: string, permissions: readonly string[], where: object])[] = [
  [true, 'reads data', read, { object: `orders/2026/${RUN}-0123456789abcdef/dump.0001` }],
  [true, 'reads manifests', read, { object: `orders/2026/${RUN}.manifest.json` }],
  [true, 'reads the ledger', read, { object: `_verified/orders/orders/2026/${RUN}.manifest.json` }],
  [true, 'reads records', read, { object: '_records/orders/20261122T021500Z-test-restore-0.json' }],
  [true, 'lists data', list, { lists: 'orders/' }],
  [true, 'lists the ledger', list, { lists: '_verified/orders/orders/' }],
  [true, 'lists records', list, { lists: '_records/orders/' }],
  [true, 'writes a record', create, { object: '_records/orders/20261122T021500Z-test-restore-0.json' }],
  [false, 'writes over a record', [...create, ...remove], { object: '_records/orders/a.json' }],
  [false, 'deletes a record', remove, { object: '_records/orders/a.json' }],
  [false, 'writes records of another', create, { object: '_records/crm/a.json' }],
  [false, 'reads records of another', read, { object: '_records/crm/a.json' }],
  [false, 'writes the ledger', create, { object: '_verified/orders/orders/2026/a.manifest.json' }],
  [false, 'writes data', create, { object: `orders/2026/${RUN}-0123456789abcdef/dump.0001` }],
  [false, 'writes a manifest', create, { object: `orders/2026/${RUN}.manifest.json` }],
  [false, 'deletes data', remove, { object: `orders/2026/${RUN}.manifest.json` }],
  [false, 'reads data of another', read, { object: `2026/11/${RUN}-0123456789abcdef/dump.0001` }],
  [false, 'reads the recovery', read, { object: '_recovery/a/spec.hyp' }],
];

test.each(LINES)('%s: the restorer %s', (allowed, _, permissions, where) => {
  const request: Request = { account: `${orders?.account}-r`, permissions, bucket: 'acme-data', ...where };
  expect(isAllowed(bindingsOf(shared.template, shard.template), request, language)).toBe(allowed);
});

test('it reads its own task and no secret', () => {
  const bindings = bindingsOf(shared.template, shard.template);
  const bucket = `${plan.googleTasks.shared[0]?.configBucket}-${PROJECT_NUMBER}`;
  const ask = (job: string) =>
    isAllowed(
      bindings,
      { account: `${orders?.account}-r`, permissions: read, bucket, object: `tasks/${job}/a.json` },
      language,
    );
  expect([ask(orders?.job ?? ''), ask('other')]).toEqual([true, false]);
  const secrets = resources(shard, 'google_secret_manager_secret_iam_member').map(({ member }) => String(member));
  expect(secrets.filter((member) => member.includes('restorer'))).toEqual([]);
});

test('a copy is not restored where it lies: its source has the same bytes', () => {
  const copied = planOf(
    spec({
      database: database('orders', s3('acme-own', 'orders/'), 'validation: { test_restore: true }'),
      cloud: GOOGLE_STORE,
    }),
  );
  const [job] = copied.googleTasks.shards.flatMap((one) => one.tasks);
  expect(job?.schedules.map(({ command }) => command)).toEqual(['copy', 'prune', 'verify']);
  expect(job).not.toHaveProperty('testRestore');
  expect(copied.googleTasks.shards[0]).not.toHaveProperty('recordKey');
});

test('how large a restore can be there is told', () => {
  const told = (text: string) => compileText(text).diagnostics.filter(({ code }) => code === 'DR3078');
  expect(told(GOOGLE_SPEC)).toEqual([]);
  expect(told(TESTED_SPEC)).toEqual([
    expect.objectContaining({
      severity: 'warning',
      path: 'backup.database.orders.validation.test_restore',
      message: expect.stringContaining('32 GiB') as unknown,
    }),
  ]);
});

test('it alarms where none is on record in time, and where nobody knows, beside the alarms of its backups', () => {
  const policies = resources(shard, 'google_monitoring_alert_policy').map(({ display_name: name, conditions }) => ({
    name,
    conditions: JSON.stringify(conditions),
  }));
  const about = (name: string) => policies.filter((one) => one.name === name).map(({ conditions }) => conditions);
  const metric = resources(shard, 'google_logging_metric').find(({ name }) =>
    /_test_restore_overdue_/.test(String(name)),
  );
  expect(metric).toMatchObject({
    filter: expect.stringContaining('jsonPayload.event="test_restore_overdue"') as string,
    value_extractor: 'EXTRACT(jsonPayload.metrics.TestRestoreOverdueSeconds)',
  });
  expect(about('test restore of orders is overdue')).toEqual([
    expect.stringMatching(
      new RegExp(`user/${String(metric?.name)}\\\\" .*metric\\.labels\\.task=\\\\"orders\\\\".*"threshold_value":900`),
    ),
  ]);
  expect(about('nobody knows when orders was restored for a test')).toEqual([
    expect.stringContaining(`absent_over_time(logging_googleapis_com:user_${String(metric?.name)}_count{`),
  ]);
  // Whose test restores nobody asks for has no alarm about them.
  expect(policies.filter(({ name }) => /test/.test(String(name)))).toHaveLength(2);
});
