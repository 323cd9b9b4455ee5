import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { createApp } from '../../lib/aws/app';
import { TaskNetwork } from '../../lib/aws/network';

/** Where containers run that have no way out, and those of them that copy from other clouds. */
function template(copies: boolean): Template {
  const stack = new Stack(createApp(), 'here', { env: { region: 'eu-west-1' } });
  const key = new Key(stack, 'key');
  new TaskNetwork(stack, 'network', {
    network: {
      id: 'aws.network',
      from: [],
      kind: 'isolated',
      cidr: '10.99.0.0/16',
      copies,
    },
    key,
    logGroupName: 'flow',
  });
  return Template.fromStack(stack);
}

const RULE = 'AWS::EC2::SecurityGroupIngress';
const from = (word: string) => ({
  FromPort: 443,
  SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp(word), 'GroupId'] },
});

test('copy jobs reach the endpoints too: in their network names of services lead there, whatever other way they have', () => {
  const made = template(true);
  made.hasResourceProperties(RULE, from('networkcontainers'));
  made.hasResourceProperties(RULE, from('networkcopiers'));
});

test('without copies nobody else reaches them', () => {
  const made = template(false);
  made.resourceCountIs(RULE, 1);
  made.hasResourceProperties(RULE, from('networkcontainers'));
});
