import { Stack } from 'aws-cdk-lib';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { createApp } from '../../../lib/aws/app';
import { synthAws } from '../../../lib/aws/synth';
import { addAwsStacks } from '../../../stacks/aws';
import { PLANS } from '../../aws/fixture';

describe('the validation that is built into aws-cdk-lib', () => {
  beforeEach(() => jest.spyOn(console, 'error').mockReturnValue());
  afterEach(() => jest.restoreAllMocks());

  test('finds neither errors nor warnings in the stacks of a plan', () => {
    const app = createApp();
    // fails on warnings too
    app.node.setContext('@aws-cdk/core:strictCfnValidateErrors', true);
    addAwsStacks(app, PLANS);
    expect(synthAws(app)).toMatchObject({ ok: true, findings: [] });
  });

  function bucketWith(properties: Record<string, unknown>) {
    const app = createApp();
    const bucket = new CfnBucket(new Stack(app, 'mine'), 'Bucket', { versioningConfiguration: { status: 'Enabled' } });
    bucket.addOverride('DeletionPolicy', 'Retain');
    bucket.addOverride('UpdateReplacePolicy', 'Retain');
    for (const [path, value] of Object.entries(properties)) bucket.addPropertyOverride(path, value);
    return synthAws(app);
  }

  test('is quiet about a good bucket', () => {
    expect(bucketWith({})).toMatchObject({ ok: true, findings: [] });
  });

  test('calls a value that CloudFormation does not know a warning, which ends the synthesis all the same', () => {
    const result = bucketWith({ 'VersioningConfiguration.Status': 'enabled' });
    expect(result.ok).toBe(false);
    expect(result.findings).toEqual([
      expect.objectContaining({ rule: 'W3030', severity: 'warning', construct: 'mine/Bucket' }),
    ]);
  });

  test('ends the synthesis with its errors', () => {
    const result = bucketWith({ NoSuchProperty: 1 });
    expect(result.ok).toBe(false);
    expect(result.findings.map(({ construct }) => construct)).toContain('mine/Bucket');
  });
});
