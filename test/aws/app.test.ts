import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { createApp } from '../../lib/aws/app';
import { FEATURE_FLAGS } from '../../lib/aws/flags';
import { STORE, REPLICAS } from './fixture';
import { templatesOf } from './support';

const plans = [{ ...STORE, after: [] }, REPLICAS];
const texts = () => [...templatesOf(plans).values()].map((template) => JSON.stringify(template.toJSON()));

describe('createApp', () => {
  afterEach(() => {
    delete process.env['CDK_CONTEXT_JSON'];
  });

  test('makes the same templates when the command line asks for other flags and for metadata', () => {
    const plain = texts();
    process.env['CDK_CONTEXT_JSON'] = JSON.stringify({
      ...Object.fromEntries(Object.keys(FEATURE_FLAGS).map((flag) => [flag, false])),
      'aws:cdk:enable-path-metadata': true,
      'aws:cdk:enable-asset-metadata': true,
      'aws:cdk:version-reporting': true,
    });
    expect(texts()).toEqual(plain);
  });

  test('makes the same templates twice', () => {
    expect(texts()).toEqual(texts());
  });

  test('puts neither construct paths nor the version of the library into a template', () => {
    for (const text of texts()) {
      expect(text).not.toContain('aws:cdk:path');
      expect(text).not.toContain('AWS::CDK::Metadata');
    }
  });

  test('fails the synthesis of a stack that breaks a rule of ours', () => {
    const stack = new Stack(createApp(), 'test');
    new CfnBucket(stack, 'Bucket');
    expect(() => Template.fromStack(stack)).toThrow(/buckets and keys outlive their stack/);
  });
});
