import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { Construct } from 'constructs';
import type { AzureTaskStore } from '../../contract/azure-tasks';
import { escapeTemplate, type ITerraformDependable } from '../../terraform';
import { renderCondition } from '../condition';
import { addReaderRole } from '../copy-reader';
import { containerId } from '../resource-id';
import { readerRights } from '../rights';
import type { SiteFrame } from './frame';
import type { SiteIdentity } from './identity';
import type { SiteNetwork } from './network';
import { addStoreEndpoints } from './store-endpoints';

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
    const grants = stores.map(
      (store) =>
        new RoleAssignment(this, `reads_${store.account}_${store.container}`, {
          scope: containerId(this, store),
          roleDefinitionId: role.roleDefinitionResourceId,
          principalId: identity.principalId,
          principalType: 'ServicePrincipal',
          skipServicePrincipalAadCheck: true,
          condition: escapeTemplate(renderCondition(readerRights(store))),
          conditionVersion: '2.0',
        }),
    );
    this.ready = [...grants, ...addStoreEndpoints(this, { frame, network, stores })];
  }
}
