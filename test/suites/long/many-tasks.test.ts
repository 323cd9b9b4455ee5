import path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { createApp } from '../../../lib/aws/app';
import { uploadsOf } from '../../../lib/cli/uploads';
import { addAwsStacks, addAwsTaskStacks } from '../../../stacks/aws';
import { compileText, findings, planOf, s3, spec } from '../../plan/support';

/** 300 tasks: databases in containers with and without a folder, databases on hosts, file sets on hosts. */
jest.setTimeout(120_000);

const COUNT = 300;
const SHARDS = 15;
const KINDS = 4;

function mixed(shards = SHARDS, count = COUNT): string {
  const names = Array.from({ length: count }, (_, index) => `set${String(index).padStart(3, '0')}`);
  const storage = (name: string) => s3('acme-own', `${name}/`);
  const local = (name: string) => `local: { path: "/srv/${name}" }`;
  const kind = (name: string) => names.indexOf(name) % KINDS;
  const databases = names
    .filter((name) => kind(name) < KINDS - 1)
    .map((name) => `${name}: { type: "pg_dump" storage: { ${storage(name)} ${kind(name) === 1 ? local(name) : ''} } }`);
  const files = names
    .filter((name) => kind(name) === KINDS - 1)
    .map((name) => `${name}: { paths: ["/srv/${name}"] storage: { ${storage(name)} } }`);
  const hosts = names.filter((name) => kind(name) === 2).map((name) => `${name}: { host: "hosts:role=${name}" }`);
  return spec({
    window: 'start: "00:30" end: "06:00" timezone: "UTC"',
    database: databases.join(' '),
    filesystem: files.join(' '),
    deployment: `task_shards: ${shards} tasks: { ${hosts.join(' ')} }`,
  });
}

interface Made {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
  Outputs: object;
}

/** The template of each shard, in their order. */
function templatesOf(of: typeof plan): readonly Made[] {
  const app = createApp();
  const stacks = addAwsTaskStacks(app, {
    plan: of,
    uploads: uploadsOf(path.resolve(__dirname, '../../..')),
    stores: addAwsStacks(app, of.aws),
  });
  return of.awsTasks.shards.map((shard) => {
    const stack = stacks.find((one) => one.stackName === shard.name);
    if (!stack) throw new Error(shard.name);
    return Template.fromStack(stack).toJSON() as Made;
  });
}

const plan = planOf(mixed());
const templates = templatesOf(plan);
const resources = templates.flatMap(({ Resources }) => Object.values(Resources));
const size = (value: unknown) => JSON.stringify(value).length;

test('are all in a shard, a quarter of each kind', () => {
  const tasks = plan.awsTasks.shards.flatMap((shard) => shard.tasks);
  expect(tasks).toHaveLength(COUNT);
  expect(tasks.filter(({ host }) => host)).toHaveLength(COUNT / 2);
  expect(tasks.filter(({ local }) => local)).toHaveLength(COUNT / KINDS);
});

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
test.each(templates.map((template, index) => [index + 1, template] as const))(
  'shard %i is within the limits of a stack',
  (_, template) => {
    expect(Object.keys(template.Resources).length).toBeLessThanOrEqual(400);
    expect(Object.keys(template.Outputs).length).toBeLessThanOrEqual(200);
    // As it is written: with a blank for each level.
    expect(JSON.stringify(template, null, 1).length).toBeLessThan(800_000);
  },
);

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: white space is not counted. */
test('no role has more in its own policies than a role may, and no policy of a host is too large', () => {
  const roles = resources.filter(({ Type }) => Type === 'AWS::IAM::Role');
  expect(Math.max(...roles.map(({ Properties }) => size(Properties.Policies ?? [])))).toBeLessThan(10_240);
  const managed = resources.filter(({ Type }) => Type === 'AWS::IAM::ManagedPolicy');
  expect(managed).toHaveLength(COUNT / 2);
  expect(Math.max(...managed.map(({ Properties }) => size(Properties.PolicyDocument)))).toBeLessThan(6144);
});

test('fewer shards are an error before a template is too large, with a number that is enough', () => {
  const found = compileText(mixed(10)).diagnostics.filter((one) => one.code === 'DR3058');
  expect(found.length).toBeGreaterThan(0);
  const enough = Math.max(...found.map(({ fix }) => Number(/task_shards to (\d+)/.exec(fix ?? '')?.[1])));
  expect(findings(compileText(mixed(enough)), 'DR3058')).toEqual([]);
  expect(findings(compileText(mixed()), 'DR3058')).toEqual([]);
});

test('what is foreseen of a template is what it is at most', () => {
  for (const [index, { tasks, name }] of plan.awsTasks.shards.entries()) {
    const schedules = tasks.flatMap((task) => task.schedules).length;
    const [template] = templates.slice(index, index + 1);
    const foreseen =
      60_000 + 12_000 * tasks.length + 4500 * tasks.flatMap((one) => one.stores).length + 3000 * schedules;
    const bytes = JSON.stringify(template, null, 1).length;
    expect([name, bytes <= foreseen, bytes > foreseen * 0.7]).toEqual([name, true, true]);
    const resources = Object.keys(template?.Resources ?? {}).length;
    expect([name, resources <= 24 + 7 * tasks.length + schedules]).toEqual([name, true]);
  }
});

test('a 301st task changes the template of its own shard and no other', () => {
  const more = planOf(mixed(SHARDS, COUNT + 1));
  const own = more.awsTasks.shards.findIndex(({ tasks }) => tasks.some(({ task }) => task === 'set300'));
  const after = templatesOf(more);
  expect(after).toHaveLength(SHARDS);
  const changed = after.flatMap((one, index) =>
    JSON.stringify(one) === JSON.stringify(templates[index]) ? [] : [index],
  );
  expect(changed).toEqual([own]);
});
