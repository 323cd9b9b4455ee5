import { Construct } from 'constructs';
import type { AzureTaskStore } from '../../contract/azure-tasks';
import type { ITerraformDependable } from '../../terraform';
import { grantBlobs } from '../blob-grant';
import { addReaderRole } from '../copy-reader';
import { containerId } from '../resource-id';
import { readerRights } from '../rights';
import type { SiteFrame } from './frame';
import type { SiteIdentity } from './identity';
import type { SiteNetwork } from './network';
import { siteEndpoints } from './store-endpoints';

/** A container with backups, and the data sets that are restored from there. */
export interface RestoredStore extends Pick<AzureTaskStore, 'account' | 'resourceGroup' | 'container' | 'prefixes'> {
  readonly dataSets: readonly string[];
}

export interface RestoreAccessProps {
  readonly frame: SiteFrame;
  readonly network: SiteNetwork;
  readonly identity: SiteIdentity;
  readonly stores: readonly RestoredStore[];
}

/**
 * How a machine that restores gets to backups: it reads what its data sets stored and their ledgers, and nothing else.
 */
export class RestoreAccess extends Construct {
  /** What has to be there before a restore. */
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { frame, network, identity, stores }: RestoreAccessProps) {
    super(scope, id);
    const { site } = frame;
    const role = addReaderRole(this, `${site.prefix} restores`);
    const grants = stores.map((store) =>
      grantBlobs(this, `reads_${store.account}_${store.container}`, {
        containerId: containerId(this, store),
        roleDefinitionId: role.roleDefinitionResourceId,
        principalId: identity.principalId,
        rights: readerRights(store),
      }),
    );
    this.ready = [...grants, ...siteEndpoints(this, { frame, network, stores })];
  }
}
