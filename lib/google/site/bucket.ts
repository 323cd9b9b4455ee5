import { StorageBucket } from '@cdktf/provider-google/lib/storage-bucket';
import type { Construct } from 'constructs';
import { nodeComment } from '../../terraform';
import type { SiteFrame } from './frame';

export interface SiteBucketProps {
  readonly frame: SiteFrame;
  /** What it is called in the plan; the number of the project ends its name. */
  readonly name: string;
  readonly nodes: readonly string[];
  /** What goes by age, with its versions. @default - nothing */
  readonly expires?: { readonly days: number; readonly under: string };
}

/** What was deleted stays so long, so that nobody who stole an identity takes it along at once. */
const SOFT_DELETE_SECONDS = 7 * 86_400;

/** A bucket of a site, in its region, encrypted with Google's keys: a key of elsewhere would be one more thing to lose. */
export function siteBucket(scope: Construct, id: string, props: SiteBucketProps): StorageBucket {
  const { frame, name, nodes, expires } = props;
  const old = (condition: object) => ({ action: { type: 'Delete' }, condition: { withState: 'ANY', ...condition } });
  const bucket = new StorageBucket(scope, id, {
    name: frame.bucket(name),
    location: frame.site.region.toUpperCase(),
    storageClass: 'STANDARD',
    uniformBucketLevelAccess: true,
    publicAccessPrevention: 'enforced',
    versioning: { enabled: true },
    softDeletePolicy: { retentionDurationSeconds: SOFT_DELETE_SECONDS },
    ...(expires && { lifecycleRule: [old({ age: expires.days, matchesPrefix: [expires.under] })] }),
    forceDestroy: false,
    dependsOn: frame.services,
    lifecycle: { preventDestroy: true },
  });
  nodeComment(bucket, nodes);
  return bucket;
}
