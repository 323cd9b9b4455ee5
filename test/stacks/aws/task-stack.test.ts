import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { createApp } from '../../../lib/aws/app';
import { synthAws } from '../../../lib/aws/synth';
import { uploadsOf } from '../../../lib/cli/uploads';
import { addAwsStacks, addAwsTaskStacks } from '../../../stacks/aws';
import { ACME, SEED, compileFile, planned } from '../../plan/support';

const uploads = uploadsOf(path.resolve(__dirname, '../../..'));

interface TaskDefinition {
  readonly Family: string;
  readonly Volumes: readonly { readonly Name: string; readonly EFSVolumeConfiguration?: object }[];
  readonly ContainerDefinitions: readonly { readonly MountPoints: readonly { readonly SourceVolume: string }[] }[];
}

describe.each([
  ['without an account', SEED],
  ['with an account', ACME],
])('the stacks of tasks %s', (_, file) => {
  const plan = planned(compileFile(file));
  const app = createApp();
  const stacks = addAwsTaskStacks(app, { plan, uploads, stores: addAwsStacks(app, plan.aws) });
  const templates = stacks.map((stack) => [stack.stackName, Template.fromStack(stack)] as const);
  /** Each shard with its template, and the shared stacks. */
  const shards = plan.awsTasks.shards.map((shard) => ({ shard, template: templateOf(shard.name) }));
  const shared = plan.awsTasks.shared.map(({ name }) => templateOf(name));
  function templateOf(stack: string): Template {
    const [, template] = templates.find(([name]) => name === stack) ?? [];
    if (!template) throw new Error(stack);
    return template;
  }

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
    for (const { shard, template } of shards) {
      const schedules = shard.tasks.flatMap((task) => task.schedules);
      template.resourceCountIs('AWS::Scheduler::Schedule', schedules.length + 1);
      template.hasResourceProperties('AWS::Scheduler::Schedule', {
        ScheduleExpressionTimezone: plan.tasks[0]?.window.timeZone,
        FlexibleTimeWindow: { Mode: 'OFF' },
      });
    }
  });

  test('hold no value of an environment variable in a container, and no root that can be written', () => {
    const definitions = shards.flatMap(({ template }) =>
      Object.values(template.findResources('AWS::ECS::TaskDefinition')),
    );
    expect(definitions).toHaveLength(plan.awsTasks.shards.flatMap(({ tasks }) => tasks).length);
    for (const { Properties } of definitions) {
      expect(Properties).toMatchObject({
        ContainerDefinitions: [{ ReadonlyRootFilesystem: true, User: '10001' }],
      });
      const names = JSON.stringify(Properties).match(/"Name":"HYPDR_[A-Z_]+"/g) ?? [];
      // Names by which a copy job is known elsewhere; none of them is a secret.
      const isCopy = String((Properties as { Family: string }).Family).includes('-copies-of-');
      expect(names.length > 0).toBe(isCopy);
      if (!isCopy) expect(JSON.stringify(Properties)).not.toContain('"Environment"');
    }
  });

  test('mount the folder of a task in a container from a file system, encrypted and under its identity, and no other', () => {
    for (const { shard, template } of shards) {
      const definitions = Object.values(template.findResources('AWS::ECS::TaskDefinition')).map(
        ({ Properties }) => Properties as TaskDefinition,
      );
      for (const { family, local, host } of shard.tasks) {
        const { Volumes, ContainerDefinitions } = definitions.find((one) => one.Family === family) ?? {};
        const volume = Volumes?.find(({ Name }) => Name === 'local');
        const mounts = ContainerDefinitions?.[0]?.MountPoints.filter(({ SourceVolume }) => SourceVolume === 'local');
        if (!local || host) expect([family, volume, mounts]).toEqual([family, undefined, []]);
        else {
          expect(volume?.EFSVolumeConfiguration).toMatchObject({
            TransitEncryption: 'ENABLED',
            AuthorizationConfig: { IAM: 'ENABLED', AccessPointId: expect.anything() },
          });
          expect(mounts).toMatchObject([{ ContainerPath: local.path, ReadOnly: false }]);
        }
      }
    }
    const mounted = shards.flatMap(({ shard }) => shard.tasks).filter(({ local, host }) => local && !host);
    expect(mounted.length).toBeGreaterThan(0);
  });

  test('alarm for each task where nobody knows', () => {
    for (const { shard, template } of shards) {
      const alarms = template.findResources('AWS::CloudWatch::Alarm', {
        Properties: { MetricName: 'BackupOverdueSeconds', TreatMissingData: 'breaching' },
      });
      expect(Object.keys(alarms)).toHaveLength(shard.tasks.length);
    }
  });

  test('alarm for each task whose newest chain expires; where nobody knows, being overdue alarms', () => {
    for (const { shard, template } of shards) {
      const alarms = template.findResources('AWS::CloudWatch::Alarm', {
        Properties: { MetricName: 'ExpiryWarningSeconds', TreatMissingData: 'ignore', Threshold: 900 },
      });
      expect(Object.keys(alarms)).toHaveLength(shard.tasks.length);
      expect(JSON.stringify(alarms)).toMatch(/"AlarmActions":\[.*backup-failures/);
    }
  });

  test('alarm where a task is not pruned, or where nobody knows', () => {
    for (const { template } of shards) {
      const alarms = template.findResources('AWS::CloudWatch::Alarm', {
        Properties: { MetricName: 'PruneOverdueSeconds', TreatMissingData: 'breaching', Threshold: 900 },
      });
      // By the name under which the function speaks of all that it looked at.
      const probers = Object.values(template.findResources('AWS::Lambda::Function'))
        .map(({ Properties }) => (Properties as { readonly FunctionName?: string }).FunctionName)
        .filter((name) => name?.endsWith('prober'));
      expect(Object.values(alarms).map(({ Properties }) => (Properties as { Dimensions: unknown }).Dimensions)).toEqual(
        [[{ Name: 'Prober', Value: probers[0] }]],
      );
      expect(JSON.stringify(alarms)).toMatch(/"AlarmActions":\[.*backup-failures/);
    }
  });

  test('tell of executions that ended without a word, by one alarm over all ways and machines', () => {
    for (const { template } of shards) {
      const machines = Object.keys(template.findResources('AWS::StepFunctions::StateMachine'));
      const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).filter(({ Properties }) =>
        JSON.stringify(Properties).includes('AWS/States'),
      );
      expect(alarms).toHaveLength(1);
      const { Metrics, ...properties } = alarms[0]?.Properties as {
        readonly Metrics: readonly {
          readonly Id: string;
          readonly Expression?: string;
          readonly MetricStat?: { readonly Metric: { readonly MetricName: string; readonly Dimensions: unknown } };
        }[];
      };
      expect(properties).toMatchObject({
        TreatMissingData: 'notBreaching',
        Threshold: 0,
        EvaluationPeriods: 3,
        DatapointsToAlarm: 1,
      });
      expect(JSON.stringify(properties)).toMatch(/"AlarmActions":\[.*backup-failures/);
      const watched = Metrics.filter(({ MetricStat }) => MetricStat);
      expect(watched.map(({ MetricStat }) => MetricStat?.Metric.MetricName).sort()).toEqual(
        ['ExecutionThrottled', 'ExecutionsAborted', 'ExecutionsFailed', 'ExecutionsTimedOut'].flatMap((name) =>
          machines.map(() => name),
        ),
      );
      const [sum] = Metrics.filter(({ Expression }) => Expression !== undefined);
      expect(sum?.Expression).toBe(watched.map(({ Id }) => Id).join(' + '));
    }
  });

  test('tell of what could not be replicated, for each bucket that is', () => {
    const watched = plan.awsTasks.shared.flatMap(({ replications }) => replications);
    const replicated = plan.aws.flatMap(({ buckets }) => buckets.filter(({ replication }) => replication));
    expect(watched.map(({ source }) => source.name).sort()).toEqual(replicated.map(({ name }) => name).sort());
    const alarms = shared.flatMap((template) =>
      Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) =>
        JSON.stringify(Properties),
      ),
    );
    for (const { source } of watched) {
      const own = alarms.filter((one) => one.includes(`"Name":"SourceBucket","Value":"${source.name}`));
      expect(own).toHaveLength(1);
      expect(own[0]).toContain('OperationsFailedReplication');
      expect(own[0]).toMatch(/"AlarmActions":\[\{"Ref":"failures/);
    }
  });

  test('keep no log of a fixed name that a deployment which failed has made, and every other', () => {
    const fixed = [...shards.map(({ template }) => template), ...shared].flatMap((template) =>
      Object.values(template.findResources('AWS::Logs::LogGroup')).filter(
        ({ DeletionPolicy }) => DeletionPolicy !== 'Delete',
      ),
    );
    expect(fixed.length).toBeGreaterThanOrEqual(shards.length * 3);
    for (const { DeletionPolicy, UpdateReplacePolicy } of fixed)
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain']);
  });

  test('reach nothing but endpoints from the isolated network', () => {
    for (const template of shared) {
      template.resourceCountIs('AWS::EC2::NatGateway', 0);
      for (const { Properties } of Object.values(template.findResources('AWS::EC2::Route'))) {
        // A copy job reads another cloud; nothing else has a way out.
        expect(JSON.stringify(Properties)).toContain('copiesSubnet');
      }
    }
  });
});
