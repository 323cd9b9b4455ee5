import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { createApp } from '../../../lib/aws/app';
import { synthAws } from '../../../lib/aws/synth';
import { uploadsOf } from '../../../lib/cli/uploads';
import { addAwsStacks, addAwsTaskStacks } from '../../../stacks/aws';
import { ACME, SEED, compileFile, planned } from '../../plan/support';

const uploads = uploadsOf(path.resolve(__dirname, '../../..'));

describe.each([
  ['without an account', SEED],
  ['with an account', ACME],
])('the stacks of tasks %s', (_, file) => {
  const plan = planned(compileFile(file));
  const app = createApp();
  const stacks = addAwsTaskStacks(app, { plan, uploads, stores: addAwsStacks(app, plan.aws) });
  const templates = stacks.map((stack) => [stack.stackName, Template.fromStack(stack)] as const);
  const named = (part: string) => {
    const [, template] = templates.find(([name]) => name.includes(part)) ?? [];
    if (!template) throw new Error(part);
    return template;
  };

  test('ask nobody for anything at synthesis', () => {
    const fresh = createApp();
    addAwsTaskStacks(fresh, { plan, uploads, stores: addAwsStacks(fresh, plan.aws) });
    const synthesis = synthAws(fresh);
    if (!synthesis.ok) throw new Error('not sound');
    const { manifest, directory } = synthesis.assembly;
    expect(manifest.missing).toBeUndefined();
    // Nor do they say on which machine they were made.
    for (const [name] of templates)
      expect(readFileSync(path.join(directory, `${name}.metadata.json`), 'utf8')).not.toContain('"trace"');
    for (const [, template] of templates) expect(JSON.stringify(template.toJSON())).not.toContain('dummy');
  });

  test('have a schedule in the zone of the window for every run, and one for pruning', () => {
    const schedules = plan.awsTasks.shards.flatMap(({ tasks }) => tasks.flatMap((task) => task.schedules));
    named('1of1').resourceCountIs('AWS::Scheduler::Schedule', schedules.length + 1);
    named('1of1').hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpressionTimezone: plan.tasks[0]?.window.timeZone,
      FlexibleTimeWindow: { Mode: 'OFF' },
    });
  });

  test('hold no value of an environment variable in a container, and no root that can be written', () => {
    const definitions = named('1of1').findResources('AWS::ECS::TaskDefinition');
    expect(Object.keys(definitions).length).toBeGreaterThan(0);
    for (const { Properties } of Object.values(definitions)) {
      expect(Properties).toMatchObject({
        ContainerDefinitions: [{ ReadonlyRootFilesystem: true, User: '10001' }],
      });
      expect(JSON.stringify(Properties)).not.toContain('"Environment"');
    }
  });

  test('alarm for each task where nobody knows', () => {
    const tasks = plan.awsTasks.shards.flatMap((shard) => shard.tasks);
    const alarms = named('1of1').findResources('AWS::CloudWatch::Alarm', {
      Properties: { MetricName: 'BackupOverdueSeconds', TreatMissingData: 'breaching' },
    });
    expect(Object.keys(alarms)).toHaveLength(tasks.length);
  });

  test('reach nothing but endpoints from the isolated network', () => {
    named('shared').resourceCountIs('AWS::EC2::InternetGateway', 0);
    named('shared').resourceCountIs('AWS::EC2::NatGateway', 0);
  });
});
