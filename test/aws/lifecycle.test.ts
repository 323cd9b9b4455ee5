import { HOUSEKEEPING, renderLifecycle } from '../../lib/aws/lifecycle';
import { bucketPlan, lifecycleRule } from './fixture';

const rendered = (...lifecycle: ReturnType<typeof lifecycleRule>[]) =>
  renderLifecycle(bucketPlan({ name: 'b', lifecycle, noncurrentExpireAfterDays: 50, abortMultipartAfterDays: 3 }));

describe('renderLifecycle', () => {
  test('writes the numbers of the plan as they are', () => {
    const [rule] = rendered(lifecycleRule({ name: 'tiers', prefix: 'data/' }));
    expect(rule).toMatchObject({ id: 'tiers', prefix: 'data/' });
    expect(rule?.expiration?.toDays()).toBe(2555);
    expect(rule?.transitions?.map((t) => [t.storageClass.value, t.transitionAfter?.toDays()])).toEqual([
      ['STANDARD_IA', 30],
      ['GLACIER', 90],
    ]);
  });

  test('lets a rule without an end never expire', () => {
    const [rule] = rendered(lifecycleRule({ name: 'forever', expireAfterDays: undefined }));
    expect(rule?.expiration).toBeUndefined();
  });

  test('adds one housekeeping rule for the whole bucket, after the others', () => {
    const rules = rendered(lifecycleRule({ name: 'a' }), lifecycleRule({ name: 'b' }));
    expect(rules.map(({ id }) => id)).toEqual(['a', 'b', HOUSEKEEPING]);
    const housekeeping = rules.at(-1);
    expect(housekeeping?.prefix).toBeUndefined();
    expect(housekeeping?.expiration).toBeUndefined();
    expect(housekeeping?.expiredObjectDeleteMarker).toBe(true);
    expect(housekeeping?.abortIncompleteMultipartUploadAfter?.toDays()).toBe(3);
    expect(housekeeping?.noncurrentVersionExpiration?.toDays()).toBe(50);
  });
});
