import validate from 'asl-validator';
import { Match } from 'aws-cdk-lib/assertions';
import type { Template } from 'aws-cdk-lib/assertions';
import { nodesOf } from '../../../lib/plan/node';
import { resources, resourceTypes } from '../support';
import { need } from '../../plan/support';
import { builtSite, builtStacks, ofType, workflowsOf } from './fixture';

const LAG = 'lag_threshold: "30s"';
const HOT = {
  multiAz: true,
  count: 4,
  storage: 'type: "DISK" size: "500GB" iops: 3000',
  synchronization: LAG,
} as const;
const WARM = { method: 'log_shipping', synchronization: LAG } as const;
const COLD = { method: 'backup_restore', count: 0 } as const;
const RDS = 'primary_site: { database: "rds" database_id: "arn:aws:rds:eu-west-1:111122223333:db:orders" }';

const WATCHED = {
  activation:
    'automated: true trigger_conditions: ["primary_site_unreachable", "database_unreachable"] estimated_time: "30m"',
} as const;
const URLS = 'primary_site: { health_urls: ["https://a.example.com/"] }';

/** What the workflows are. */
function definitions(template: Template): string {
  return JSON.stringify(ofType(template, 'AWS::StepFunctions::StateMachine'));
}

/** What the rules that hear alarms ask for. */
function heardAlarms(template: Template): readonly string[] {
  const patterns = ofType(template, 'AWS::Events::Rule').map(({ EventPattern }) => JSON.stringify(EventPattern));
  return patterns.filter((one) => one.includes('aws.cloudwatch'));
}

/** How many resources of each type there are. */
function bill(types: readonly string[]): Readonly<Record<string, number>> {
  const counted: Record<string, number> = {};
  for (const type of types) counted[type] = (counted[type] ?? 0) + 1;
  return counted;
}

const COMMON = {
  'AWS::AutoScaling::AutoScalingGroup': 1,
  'AWS::EC2::FlowLog': 1,
  'AWS::EC2::VPC': 1,
  'AWS::EC2::VPCEndpoint': 1,
  'AWS::ElasticLoadBalancingV2::LoadBalancer': 1,
  'AWS::KMS::Key': 1,
  'AWS::SNS::Topic': 1,
  'AWS::DynamoDB::Table': 1,
  'AWS::StepFunctions::StateMachine': 2,
};

describe('what a site is made of', () => {
  test('a hot one: a NAT, a subnet of each kind in three zones, two machines with a database, an alarm for each', () => {
    expect(bill(resourceTypes(builtSite(HOT).template))).toMatchObject({
      ...COMMON,
      'AWS::EC2::NatGateway': 1,
      'AWS::EC2::Subnet': 9,
      'AWS::EC2::Instance': 2,
      'AWS::EC2::Volume': 2,
      'AWS::EC2::VolumeAttachment': 2,
      // How far each is behind, and a backup that failed.
      'AWS::CloudWatch::Alarm': 3,
      // Its state, and who touched it.
      'AWS::S3::Bucket': 2,
    });
  });

  test('a warm one: an archive besides, one machine', () => {
    expect(bill(resourceTypes(builtSite(WARM).template))).toMatchObject({
      ...COMMON,
      'AWS::EC2::NatGateway': 1,
      'AWS::EC2::Instance': 1,
      'AWS::S3::Bucket': 3,
      'AWS::CloudWatch::Alarm': 2,
    });
  });

  test('a cold one: no NAT, no address that is paid for, a schedule that starts its machine', () => {
    const counted = bill(resourceTypes(builtSite(COLD).template));
    expect(counted).toMatchObject({ ...COMMON, 'AWS::EC2::Instance': 1, 'AWS::Scheduler::Schedule': 1 });
    expect(counted['AWS::EC2::NatGateway']).toBeUndefined();
    expect(counted['AWS::EC2::EIP']).toBeUndefined();
  });

  test('where the primary is in RDS: a replica and no machine', () => {
    const counted = bill(resourceTypes(builtSite({ ...HOT, storage: undefined as never }, RDS).template));
    expect(counted).toMatchObject({ ...COMMON, 'AWS::RDS::DBInstance': 1, 'AWS::RDS::DBSubnetGroup': 1 });
    expect(counted['AWS::EC2::Instance']).toBeUndefined();
  });

  test('without a database: machines and a balancer', () => {
    expect(bill(resourceTypes(builtSite({ engine: '' }).template))['AWS::EC2::Instance']).toBeUndefined();
  });

  test.each([
    ['hot', HOT, undefined],
    ['warm', WARM, undefined],
    ['cold', COLD, undefined],
    ['replica', { synchronization: LAG }, RDS],
  ] as const)('each node of a %s site is in its template', (_, parts, deployment) => {
    const { site, template } = builtSite(parts, deployment);
    const text = JSON.stringify(template.toJSON());
    expect(
      nodesOf(site as never)
        .map(({ id }) => id)
        .filter((id) => !text.includes(JSON.stringify(id))),
    ).toEqual([]);
  });
});

describe('data stays', () => {
  test('volumes, buckets, keys and replicas outlive their stack', () => {
    const kept = [
      'AWS::DynamoDB::Table',
      'AWS::EC2::Volume',
      'AWS::KMS::Key',
      'AWS::RDS::DBInstance',
      'AWS::S3::Bucket',
    ];
    const built = [builtSite(HOT), builtSite(WARM), builtSite({ synchronization: LAG }, RDS)];
    const found = built.flatMap(({ template }) => resources(template)).filter(({ Type }) => kept.includes(Type));
    expect([...new Set(found.map(({ Type }) => Type))].sort()).toEqual(kept);
    // What has a name of its own and nothing in it yet goes with a deployment that failed.
    const named = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket'];
    for (const { Type, DeletionPolicy, UpdateReplacePolicy } of found)
      expect([Type, DeletionPolicy, UpdateReplacePolicy]).toEqual([
        ...[Type, named.includes(Type) ? 'RetainExceptOnCreate' : 'Retain'],
        'Retain',
      ]);
  });

  test('segments of the archive go by their age, and nothing that the archive is lost without', () => {
    const { site, template } = builtSite(WARM);
    const rules = ofType(template, 'AWS::S3::Bucket').flatMap(
      ({ LifecycleConfiguration }) =>
        (LifecycleConfiguration as { Rules: { Prefix?: string; ExpirationInDays?: number }[] }).Rules,
    );
    const [segments] = rules.filter(({ Prefix }) => Prefix !== undefined);
    expect(segments?.ExpirationInDays).toBe(site.synchronization.archive?.days);
    const goes = (key: string) => key.startsWith(segments?.Prefix ?? 'nothing');
    expect(goes('there/archive/hypdr_there/16-1/0000000100000000/00000001.zst')).toBe(true);
    expect(goes('there/archive/hypdr_there/archive.info')).toBe(false);
    expect(goes('there/backup/hypdr_there/backup.info')).toBe(false);
  });
});

describe('machines with a database', () => {
  test('are at fixed addresses in zones of their own, and are made of one version of their template', () => {
    const { template } = builtSite(HOT);
    const machines = ofType(template, 'AWS::EC2::Instance');
    const addresses = machines.map(({ NetworkInterfaces }) => (NetworkInterfaces as { PrivateIpAddress: string }[])[0]);
    const ranges = ofType(template, 'AWS::EC2::Subnet').map(({ CidrBlock }) => String(CidrBlock));
    for (const one of addresses) {
      const range = (one?.PrivateIpAddress ?? '').replace(/\d+$/, '0/24');
      expect(ranges).toContain(range);
    }
    expect(new Set(addresses.map((one) => one?.PrivateIpAddress)).size).toBe(2);
    for (const { LaunchTemplate } of machines)
      expect(LaunchTemplate).toMatchObject({ Version: { Ref: 'DatabaseMachines' } });
    template.hasParameter('DatabaseMachines', { Default: '1' });
  });

  test('go with "removed", and leave their volumes', () => {
    const { template } = builtSite(HOT);
    template.allResources('AWS::EC2::Instance', { Condition: 'DatabaseMachinesPresent' });
    template.allResources('AWS::EC2::VolumeAttachment', { Condition: 'DatabaseMachinesPresent' });
    for (const volume of Object.values(template.findResources('AWS::EC2::Volume')))
      expect(volume).not.toHaveProperty('Condition');
  });

  test('read one secret, the lease and the archive, and write numbers of sites', () => {
    const { template } = builtSite(WARM);
    const roles = JSON.stringify(template.findResources('AWS::IAM::Role'));
    expect(roles).toContain('secret:hypnoscript/orders/replication-??????');
    const machines = ofType(template, 'AWS::IAM::Role').filter((role) =>
      JSON.stringify(role).includes('ec2.amazonaws'),
    );
    const statements = machines.flatMap(({ Policies = [] }) =>
      (Policies as { PolicyDocument: { Statement: { Effect: string; Action: string | string[] }[] } }[]).flatMap(
        ({ PolicyDocument }) => PolicyDocument.Statement,
      ),
    );
    const actions = statements.flatMap(({ Effect, Action }) => (Effect === 'Allow' ? Action : []));
    expect([...new Set(actions)].sort()).toEqual([
      'cloudwatch:PutMetricData',
      'kms:Decrypt',
      's3:GetObject',
      's3:ListBucket',
      'secretsmanager:GetSecretValue',
    ]);
  });

  test('are told of by an alarm when they say nothing', () => {
    const { template } = builtSite(HOT);
    for (const MetricName of ['LagSeconds', 'LagSeconds2'])
      template.hasResourceProperties('AWS::CloudWatch::Alarm', {
        MetricName,
        Threshold: 30,
        TreatMissingData: 'breaching',
        AlarmActions: [Match.anyValue()],
      });
  });
});

describe('the group of machines', () => {
  test('has no number of its own, grows with the load and never shrinks by itself', () => {
    const { template, site } = builtSite({ ...HOT, count: 4 });
    expect(site.compute.autoScaling).toBe(false);
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
      DesiredCapacity: Match.absent(),
      MinSize: '4',
      MaxSize: `${site.compute.active.most}`,
      HealthCheckType: 'EC2',
    });
    template.hasResource('AWS::AutoScaling::AutoScalingGroup', {
      UpdatePolicy: { AutoScalingScheduledAction: { IgnoreUnmodifiedGroupSizeProperties: true } },
    });
  });

  test('starts machines with encrypted disks, and no way to their credentials for forged requests', () => {
    const { template } = builtSite(HOT);
    for (const { LaunchTemplateData } of ofType(template, 'AWS::EC2::LaunchTemplate')) {
      const data = LaunchTemplateData as {
        MetadataOptions: object;
        BlockDeviceMappings: { Ebs: { Encrypted: boolean } }[];
      };
      expect(data.MetadataOptions).toMatchObject({ HttpTokens: 'required' });
      expect(data.BlockDeviceMappings.every(({ Ebs }) => Ebs.Encrypted)).toBe(true);
    }
  });
});

describe('a replica of RDS', () => {
  test('leaves out what it takes from its source, and what RDS refuses beside one', () => {
    const { template } = builtSite({ multiAz: true, synchronization: LAG }, RDS);
    const [replica] = ofType(template, 'AWS::RDS::DBInstance');
    expect(replica).toMatchObject({
      SourceRegion: 'eu-west-1',
      SourceDBInstanceIdentifier: 'arn:aws:rds:eu-west-1:111122223333:db:orders',
      MultiAZ: true,
      DeletionProtection: true,
      PubliclyAccessible: false,
    });
    for (const name of ['Engine', 'StorageEncrypted', 'Iops', 'AllocatedStorage', 'BackupRetentionPeriod'])
      expect(replica).not.toHaveProperty(name);
  });

  test('has a name of its own, which CloudFormation does not replace', () => {
    const { template } = builtSite({ synchronization: LAG }, RDS);
    template.hasResourceProperties('AWS::RDS::DBInstance', { DBInstanceIdentifier: { Ref: 'ReplicaName' } });
  });
});

describe('what an activation changes', () => {
  test('is in no template: a deployment during one changes nothing that it set', () => {
    const texts = [builtSite(HOT), builtSite({ synchronization: LAG }, RDS)].map(({ template }) =>
      JSON.stringify(template.toJSON()),
    );
    for (const text of texts) {
      expect(text).not.toContain('"DesiredCapacity":');
      // The lease: only a workflow writes it.
      expect(text).not.toContain('AWS::S3::Object');
    }
  });

  test('a newer image or runner reaches no database machine that is there', () => {
    const { template } = builtSite(COLD);
    for (const instance of ofType(template, 'AWS::EC2::Instance')) {
      expect(JSON.stringify(instance)).not.toContain('LatestVersionNumber');
      for (const name of ['ImageId', 'UserData', 'InstanceType']) expect(instance).not.toHaveProperty(name);
    }
  });

  test('definitions of both workflows are what Step Functions takes', () => {
    const { template } = builtSite(HOT);
    for (const definition of workflowsOf(template))
      expect(validate(definition as never, { checkArn: false }).errorsText()).toBe('');
  });

  test('its primary has a lease once the stack is there, and no later deployment gives one', () => {
    const { template, site } = builtSite(COLD);
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.cloudformation'],
        detail: { 'stack-id': [{ Ref: 'AWS::StackId' }], 'status-details': { status: ['CREATE_COMPLETE'] } },
      },
      Targets: [Match.objectLike({ Input: JSON.stringify({ confirm: site.name, lease: 'first' }) })],
    });
  });

  test('only where the spec says so a watch starts it, and only with what both alarms say', () => {
    const watched = builtSite(
      {
        ...HOT,
        ...WATCHED,
      },
      URLS,
    );
    const heard = heardAlarms(watched.template);
    expect(heard.map((one) => /"alarmName":\["([^"]+)"\],"state":\{"value":\["(\w+)"/.exec(one)?.slice(1))).toEqual([
      [`${watched.site.prefix}-primary`, 'ALARM'],
      [`${watched.site.prefix}-primary`, 'OK'],
      [`${watched.site.prefix}-behind`, 'ALARM'],
    ]);
    expect(heardAlarms(builtSite(HOT).template)).toEqual([]);
    // Nothing asks the primary: there is no alarm that a rule could hear.
    expect(heardAlarms(builtSite({ ...HOT, ...WATCHED }).template)).toEqual([]);
  });

  test.each([
    ['a standby', HOT, URLS],
    ['a replica', { synchronization: LAG }, URLS.replace('primary_site: {', `${RDS.slice(0, -1)}`)],
  ] as const)('%s that is broken or new is no sign that the primary is gone', (_, parts, deployment) => {
    const { template, site } = builtSite({ ...parts, ...WATCHED }, deployment);
    const [told, sign] = ['lag', 'behind'].map((name) =>
      ofType(template, 'AWS::CloudWatch::Alarm').find(({ AlarmName }) => AlarmName === `${site.prefix}-${name}`),
    );
    expect(told).toMatchObject({ TreatMissingData: 'breaching', AlarmActions: [expect.anything()] });
    expect(sign).toMatchObject({ TreatMissingData: 'notBreaching', MetricName: told?.['MetricName'] });
    expect(sign).not.toHaveProperty('AlarmActions');
    expect(definitions(template)).toContain(`${site.prefix}-behind`);
    expect(definitions(template)).not.toContain(`${site.prefix}-lag`);
  });

  test('a database that only restores measures nothing: its site asks for no second sign', () => {
    const { template, site } = builtSite({ ...COLD, synchronization: LAG, ...WATCHED }, URLS);
    expect(definitions(template)).not.toContain('describeAlarms');
    expect(JSON.stringify(template.toJSON())).not.toContain(`${site.prefix}-behind`);
  });

  test("what can be promoted is asked for by a document of its own, which the machine's program answers", () => {
    const { template, site } = builtSite(HOT);
    template.hasResourceProperties('AWS::SSM::Document', {
      Name: `${site.prefix}-able`,
      Content: {
        mainSteps: [
          {
            inputs: {
              runCommand: Match.arrayWith(['/usr/local/sbin/hypdr-standby able']),
            },
          },
        ],
      },
    });
    expect(definitions(template)).toContain(`${site.prefix}-able`);
    expect(definitions(builtSite(COLD).template)).not.toContain('-able');
  });
});

describe('what watches a primary', () => {
  const automated = {
    ...HOT,
    activation: 'automated: true trigger_conditions: ["primary_site_unreachable"] estimated_time: "30m"',
  };
  const urls = (list: string) => `primary_site: { health_urls: [${list}] }`;

  test('is a stack where health checks report, and tells the region of the site', () => {
    const [, stack] = builtStacks(automated, urls('"https://a.example.com/", "https://b.example.com/"'));
    const template = need(stack, 'stack').template;
    expect(need(stack, 'stack').region).toBe('us-east-1');
    expect(resourceTypes(template)).toEqual([
      'AWS::CloudWatch::Alarm',
      'AWS::Events::Rule',
      'AWS::IAM::Role',
      'AWS::Route53::HealthCheck',
      'AWS::Route53::HealthCheck',
      'AWS::Route53::HealthCheck',
    ]);
    // Gone is a primary of which no address answers.
    template.hasResourceProperties('AWS::Route53::HealthCheck', {
      HealthCheckConfig: { Type: 'CALCULATED', HealthThreshold: 1 },
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { TreatMissingData: 'ignore' });
    expect(JSON.stringify(ofType(template, 'AWS::Events::Rule'))).toContain(':events:eu-central-1:');
  });

  test('tells no other region where health checks report in its own: it would tell itself for ever', () => {
    const [, stack] = builtStacks({ ...automated, region: 'us-east-1' }, urls('"https://a.example.com/"'));
    expect(resourceTypes(need(stack, 'stack').template)).toEqual([
      'AWS::CloudWatch::Alarm',
      'AWS::Route53::HealthCheck',
    ]);
  });

  test('is not there where a person decides, or where there is nothing to ask', () => {
    expect(builtStacks(HOT, urls('"https://a.example.com/"'))).toHaveLength(1);
    expect(builtStacks(automated)).toHaveLength(1);
  });
});
