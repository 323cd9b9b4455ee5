import { StorageManagementPolicy } from '@cdktf/provider-azurerm/lib/storage-management-policy';
import { Construct } from 'constructs';
import type { SiteArchive as Archive } from '../../contract/site';
import { segmentsOf } from '../../hosts/standby';
import { escapeTemplate, nodeComment } from '../../terraform';
import type { SiteFrame } from './frame';
import { grantPrimary, PRIMARY_RANGES } from './primary';
import { SiteStore } from './store';

export interface SiteArchiveProps {
  readonly frame: SiteFrame;
  readonly archive: Archive;
  /** Major version of PostgreSQL. */
  readonly version: string;
  /** Where machines are that read it. */
  readonly subnetId: string;
}

/** Deleted segments stay a week longer, so that nobody who stole the primary's identity takes the log along at once. */
const SOFT_DELETE_DAYS = 7;

/** Where the primary puts its write-ahead log, and a machine of the site reads it. */
export class SiteArchive extends Construct {
  /** Id of the container, as the scope of roles. */
  readonly containerId: string;

  constructor(scope: Construct, id: string, { frame, archive, version, subnetId }: SiteArchiveProps) {
    super(scope, id);
    const container = archive.container ?? 'wal';
    const store = new SiteStore(this, 'Resource', {
      frame,
      name: archive.name,
      containers: [container],
      softDeleteDays: SOFT_DELETE_DAYS,
      reachedFrom: { subnetIds: [subnetId], ranges: PRIMARY_RANGES },
    });
    nodeComment(store.account, [archive.id]);
    this.containerId = `${store.account.id}/blobServices/default/containers/${container}`;
    const policy = new StorageManagementPolicy(this, 'lifecycle', {
      storageAccountId: store.account.id,
      rule: [
        {
          name: 'old-segments',
          enabled: true,
          filters: {
            blobTypes: ['blockBlob'],
            prefixMatch: [escapeTemplate(`${container}/${archive.path}/${segmentsOf(frame.site.name, version)}`)],
          },
          actions: {
            baseBlob: { deleteAfterDaysSinceModificationGreaterThan: archive.days },
            version: { deleteAfterDaysSinceCreation: archive.days },
          },
        },
      ],
    });
    nodeComment(policy, [archive.id]);
    grantPrimary(this, 'primary', { containerId: this.containerId, role: 'Storage Blob Data Contributor' });
  }
}
