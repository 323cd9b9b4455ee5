import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CLI_SETTINGS } from '../../lib/aws/app';
import { FEATURE_FLAGS } from '../../lib/aws/flags';

const read = (file: string): unknown => JSON.parse(readFileSync(path.resolve(__dirname, '../..', file), 'utf8'));

describe('cdk.json', () => {
  test('says what the program says itself, so that `cdk synth` and `hypdr synth` make the same templates', () => {
    expect(read('cdk.json')).toEqual({
      app: 'node dist/bin/aws.js',
      ...CLI_SETTINGS,
      context: { spec: 'specs/hypnoscript', ...FEATURE_FLAGS },
    });
  });
});

describe('cdktf.json', () => {
  test('starts the built program, generates no bindings and reports nothing', () => {
    expect(read('cdktf.json')).toMatchObject({
      language: 'typescript',
      app: 'node dist/bin/terraform.js',
      output: 'cdktf.out',
      sendCrashReports: 'false',
      terraformProviders: [],
      terraformModules: [],
      context: { spec: 'specs/hypnoscript' },
    });
  });
});
