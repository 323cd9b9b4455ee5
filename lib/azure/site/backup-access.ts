import { RoleDefinition } from '@cdktf/provider-azurerm/lib/role-definition';
import { Construct } from 'constructs';
import type { AzureTaskStore } from '../../contract/azure-tasks';
import type { SiteBackups } from '../../contract/site';
import { nodeComment, type ITerraformDependable } from '../../terraform';
import { grantBlobs } from '../blob-grant';
import { BLOB_ACTIONS } from '../condition';
import { containerId, subscriptionScope } from '../resource-id';
import { writerRights } from '../rights';
import type { SiteFrame } from './frame';
import type { SiteIdentity } from './identity';
import type { SiteNetwork } from './network';
import { siteEndpoints } from './store-endpoints';

export interface BackupAccessProps {
  readonly frame: SiteFrame;
  readonly network: SiteNetwork;
  /** Who takes the backups. */
  readonly identity: SiteIdentity;
  readonly backups: SiteBackups;
  /** The containers of the task. */
  readonly stores: readonly AzureTaskStore[];
}

/**
 * What a machine that backs itself up may do in the stores of its task, and how it gets there: what the task's own writer
 * may, and no more. Its role is the site's own: those of the tasks go with the tasks.
 */
export class BackupAccess extends Construct {
  /** What has to be there before a backup. */
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { frame, network, identity, backups, stores }: BackupAccessProps) {
    super(scope, id);
    const { actions } = writerRights({ prefixes: [], dataSet: '' });
    const role = new RoleDefinition(this, 'writer', {
      name: `${frame.site.prefix} backups`,
      scope: subscriptionScope(this),
      description:
        'what a recovery site that backs itself up may do with blobs, under the conditions of its assignments',
      permissions: [{ dataActions: actions.map((action) => BLOB_ACTIONS[action]) }],
      assignableScopes: [subscriptionScope(this)],
    });
    const grants = stores.map((store) => {
      const grant = grantBlobs(this, `writes_${store.account}_${store.container}`, {
        containerId: containerId(this, store),
        roleDefinitionId: role.roleDefinitionResourceId,
        principalId: identity.principalId,
        rights: writerRights({ prefixes: store.prefixes, dataSet: backups.task }),
      });
      nodeComment(grant, [backups.id]);
      return grant;
    });
    this.ready = [...grants, ...siteEndpoints(this, { frame, network, stores })];
  }
}
