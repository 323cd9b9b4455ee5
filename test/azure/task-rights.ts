import type { JsonObject, StackJson } from '../../lib/terraform/stack-json';
import { holds } from './abac';
import type { BlobRequest } from './abac';

const BLOBS = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';

/** A request to one container of an account. */
export interface Ask extends BlobRequest {
  /** `account/container` */
  readonly container: string;
}

export const read = (container: string, path: string): Ask => ({ container, action: `${BLOBS}/read`, path });
export const list = (container: string, prefix: string): Ask => ({
  container,
  action: `${BLOBS}/read`,
  suboperation: 'Blob.List',
  prefix,
});
/** Put Blob, Put Block, Put Block List. */
export const write = (container: string, path: string): Ask => ({ container, action: `${BLOBS}/write`, path });
export const create = (container: string, path: string): Ask => ({ container, action: `${BLOBS}/add/action`, path });
export const tier = (container: string, path: string): Ask => ({
  container,
  action: `${BLOBS}/write`,
  suboperation: 'Blob.Write.Tier',
  path,
});
export const remove = (container: string, path: string): Ask => ({ container, action: `${BLOBS}/delete`, path });
export const removeVersion = (container: string, path: string): Ask => ({
  container,
  action: `${BLOBS}/deleteBlobVersion/action`,
  path,
});
export const other =
  (action: string) =>
  (container: string, path: string): Ask => ({
    container,
    action: `${BLOBS}/${action}`,
    path,
  });

/** Role assignments and definitions of a template, for one principal. */
export interface Identity {
  readonly allows: (ask: Ask) => boolean;
  /** Names of built-in roles with their scopes. */
  readonly builtIn: readonly string[];
}

/** What an identity may do by the template itself: any of its assignments is enough, each under its condition. */
export function identityOf(template: StackJson, principal: (id: string) => boolean): Identity {
  const assignments = Object.values(template.resource?.azurerm_role_assignment ?? {}).filter((one) =>
    principal(String(one.principal_id)),
  );
  if (assignments.length === 0) throw new Error('no such identity');
  return {
    allows: (ask) => assignments.some((one) => allowedBy(template, one, ask)),
    builtIn: assignments.flatMap((one) =>
      one.role_definition_name === undefined ? [] : [`${String(one.role_definition_name)} ${String(one.scope)}`],
    ),
  };
}

function allowedBy(template: StackJson, assignment: JsonObject, ask: Ask): boolean {
  const [account = '', container = ''] = ask.container.split('/');
  const scope = `/storageAccounts/${account}/blobServices/default/containers/${container}`;
  if (!String(assignment.scope).endsWith(scope)) return false;
  const [, name = ''] = /azurerm_role_definition\.([\w-]+)\./.exec(String(assignment.role_definition_id)) ?? [];
  const [permissions] = (template.resource?.azurerm_role_definition?.[name]?.permissions ?? []) as readonly {
    readonly data_actions?: readonly string[];
  }[];
  if (!permissions?.data_actions?.includes(ask.action)) return false;
  return typeof assignment.condition === 'string' && holds(assignment.condition, ask);
}
