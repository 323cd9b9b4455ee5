import path from 'node:path';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { createApp } from '../../../lib/aws/app';
import { uploadsOf } from '../../../lib/cli/uploads';
import { addAwsStacks, addAwsTaskStacks } from '../../../stacks/aws';
import { AWS_STORE, database, planOf, spec } from '../../plan/support';

/** Copies of what lies on Azure, pulled by a job on AWS. */

const uploads = uploadsOf(path.resolve(__dirname, '../../..'));
const azure = 'azure: { storage_account: "acmeown" container: "own" path: "orders/" }';

function stacksOf(deployment = '') {
  const plan = planOf(
    spec({
      window: 'start: "02:00" end: "06:00" timezone: "Europe/Berlin"',
      database: database('orders', azure),
      cloud: AWS_STORE,
      deployment,
    }),
  );
  const app = createApp();
  const stacks = addAwsTaskStacks(app, { plan, uploads, stores: addAwsStacks(app, plan.aws) });
  const named = (part: string) => {
    const stack = stacks.find(({ stackName }) => stackName.includes(part));
    if (!stack) throw new Error(part);
    return Template.fromStack(stack);
  };
  return { plan, shared: named('shared-tasks'), shard: named('-tasks-eu-west-1-1of1') };
}

const { plan, shared, shard } = stacksOf();

test('each data set has one, once a night after the window', () => {
  const [job] = plan.awsTasks.shards[0]?.tasks ?? [];
  expect(job).toMatchObject({
    id: 'aws.copies.orders',
    reads: ['azure'],
    host: null,
    local: null,
    stores: [{ bucket: 'acme-all', prefixes: ['data/orders/'] }],
    schedules: [{ command: 'copy' }, { command: 'prune' }, { command: 'verify' }],
  });
  expect(job).not.toHaveProperty('secret');
  const [copy] = plan.copies;
  expect(copy?.schedule).toEqual(job?.schedules[0]?.schedule);
  shard.hasResourceProperties('AWS::Scheduler::Schedule', {
    Name: 'orders-copy',
    ScheduleExpression: Match.stringLikeRegexp('^cron\\(\\d+ [67] \\* \\* \\? \\*\\)$'),
    ScheduleExpressionTimezone: 'Europe/Berlin',
  });
});

test('the job says who it is, and asks for tokens of one audience only', () => {
  shard.hasResourceProperties('AWS::ECS::TaskDefinition', {
    ContainerDefinitions: [
      Match.objectLike({
        Environment: [
          { Name: 'HYPDR_IDENTITY', Value: 'aws' },
          { Name: 'HYPDR_AZURE_TENANT_ID', Value: { Ref: 'AzureCopierTenantId' } },
          { Name: 'HYPDR_AZURE_CLIENT_ID', Value: { Ref: 'AzureCopierClientId' } },
        ],
      }),
    ],
  });
  for (const name of ['AzureCopierTenantId', 'AzureCopierClientId']) {
    shard.hasParameter(name, { Default: '', AllowedPattern: Match.stringLikeRegexp('^\\^\\(') });
  }
  shard.hasOutput('CopierSubjects', { Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('copier'), 'Arn'] } });
  shard.hasResourceProperties('AWS::IAM::Role', {
    Description: 'copier of orders',
    Policies: [
      {
        PolicyDocument: {
          Statement: Match.arrayWith([
            {
              Action: 'sts:GetWebIdentityToken',
              Effect: 'Allow',
              Resource: '*',
              Condition: {
                'ForAllValues:StringLike': { 'sts:IdentityTokenAudience': ['api://AzureADTokenExchange'] },
                NumericLessThanEquals: { 'sts:DurationSeconds': 300 },
              },
            },
          ]),
        },
      },
    ],
  });
});

test('it has subnets of its own with a way out, HTTPS only, and an address only while it runs', () => {
  const subnets = Object.values(shared.findResources('AWS::EC2::Subnet'));
  expect(subnets).toHaveLength(4);
  for (const { Properties } of subnets) expect(Properties).toMatchObject({ MapPublicIpOnLaunch: false });
  shared.hasResourceProperties('AWS::EC2::SecurityGroup', {
    GroupDescription: Match.stringLikeRegexp('^Copy jobs'),
    SecurityGroupEgress: [Match.objectLike({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443, IpProtocol: 'tcp' })],
    SecurityGroupIngress: Match.absent(),
  });
  const [machine] = Object.values(shard.findResources('AWS::StepFunctions::StateMachine'));
  const text = JSON.stringify(machine);
  expect(text.match(/AssignPublicIp\\":\\"ENABLED/g)).toHaveLength(1);
  expect(text).toContain('backup-copy-subnet-1');
});

test('in a network that exists its owner decides about the way out', () => {
  const existing = stacksOf('network: { aws: { network: "vpc-1" subnets: ["subnet-1" "subnet-2"] } }');
  existing.shared.resourceCountIs('AWS::EC2::Subnet', 0);
  const [machine] = Object.values(existing.shard.findResources('AWS::StepFunctions::StateMachine'));
  expect(JSON.stringify(machine)).not.toContain('ENABLED');
});
