import { CustomResourceProvider, CustomResourceProviderRuntime, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal, User } from 'aws-cdk-lib/aws-iam';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createApp } from '../../lib/aws/app';

/** A role, a user, and the role of a function that the CDK makes for itself. */
function made(rolesBoundary?: string): Template {
  const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-'));
  try {
    writeFileSync(path.join(folder, 'index.js'), '');
    const stack = new Stack(createApp({ rolesBoundary }), 'test');
    new Role(stack, 'Role', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    new User(stack, 'User');
    CustomResourceProvider.getOrCreate(stack, 'Custom::Test', {
      codeDirectory: folder,
      runtime: CustomResourceProviderRuntime.NODEJS_22_X,
    });
    return Template.fromStack(stack);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('every role has the boundary of its own account, one that the CDK makes as well', () => {
  const template = made('boundaries/developer');
  const PermissionsBoundary = {
    'Fn::Join': [
      '',
      ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, ':policy/boundaries/developer'],
    ],
  };
  template.resourceCountIs('AWS::IAM::Role', 2);
  template.allResourcesProperties('AWS::IAM::Role', { PermissionsBoundary });
  template.allResourcesProperties('AWS::IAM::User', { PermissionsBoundary });
});

test('without one nothing is bound', () => {
  expect(JSON.stringify(made().toJSON())).not.toContain('PermissionsBoundary');
});
