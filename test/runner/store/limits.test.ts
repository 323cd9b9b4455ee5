import { AZURE_LIMITS, GCS_LIMITS, S3_LIMITS, largestBytes, partBytes } from '../../../lib/runner/store/limits';

const sum = (parts: number, limits: typeof S3_LIMITS) => {
  let bytes = 0;
  for (let number = 1; number <= parts; number += 1) bytes += partBytes(number, limits);
  return bytes;
};

describe('part sizes', () => {
  it('stay small as long as the object is', () => {
    expect(partBytes(1, S3_LIMITS)).toBe(8 * 1024 ** 2);
    expect(partBytes(1000, S3_LIMITS)).toBe(8 * 1024 ** 2);
    expect(partBytes(1001, S3_LIMITS)).toBe(16 * 1024 ** 2);
  });

  it('grow so that the largest object that a store takes fits into its parts', () => {
    const TIB = 1024 ** 4;
    expect(sum(10_000, S3_LIMITS)).toBeGreaterThan(1.8 * TIB);
    expect(sum(50_000, AZURE_LIMITS)).toBeGreaterThan(9 * TIB);
  });

  it('carry a thousand first parts in ten', () => {
    expect(sum(10, { ...S3_LIMITS, maxParts: 10, partBytes: 100 })).toBe(1023 * 100);
  });

  it('say how large an object may be', () => {
    expect(largestBytes({ ...S3_LIMITS, maxParts: 10, partBytes: 100 })).toBe(1023 * 100);
    expect(largestBytes(AZURE_LIMITS)).toBe(sum(50_000, AZURE_LIMITS));
    expect(largestBytes(GCS_LIMITS)).toBe(Infinity);
  });

  it('stay multiples of the first, of which some stores make a rule', () => {
    for (const number of [1, 999, 1001, 9999]) expect(partBytes(number, S3_LIMITS) % S3_LIMITS.partBytes).toBe(0);
  });
});
