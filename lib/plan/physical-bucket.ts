import { ACCOUNT_PLACEHOLDER, accountRegionalName } from '../clouds';
import type { Claim } from './claim';
import type { PlanContext } from './context';

/**
 * The name by which the runner finds a bucket or container: in an account-regional namespace account and region are part
 * of it. DR3079 asks for the account where it is not known, DR3013 for a name that fits.
 */
export function physicalBucket(
  { deployment }: PlanContext,
  { cloud, bucket, region }: Pick<Claim, 'cloud' | 'bucket' | 'region'>,
): string {
  return cloud === 'aws' ? physicalS3(deployment, { bucket, region, account: deployment.aws?.account }) : bucket;
}

/** The same for a bucket of S3, which may lie in another account. */
export function physicalS3(
  { bucket_naming: naming }: PlanContext['deployment'],
  { bucket, region = '', account }: { bucket: string; region: string | undefined; account: string | undefined },
): string {
  if (naming === 'literal') return bucket;
  const name = accountRegionalName(bucket, account ?? ACCOUNT_PLACEHOLDER, region);
  return name.ok ? name.value : bucket;
}
