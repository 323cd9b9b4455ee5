import { readFileSync } from 'node:fs';
import { FEATURE_FLAGS, FLAG_EXCEPTIONS } from '../../lib/aws/flags';

const recommended = JSON.parse(
  readFileSync(require.resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8'),
) as Record<string, unknown>;

describe('FEATURE_FLAGS', () => {
  test('are the flags that this version of the library recommends, but for the exceptions', () => {
    const exceptions = Object.fromEntries(Object.entries(FLAG_EXCEPTIONS).map(([flag, { value }]) => [flag, value]));
    expect(FEATURE_FLAGS).toEqual({ ...recommended, ...exceptions });
  });

  test('turn the built-in rules and literal partitions on', () => {
    expect(FEATURE_FLAGS).toMatchObject({
      '@aws-cdk/core:validateAgainstDefaultRules': true,
      '@aws-cdk/core:annotationsInValidationReport': true,
      '@aws-cdk/core:enablePartitionLiterals': true,
    });
  });

  test.each(Object.entries(FLAG_EXCEPTIONS))('%s differs from the recommendation and says why', (flag, exception) => {
    expect(recommended[flag]).not.toEqual(exception.value);
    expect(exception.reason).toMatch(/\w+ \w+/);
  });
});
