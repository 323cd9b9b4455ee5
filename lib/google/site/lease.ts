import type { StorageBucket } from '@cdktf/provider-google/lib/storage-bucket';
import { StorageBucketObject } from '@cdktf/provider-google/lib/storage-bucket-object';
import { Construct } from 'constructs';
import { siteBucket } from './bucket';
import type { SiteFrame } from './frame';
import { grantPrimary } from './primary';

export interface SiteLeaseProps {
  readonly frame: SiteFrame;
}

/** Folders of the bucket. */
export const FOLDERS = { lease: 'lease/', records: 'records/', tasks: 'tasks/' } as const;

/**
 * What a site says about itself, where both sides read it: the lease, without which a primary stops writing, the records
 * of activations, and the manifests of what is restored. Conditions keep readers of the one from the others.
 */
export class SiteLease extends Construct {
  readonly bucket: StorageBucket;
  /** Name of the object. */
  readonly object: string;

  constructor(scope: Construct, id: string, { frame }: SiteLeaseProps) {
    super(scope, id);
    const { site } = frame;
    this.object = `${FOLDERS.lease}${site.name}`;
    this.bucket = siteBucket(this, 'Resource', {
      frame,
      name: `${site.prefix}-state`,
      nodes: [site.activation.id],
    });
    // Once: what an activation wrote is never written over by a deployment.
    new StorageBucketObject(this, 'first', {
      bucket: this.bucket.name,
      name: this.object,
      content: 'granted 1 0\n',
      contentType: 'text/plain',
      lifecycle: { preventDestroy: true, ignoreChanges: ['content', 'detect_md5hash', 'content_type'] },
    });
    grantPrimary(this, 'primary', {
      bucket: this.bucket.name,
      role: 'roles/storage.objectViewer',
      under: this.object,
    });
  }

  /** Address of the lease, by the name of the bucket. */
  urlIn(bucket: string): string {
    return `https://storage.googleapis.com/${bucket}/${this.object}`;
  }
}
