import validate from 'asl-validator';
import { Match } from 'aws-cdk-lib/assertions';
import type { Template } from 'aws-cdk-lib/assertions';
import { need } from '../../plan/support';
import { builtSite, ofType, workflowsOf } from './fixture';

const LAG = 'lag_threshold: "30s"';
const HOT = {
  multiAz: true,
  count: 4,
  storage: 'type: "DISK" size: "500GB" iops: 3000',
  synchronization: LAG,
} as const;

describe('the name that clients know', () => {
  const ANSWERS = 'health_urls: ["https://origin.example.com:8443/health"]';
  const PRIMARY = `address: "origin.example.com" ${ANSWERS}`;
  const dns = (primary: string) =>
    `dns: { zone: "example.com" record: "app.example.com" provider: "AWS" } primary_site: { ${primary} }`;
  const OF_RDS = `${PRIMARY} database: "rds" database_id: "arn:aws:rds:eu-west-1:111122223333:db:orders"`;
  const REPLICA = { synchronization: LAG } as const;

  type Check = Readonly<Record<string, unknown>>;

  function checkOf(template: Template, id: unknown): Check {
    const { 'Fn::GetAtt': [name = ''] = [] } = id as { readonly 'Fn::GetAtt'?: readonly string[] };
    const { Properties: found } = template.findResources('AWS::Route53::HealthCheck')[name] as {
      readonly Properties: { readonly HealthCheckConfig: Check };
    };
    return found.HealthCheckConfig;
  }

  /** What the record of a side depends on: the check itself, or those that it counts. */
  function decides(template: Template, side: 'PRIMARY' | 'SECONDARY'): readonly Check[] {
    const record = ofType(template, 'AWS::Route53::RecordSet').find(({ Failover }) => Failover === side);
    const check = checkOf(template, need(record, side)['HealthCheckId']);
    const children = (check['ChildHealthChecks'] ?? []) as readonly unknown[];
    return [check, ...children.map((id) => checkOf(template, id))];
  }

  const active = (inverted: boolean) =>
    expect.objectContaining({
      Type: 'CLOUDWATCH_METRIC',
      Inverted: inverted,
      InsufficientDataHealthStatus: 'LastKnownStatus',
    }) as unknown;
  const counts = (least: number) => expect.objectContaining({ Type: 'CALCULATED', HealthThreshold: least }) as unknown;

  test("is the site's once its database says that it is promoted, and both records have one type", () => {
    const { template, site } = builtSite(HOT, dns(PRIMARY));
    const records = ofType(template, 'AWS::Route53::RecordSet');
    expect(records.map(({ Failover, Type }) => [Failover, Type])).toEqual([
      ['SECONDARY', 'CNAME'],
      ['PRIMARY', 'CNAME'],
    ]);
    expect(decides(template, 'SECONDARY')).toEqual([
      counts(1),
      expect.objectContaining({ Type: 'HTTP', Port: 8008, ResourcePath: '/ready' }),
      active(true),
    ]);
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      Port: 8008,
      TargetType: 'ip',
      HealthCheckPath: '/ready',
    });
    expect(JSON.stringify(template.toJSON())).toContain(`"${need(site.activation.dns, 'dns').id}"`);
  });

  test.each([
    ['with machines', HOT, PRIMARY],
    ['with a replica of RDS', REPLICA, OF_RDS],
    ['without a database', { engine: '' }, PRIMARY],
  ] as const)('leads to a primary %s only while that answers and the site is not active', (_, parts, primary) => {
    expect(decides(builtSite(parts, dns(primary)).template, 'PRIMARY')).toEqual([
      counts(2),
      expect.objectContaining({ Type: 'HTTPS', Port: 8443, ResourcePath: '/health' }),
      active(false),
    ]);
  });

  test('leads to a replica once it was promoted: machines that answer before are not asked', () => {
    expect(decides(builtSite(REPLICA, dns(OF_RDS)).template, 'SECONDARY')).toEqual([active(true)]);
  });

  test('leads to a site without a database as soon as that answers: it has nothing to promote', () => {
    expect(decides(builtSite({ engine: '' }, dns(PRIMARY)).template, 'SECONDARY')).toEqual([
      counts(1),
      expect.objectContaining({ Type: 'TCP' }),
      active(true),
    ]);
  });

  test("whoever keeps the primary's record is told what it has to follow besides", () => {
    const { template } = builtSite(HOT, dns(ANSWERS));
    expect(Object.keys(template.findOutputs('AsleepHealthCheck'))).toHaveLength(1);
    expect(Object.keys(builtSite(HOT, dns(PRIMARY)).template.findOutputs('AsleepHealthCheck'))).toHaveLength(0);
  });

  test('whether it is active is said each minute in its own region, and who stops saying it is told of', () => {
    const { template, site } = builtSite(HOT, dns(PRIMARY));
    const name = `${site.prefix}-active`;
    const number = {
      Namespace: 'HypnoScript/Site',
      MetricName: 'Active',
      Dimensions: [{ Name: 'Site', Value: site.prefix }],
    };
    const alarms = Object.entries(template.findResources('AWS::CloudWatch::Alarm'));
    const [id] = need(
      alarms.find(([, { Properties: one }]) => (one as { AlarmName?: string }).AlarmName === name),
      name,
    );
    for (const { AlarmIdentifier } of [decides(template, 'PRIMARY')[2], decides(template, 'SECONDARY')[2]] as Check[])
      expect(AlarmIdentifier).toEqual({ Name: { Ref: id }, Region: site.region });
    // Route 53 takes plain statistics only, and would copy no more than this.
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...number,
      ...{ AlarmName: name, Statistic: 'Maximum', Period: 60, EvaluationPeriods: 1, Threshold: 1 },
      ...{ ComparisonOperator: 'GreaterThanOrEqualToThreshold', DatapointsToAlarm: Match.absent() },
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...number,
      ...{ AlarmName: `${name}-silent`, TreatMissingData: 'breaching' },
      AlarmActions: Match.anyValue(),
    });
    template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(1 minute)' });
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineName: `${site.prefix}-report`,
      StateMachineType: 'EXPRESS',
    });
    for (const definition of workflowsOf(template))
      expect(validate(definition as never, { checkArn: false }).errorsText()).toBe('');
  });

  test('the plan counts the time that the name takes to move: said, counted, and forgotten', () => {
    const { template, site } = builtSite(HOT, dns(PRIMARY));
    const [record] = ofType(template, 'AWS::Route53::RecordSet');
    const [alarm] = ofType(template, 'AWS::CloudWatch::Alarm').filter(
      ({ AlarmName }) => AlarmName === `${site.prefix}-active`,
    );
    const minute = ofType(template, 'AWS::Events::Rule').some((one) => one['ScheduleExpression'] === 'rate(1 minute)');
    expect(minute).toBe(true);
    expect(need(site.activation.dns, 'dns').moveSeconds).toBe(
      60 + Number(alarm?.['Period']) * Number(alarm?.['EvaluationPeriods']) + Number(record?.['TTL']),
    );
  });

  test('who says it reads the state of the site and writes numbers of sites, and nothing else', () => {
    const { template } = builtSite(HOT, dns(PRIMARY));
    const [role] = Object.entries(template.findResources('AWS::IAM::Role')).filter(([id]) =>
      id.startsWith('activereportrole'),
    );
    const { Policies: policies } = need(role, 'role')[1]['Properties'] as {
      readonly Policies: readonly { readonly PolicyDocument: { readonly Statement: readonly Check[] } }[];
    };
    const statements = policies.flatMap(({ PolicyDocument: { Statement: each } }) => each);
    expect(statements.slice(0, 2)).toEqual([
      {
        Effect: 'Allow',
        Action: 'dynamodb:GetItem',
        Resource: { 'Fn::GetAtt': [expect.stringMatching(/^activationstate/), 'Arn'] },
      },
      {
        Effect: 'Allow',
        Action: 'cloudwatch:PutMetricData',
        Resource: '*',
        Condition: { StringEquals: { 'cloudwatch:namespace': 'HypnoScript/Site' } },
      },
    ]);
    const others = statements.slice(2).flatMap(({ Action: actions }) => actions as string | readonly string[]);
    expect(others.filter((one) => !/^(kms|logs|xray):/.test(one))).toEqual([]);
  });

  test('a site whose name nobody fails over says nothing, and has nothing for it', () => {
    const text = JSON.stringify(builtSite(HOT).template.toJSON());
    expect(text).not.toContain('putMetricData');
    expect(text).not.toContain('rate(1 minute)');
  });
});
