import path from 'node:path';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { createApp } from '../../../lib/aws/app';
import { uploadsOf } from '../../../lib/cli/uploads';
import { addAwsStacks, addAwsTaskStacks } from '../../../stacks/aws';
import { alarmsOf } from '../../../lib/plan/findings/aws-quotas';
import { shardSize } from '../../../lib/plan/findings/shard-size';
import { AWS_TEST_RESTORE_SIZE } from '../../../lib/plan/test-restore';
import { planOf, s3, spec } from '../../plan/support';

/** What a schedule of a test restore starts, in containers and for hosts. */
const uploads = uploadsOf(path.resolve(__dirname, '../../..'));
const asked = 'validation: { frequency: "weekly" test_restore: true }';
const text = spec({
  database: `
    orders: { type: "pg_dump" ${asked} storage: { ${s3('acme-own', 'orders/')} local: { path: "/srv/orders" } } }
    quiet: { type: "pg_dump" storage: { ${s3('acme-own', 'quiet/')} } }
    far: { type: "pg_dump" ${asked} storage: { ${s3('acme-own', 'far/')} } }`,
  deployment: 'tasks: { far: { host: "hosts:role=far" } }',
});
const [shared, shard] = templatesOf(text);

function templatesOf(what: string): readonly Template[] {
  const plan = planOf(what);
  const app = createApp();
  const stacks = addAwsTaskStacks(app, { plan, uploads, stores: addAwsStacks(app, plan.aws) });
  return stacks.map((stack) => Template.fromStack(stack));
}

/** The input of a schedule; each reference is said by its words. */
function inputOf(name: string): Readonly<Record<string, unknown>> {
  const [schedule] = Object.values(
    shard?.findResources('AWS::Scheduler::Schedule', { Properties: { Name: name } }) ?? {},
  );
  const { Input: input } = schedule?.Properties.Target as { Input: { 'Fn::Join': [string, unknown[]] } };
  const text = input['Fn::Join'][1].map((part) =>
    typeof part === 'string'
      ? part
      : JSON.stringify(part)
          .replace(/[^\w.]+/g, ' ')
          .trim(),
  );
  return JSON.parse(text.join('')) as Record<string, unknown>;
}

test.each(['orders', 'far'])('%s: the store is restored, and no folder, by an identity of its own', (name) => {
  const { command, testRestore, roles } = inputOf(`${name}-test-restore`);
  expect([command, testRestore]).toEqual([
    'test-restore',
    ['test-restore', '--task', expect.any(String), '--metrics', 'emf', '--store', 'aws.bucket.acme-own'],
  ]);
  expect(roles).toMatchObject({ restorer: expect.stringMatching(/^Fn GetAtt task\w+restorer\w* Arn$/) as string });
  expect(inputOf(`${name}-prune`).roles).not.toHaveProperty('restorer');
});

test('who asks for none has neither schedule nor identity', () => {
  const schedules = Object.values(shard?.findResources('AWS::Scheduler::Schedule') ?? {});
  const names = schedules.map((one) => (one.Properties as { readonly Name: string }).Name);
  expect(names.filter((name) => name.endsWith('test-restore')).sort()).toEqual([
    'far-test-restore',
    'orders-test-restore',
  ]);
  expect(Object.keys(shard?.findResources('AWS::IAM::Role') ?? {}).filter((id) => /restorer/.test(id))).toHaveLength(2);
});

test('whose test restore never comes is told, and who asks for none is not', () => {
  const alarms = shard?.findResources('AWS::CloudWatch::Alarm', {
    Properties: { MetricName: 'TestRestoreOverdueSeconds', TreatMissingData: 'breaching', EvaluationPeriods: 2 },
  });
  const tasks = Object.values(alarms ?? {}).map(({ Properties }) => JSON.stringify(Properties));
  expect(tasks.map((one) => /"Name":"Task","Value":"(\w+)"/.exec(one)?.[1]).sort()).toEqual(['far', 'orders']);
  for (const one of tasks) expect(one).toMatch(/"AlarmActions":\[.*backup-failures/);
});

test('restorers lie below the path that the key knows, which is kept, and told to the machine', () => {
  const Path = '/hypnoscript/eu-west-1/hypnoscript-backup-1of1/restorer/';
  shard?.resourcePropertiesCountIs('AWS::IAM::Role', { Path }, 2);
  shared?.hasResource('AWS::KMS::Key', {
    DeletionPolicy: 'Retain',
    Properties: { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY', PendingWindowInDays: 30 },
  });
  shared?.hasOutput('*', { Export: { Name: 'hypnoscript-backup-record-key' } });
  shard?.hasResourceProperties('AWS::StepFunctions::StateMachine', {
    DefinitionString: {
      'Fn::Join': ['', Match.arrayWith([{ 'Fn::ImportValue': 'hypnoscript-backup-record-key' }])],
    },
  });
  const [machine] = Object.values(shard?.findResources('AWS::StepFunctions::StateMachine') ?? {});
  expect(JSON.stringify(machine?.Properties)).toContain(
    JSON.stringify(`"EphemeralStorage":{"SizeInGiB":${AWS_TEST_RESTORE_SIZE.diskGiB}}`).slice(1, -1),
  );
});

test('whoever switches the last one off keeps the key and its name, and no stack imports it', () => {
  const [sharedOff, shardOff] = templatesOf(text.replaceAll(asked, ''));
  const keyOf = (template: Template | undefined) => ({
    keys: template?.findResources('AWS::KMS::Key', { Properties: { KeyUsage: 'SIGN_VERIFY' } }),
    aliases: template?.findResources('AWS::KMS::Alias', {
      Properties: { AliasName: Match.stringLikeRegexp('records$') },
    }),
    exported: template?.findOutputs('*', { Export: { Name: 'hypnoscript-backup-record-key' } }),
  });
  expect(keyOf(sharedOff)).toEqual(keyOf(shared));
  expect(JSON.stringify(shardOff)).not.toContain('record-key');
});

test('a shard is foreseen as large as its restorers make it', () => {
  const off = text.replaceAll(asked, '');
  const [, shardOff] = templatesOf(off);
  const foreseen = (what: string) => shardSize(planOf(what).awsTasks.shards[0] ?? { tasks: [] });
  const made = (template: Template | undefined) => ({
    resources: Object.keys((template?.toJSON() as { Resources: object }).Resources).length,
    bytes: JSON.stringify(template?.toJSON(), null, 1).length,
  });
  const [more, told] = [
    [made(shard), made(shardOff)],
    [foreseen(text), foreseen(off)],
  ].map(([on, without]) => ({
    resources: (on?.resources ?? 0) - (without?.resources ?? 0),
    bytes: (on?.bytes ?? 0) - (without?.bytes ?? 0),
  }));
  // A role, a schedule and an alarm for each of two.
  expect([more?.resources, told?.resources]).toEqual([6, 6]);
  expect(told?.bytes).toBeGreaterThanOrEqual(more?.bytes ?? Infinity);
});

test('as many alarms are counted against the account as there are', () => {
  const [planned] = planOf(text).awsTasks.shards;
  const made = Object.keys(shard?.findResources('AWS::CloudWatch::Alarm') ?? {}).length;
  expect(planned && alarmsOf(planned)).toBe(made);
});

test('the name of the key goes with its stack, so that the next deployment may have it', () => {
  const names = Object.values(shared?.findResources('AWS::KMS::Alias') ?? {}) as { DeletionPolicy?: string }[];
  expect(names.map(({ DeletionPolicy: policy }) => policy)).not.toContain('Retain');
});
