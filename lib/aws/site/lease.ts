import { CfnOutput, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { LogBucket } from '../log-bucket';
import { siteBucket } from './bucket';
import type { SiteFrame } from './frame';
import { leaseKey, leaseUrl, stateBucket } from './names';

export interface SiteLeaseProps {
  readonly frame: SiteFrame;
  readonly logs: LogBucket;
  /** What the primary may do besides: with an archive, write it. */
  readonly primary: readonly PolicyStatement[];
}

/** Days for which it can be seen what a lease or a record said before. */
const HISTORY_DAYS = 400;

/**
 * What a site says about itself, where both sides read it: the lease, without which a primary stops writing, and the
 * records of activations. No deployment writes the lease, so that none takes back what an activation wrote. It is
 * encrypted by S3's own keys: a primary that lost the right to a key would stop.
 */
export class SiteLease extends Construct {
  readonly bucket: Bucket;
  /** Address of the lease. */
  readonly url: string;
  readonly #key: string;

  constructor(scope: Construct, id: string, { frame, logs, primary }: SiteLeaseProps) {
    super(scope, id);
    const { site } = frame;
    const { account } = Stack.of(this);
    this.#key = leaseKey(site);
    this.bucket = siteBucket(this, 'state', {
      bucketName: stateBucket(site, { account, region: site.region }),
      logs,
      noncurrentDays: HISTORY_DAYS,
    });
    this.url = leaseUrl(site, account);
    const policy = new ManagedPolicy(this, 'primary', {
      description: `What the primary may do for ${site.name}: read its lease${primary.length > 0 ? ', and write its log' : ''}`,
      statements: [...this.reading(), ...primary],
    });
    new CfnOutput(this, 'PrimaryPolicy', {
      value: policy.managedPolicyArn,
      description: 'To be attached to the identity of the primary: without it, it sees no lease',
    });
    new CfnOutput(this, 'LeaseUrl', { value: this.url, description: 'Where the primary finds its lease' });
  }

  /** Reads the lease. Who may also list is told that there is none, and not that it may not read. */
  reading(): PolicyStatement[] {
    return [
      new PolicyStatement({ actions: ['s3:GetObject'], resources: [this.bucket.arnForObjects(this.#key)] }),
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [this.bucket.bucketArn],
        conditions: { StringEquals: { 's3:prefix': this.#key } },
      }),
    ];
  }
}
