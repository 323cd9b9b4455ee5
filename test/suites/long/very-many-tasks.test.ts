import path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { createApp } from '../../../lib/aws/app';
import { uploadsOf } from '../../../lib/cli/uploads';
import { alarmsOf, rolesOf } from '../../../lib/plan/findings/aws-quotas';
import { shardSize } from '../../../lib/plan/findings/shard-size';
import { addAwsStacks, addAwsTaskStacks } from '../../../stacks/aws';
import { compileText, findings, planOf } from '../../plan/support';
import { many } from '../../plan/many';

/** 1,200 tasks in the stacks that they get, and 3,000 in the plan: databases in containers, a fourth with a folder, a tenth on hosts. */
jest.setTimeout(300_000);

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}
type Templates = Readonly<Record<string, { readonly Resources: Readonly<Record<string, Resource>> }>>;

const SHARDS = 10;

function templatesOf(count: number): Templates {
  const plan = planOf(many(count, SHARDS));
  const app = createApp();
  const stacks = addAwsTaskStacks(app, {
    plan,
    uploads: uploadsOf(path.resolve(__dirname, '../../..')),
    stores: addAwsStacks(app, plan.aws),
  });
  return Object.fromEntries(stacks.map((stack) => [stack.stackName, Template.fromStack(stack).toJSON()])) as Templates;
}

const plan = planOf(many(1200, SHARDS));
const { shards } = plan.awsTasks;
const templates = templatesOf(1200);
const shardTemplates = shards.map((shard) => {
  const template = templates[shard.name];
  if (!template) throw new Error(shard.name);
  return { shard, template };
});
const ofType = ({ Resources }: Templates[string], type: string) =>
  Object.values(Resources).filter(({ Type }) => Type === type);
const size = (value: unknown) => JSON.stringify(value).length;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
test('each stack is within the limits, and what was foreseen of it is what it is at most', () => {
  for (const { shard, template } of shardTemplates) {
    const [resources, bytes] = [Object.keys(template.Resources).length, JSON.stringify(template, null, 1).length];
    const foreseen = shardSize(shard);
    const numbers = { name: shard.name, tasks: shard.tasks.length, resources, bytes, foreseen };
    expect({ ...numbers, fits: resources <= 400 && bytes <= 800_000 }).toEqual({ ...numbers, fits: true });
    expect({ ...numbers, above: resources > foreseen.resources || bytes > foreseen.bytes }).toEqual({
      ...numbers,
      above: false,
    });
    expect({ ...numbers, near: bytes > foreseen.bytes * 0.7 }).toEqual({ ...numbers, near: true });
  }
});

test('roles are a few for each shard, and as many as are foreseen', () => {
  const counts = shardTemplates.map(({ template }) => ofType(template, 'AWS::IAM::Role').length);
  expect(counts).toEqual(shards.map(rolesOf));
  expect(Math.max(...counts)).toBeLessThanOrEqual(16);
  const alarms = shardTemplates.map(({ template }) => ofType(template, 'AWS::CloudWatch::Alarm').length);
  expect(alarms).toEqual(shards.map(alarmsOf));
  expect(compileText(many(1200, SHARDS)).diagnostics.filter(({ code }) => code === 'DR3075')).toEqual([]);
});

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: white space is not counted. */
test('no role has more in its own policies than a role may, and none of its trusts is too long', () => {
  const roles = shardTemplates.flatMap(({ template }) => ofType(template, 'AWS::IAM::Role'));
  expect(Math.max(...roles.map(({ Properties }) => size(Properties.Policies ?? [])))).toBeLessThan(10_240);
  expect(Math.max(...roles.map(({ Properties }) => size(Properties.AssumeRolePolicyDocument)))).toBeLessThan(2048);
});

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
test('one Distributed Map starts them by a schedule for each list, and an input is short', () => {
  for (const { shard, template } of shardTemplates) {
    const schedules = ofType(template, 'AWS::Scheduler::Schedule');
    expect(schedules).toHaveLength((shard.groups?.lists.length ?? 0) + 1);
    const inputs = schedules.map(({ Properties }) => size((Properties.Target as { Input: unknown }).Input));
    expect(Math.max(...inputs)).toBeLessThan(256_000);
    const machines = ofType(template, 'AWS::StepFunctions::StateMachine');
    expect(machines.filter((one) => JSON.stringify(one).includes('DISTRIBUTED'))).toHaveLength(1);
    expect(machines).toHaveLength(2);
  }
});

test('another task changes its own stack and no other', () => {
  const after = templatesOf(1201);
  const changed = Object.keys(after).filter((name) => JSON.stringify(after[name]) !== JSON.stringify(templates[name]));
  expect(changed).toHaveLength(1);
});

test('3,000 tasks are as many shards as are asked for, in the quotas of an account but that of alarms', () => {
  const found = compileText(many(3000, 10)).diagnostics.filter(({ code }) => code === 'DR3058');
  const enough = Math.max(...found.map(({ fix }) => Number(/task_shards to (\d+)/.exec(fix ?? '')?.[1])));
  const compiled = compileText(many(3000, enough));
  expect(findings(compiled, 'DR3058')).toEqual([]);
  const quotas = compiled.diagnostics.filter(({ code }) => code === 'DR3075').map(({ message }) => message);
  // Two alarms a task and three a shard: until AWS gives more, a region has room for not quite 2,500 tasks.
  expect(quotas).toEqual([
    `the tasks in eu-west-1 have ${6000 + 3 * enough} alarms, and an account has 5000 in a region`,
  ]);
  const roles = compiled.plan?.awsTasks.shards.reduce((total, shard) => total + rolesOf(shard), 0);
  expect(roles).toBeLessThan(500);
});
