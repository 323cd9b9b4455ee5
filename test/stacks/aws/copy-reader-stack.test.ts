import { Match, Template } from 'aws-cdk-lib/assertions';
import { createApp } from '../../../lib/aws/app';
import { CopyReaderStack } from '../../../stacks/aws/copy-reader-stack';
import { AWS_STORE, AZURE_STORE, GOOGLE_STORE, database, planOf, s3, spec } from '../../plan/support';

const TENANT = '22222222-0000-4000-8000-000000000000';
const orders = database('orders', s3('acme-own', 'orders/'));
const both = `${AZURE_STORE} ${GOOGLE_STORE}`;

function stackOf(cloud: string, deployment = '') {
  const plan = planOf(spec({ database: orders, cloud, deployment }));
  const [stack] = plan.awsReaders;
  return { stack, template: stack && Template.fromStack(new CopyReaderStack(createApp(), stack)) };
}

test('who copies out of AWS is known by the tokens of its own cloud, and by nothing else', () => {
  const { stack, template } = stackOf(both, `azure: { tenant: "${TENANT}" }`);
  const issuer = `sts.windows.net/${TENANT}/`;
  template?.hasParameter('GoogleCopiers', { Type: 'CommaDelimitedList', Default: 'nobody' });
  template?.hasParameter('AzureCopiers', { Type: 'CommaDelimitedList', Default: 'nobody' });
  template?.hasResourceProperties('AWS::IAM::OIDCProvider', {
    Url: `https://${issuer}`,
    ClientIdList: [{ Ref: 'AzureAudience' }],
  });
  const trust = (name: string, principal: unknown, conditions: object) =>
    template?.hasResourceProperties('AWS::IAM::Role', {
      RoleName: name,
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Action: 'sts:AssumeRoleWithWebIdentity',
            Effect: 'Allow',
            Principal: { Federated: principal },
            Condition: { StringEquals: conditions },
          },
        ],
      },
    });
  trust('hypnoscript-copies-to-google', 'accounts.google.com', {
    'accounts.google.com:oaud': 'sts.amazonaws.com',
    'accounts.google.com:sub': { Ref: 'GoogleCopiers' },
  });
  trust(
    'hypnoscript-copies-to-azure',
    { 'Fn::GetAtt': [Match.stringLikeRegexp('provider'), 'Arn'] },
    {
      [`${issuer}:aud`]: { Ref: 'AzureAudience' },
      [`${issuer}:sub`]: { Ref: 'AzureCopiers' },
    },
  );
  template?.hasOutput('GoogleCopierRole', {});
  const text = JSON.stringify(template?.toJSON());
  const ids = [stack?.id, ...(stack?.readers.map(({ id }) => id) ?? [])];
  expect(ids.filter((id) => !text.includes(`"${id}"`))).toEqual([]);
});

test('without a tenant no token of Entra ID is trusted, and nothing is read where nothing is copied', () => {
  expect(stackOf(both).stack?.readers.map(({ cloud }) => cloud)).toEqual(['google']);
  expect(stackOf(AZURE_STORE).stack).toBeUndefined();
  expect(stackOf(AWS_STORE).stack).toBeUndefined();
});

test('a bucket of many data sets is read as a whole: a policy has an end', () => {
  const many = Array.from({ length: 40 }, (_, index) => database(`set${index}`, s3('acme-own', `set${index}/`))).join(
    ' ',
  );
  const [stack] = planOf(spec({ database: many, cloud: GOOGLE_STORE, deployment: 'task_shards: 8' })).awsReaders;
  const template = stack && Template.fromStack(new CopyReaderStack(createApp(), stack));
  const [role] = Object.values(template?.findResources('AWS::IAM::Role') ?? {});
  const policies = JSON.stringify((role as { Properties: { Policies: unknown } }).Properties.Policies);
  expect(policies).toContain('acme-own/*');
  // Inline policies of a role: 10,240 characters in all.
  expect(policies.length).toBeLessThan(10_240);
});
