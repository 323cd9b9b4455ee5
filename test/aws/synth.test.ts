import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack, Validations } from 'aws-cdk-lib';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { createApp } from '../../lib/aws/app';
import { synthAws } from '../../lib/aws/synth';
import { addAwsStacks } from '../../stacks/aws';
import { PLANS } from './fixture';

describe('synthAws', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'hypdr-aws-'));
  beforeEach(() => jest.spyOn(console, 'error').mockReturnValue());
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => rmSync(outdir, { recursive: true, force: true }));

  test('returns the assembly with every stack of the plan', () => {
    const app = createApp({ outdir });
    addAwsStacks(app, PLANS);
    const result = synthAws(app);
    if (!result.ok) throw new Error('synthesis failed');
    expect(result.findings).toEqual([]);
    expect(result.assembly.stacks.map(({ stackName }) => stackName).sort()).toEqual(
      PLANS.map(({ name }) => name).sort(),
    );
    expect(existsSync(join(outdir, 'hypnoscript-backup-store-eu-west-1.template.json'))).toBe(true);
  });

  test('returns what a rule of ours finds, with its place and the way out', () => {
    const app = createApp({ outdir });
    const stack = new Stack(app, 'mine');
    new CfnBucket(stack, 'Bucket');
    expect(synthAws(app)).toEqual({
      ok: false,
      findings: [
        {
          source: 'hypdr',
          rule: 'kept-on-deletion',
          severity: 'error',
          message: 'buckets and keys outlive their stack: has the deletion policy Delete',
          fix: 'set the deletion policy Retain',
          construct: 'mine/Bucket',
          location: 'DeletionPolicy',
        },
      ],
    });
  });

  test('does not read the report of an earlier synthesis in the same folder', () => {
    const app = createApp({ outdir });
    new Stack(app, 'empty');
    expect(synthAws(app)).toMatchObject({ ok: true, findings: [] });
  });

  test('lets a bug of the program be one', () => {
    const app = createApp({ outdir });
    new Stack(app, 'empty').node.addValidation({ validate: () => ['broken'] });
    expect(() => synthAws(app)).toThrow(/broken/);
  });

  test('lets a plugin that crashes be a bug too', () => {
    const app = createApp({ outdir });
    new Stack(app, 'empty');
    Validations.of(app).addPlugins({
      name: 'crash',
      validate: () => {
        throw new Error('crashed');
      },
    });
    expect(() => synthAws(app)).toThrow(/crash/);
  });
});
