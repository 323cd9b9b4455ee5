import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { StorageBlob } from '@cdktf/provider-azurerm/lib/storage-blob';
import { Construct } from 'constructs';
import { nodeComment } from '../../terraform';
import { deployerId } from '../resource-id';
import { accountName } from './account';
import type { SiteFrame } from './frame';
import { grantPrimary } from './primary';
import { SiteStore } from './store';

export interface SiteLeaseProps {
  readonly frame: SiteFrame;
}

const LEASE = 'lease';
const RECORDS = 'records';
const REQUESTS = 'requests';

/**
 * What a site says about itself, where both sides read it: the lease, without which a primary stops writing, and the
 * records of activations. In a container each, so that whoever reads the one does not see the other. It is reached from
 * anywhere, with a token: a primary that cannot read its lease stops.
 */
export class SiteLease extends Construct {
  readonly store: SiteStore;
  /** Ids of the containers, as scopes of roles. */
  readonly leaseContainer: string;
  readonly recordContainer: string;
  readonly requestContainer: string;
  /** Addresses of the lease, and of the folder with records and the state. */
  readonly leaseUrl: string;
  readonly recordsUrl: string;
  readonly requestsUrl: string;
  readonly stateUrl: string;

  constructor(scope: Construct, id: string, { frame }: SiteLeaseProps) {
    super(scope, id);
    const { site } = frame;
    const name = accountName(site.prefix, 'state');
    this.store = new SiteStore(this, 'Resource', {
      frame,
      name,
      containers: [LEASE, RECORDS, REQUESTS],
      softDeleteDays: 365,
    });
    nodeComment(this.store.account, [site.activation.id]);
    this.leaseContainer = `${this.store.account.id}/blobServices/default/containers/${LEASE}`;
    this.recordContainer = `${this.store.account.id}/blobServices/default/containers/${RECORDS}`;
    this.requestContainer = `${this.store.account.id}/blobServices/default/containers/${REQUESTS}`;
    this.leaseUrl = `https://${name}.blob.core.windows.net/${LEASE}/${site.name}`;
    this.recordsUrl = `https://${name}.blob.core.windows.net/${RECORDS}`;
    this.requestsUrl = `https://${name}.blob.core.windows.net/${REQUESTS}`;
    this.stateUrl = `${this.recordsUrl}/state.json`;
    const writes = new RoleAssignment(this, 'deployer', {
      scope: this.leaseContainer,
      roleDefinitionName: 'Storage Blob Data Contributor',
      principalId: deployerId(this),
      description: 'lets the deploying identity give the primary its first lease',
    });
    // Once: what an activation wrote is never written over by a deployment.
    new StorageBlob(this, 'first', {
      storageAccountName: this.store.account.name,
      storageContainerName: LEASE,
      name: site.name,
      type: 'Block',
      contentType: 'text/plain',
      sourceContent: 'granted 1 0\n',
      dependsOn: [writes, ...Object.values(this.store.containers)],
      lifecycle: { preventDestroy: true, ignoreChanges: ['source_content', 'content_md5', 'content_type'] },
    });
    grantPrimary(this, 'primary', { containerId: this.leaseContainer, role: 'Storage Blob Data Reader' });
  }
}
