import type { StorageBucket } from '@cdktf/provider-google/lib/storage-bucket';
import { Construct } from 'constructs';
import type { SiteArchive as Archive } from '../../contract/site';
import { segmentsOf } from '../../hosts/standby';
import { siteBucket } from './bucket';
import type { SiteFrame } from './frame';
import { grantPrimary } from './primary';

export interface SiteArchiveProps {
  readonly frame: SiteFrame;
  readonly archive: Archive;
  /** Major version of PostgreSQL. */
  readonly version: string;
}

/** Where the primary puts its write-ahead log, and a machine of the site reads it. */
export class SiteArchive extends Construct {
  readonly bucket: StorageBucket;

  constructor(scope: Construct, id: string, { frame, archive, version }: SiteArchiveProps) {
    super(scope, id);
    this.bucket = siteBucket(this, 'Resource', {
      frame,
      name: archive.name,
      nodes: [archive.id],
      expires: { days: archive.days, under: `${archive.path}/${segmentsOf(frame.site.name, version)}` },
    });
    // pgBackRest writes over its lists and removes what expired.
    grantPrimary(this, 'primary', {
      bucket: this.bucket.name,
      role: 'roles/storage.objectUser',
      under: `${archive.path}/`,
    });
  }
}
