/** Actions on blobs: https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-attributes */
const BLOBS = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';

export const BLOB_ACTIONS = {
  read: `${BLOBS}/read`,
  write: `${BLOBS}/write`,
  add: `${BLOBS}/add/action`,
  /** Set Blob Tier: a `write` by another name, without any other write. */
  tier: `${BLOBS}/write`,
  delete: `${BLOBS}/delete`,
  deleteVersion: `${BLOBS}/deleteBlobVersion/action`,
} as const;

export type BlobAction = keyof typeof BLOB_ACTIONS;

/** Names of blobs for which an action holds, as patterns with `*`. */
export interface BlobRule {
  readonly actions: readonly BlobAction[];
  readonly paths: readonly string[];
}

export interface BlobCondition {
  /** Actions of the role: each gets its clause. */
  readonly actions: readonly BlobAction[];
  /** What may be done to which blobs; an action that no rule names holds for none. */
  readonly rules: readonly BlobRule[];
  /** Beginnings of what may be listed. */
  readonly lists: readonly string[];
}

const READ_ONE = `ActionMatches{'${BLOB_ACTIONS.read}'} AND NOT SubOperationMatches{'Blob.List'}`;
const LIST = `ActionMatches{'${BLOB_ACTIONS.read}'} AND SubOperationMatches{'Blob.List'}`;
const TIER = `ActionMatches{'${BLOB_ACTIONS.tier}'} AND SubOperationMatches{'Blob.Write.Tier'}`;
const WRITE_BUT_TIER = `ActionMatches{'${BLOB_ACTIONS.write}'} AND NOT SubOperationMatches{'Blob.Write.Tier'}`;
/** What each action is in a condition. */
const TARGETS: Readonly<Record<BlobAction, string>> = {
  read: READ_ONE,
  write: plain('write'),
  add: plain('add'),
  tier: TIER,
  delete: plain('delete'),
  deleteVersion: plain('deleteVersion'),
};
const PATH = `@Resource[${BLOBS}:path]`;
const PREFIX = `@Request[${BLOBS}:prefix]`;

/**
 * A condition of a role assignment: a clause for each action, all of which hold. Reading one blob and listing are the
 * same action with two names; changing a blob's tier is a write of its own: who writes may not do it, and who may does
 * no other write.
 * @see https://learn.microsoft.com/azure/role-based-access-control/conditions-format
 * @see https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-attributes#sets-the-access-tier-on-a-blob
 */
export function renderCondition({ actions, rules, lists }: BlobCondition): string {
  const clauses = actions.map((action) => {
    const paths = rules.filter((rule) => rule.actions.includes(action)).flatMap((rule) => rule.paths);
    return clause(TARGETS[action], PATH, paths);
  });
  return [
    ...clauses,
    ...(actions.includes('read')
      ? [
          clause(
            LIST,
            PREFIX,
            lists.map((prefix) => `${prefix}*`),
          ),
        ]
      : []),
    ...(actions.includes('write') && !actions.includes('tier') ? [clause(TIER, PATH, [])] : []),
    ...(actions.includes('tier') && !actions.includes('write') ? [clause(WRITE_BUT_TIER, PATH, [])] : []),
  ].join(' AND ');
}

function plain(action: BlobAction): string {
  return `ActionMatches{'${BLOB_ACTIONS[action]}'}`;
}

/** No blob has this name: a clause with it holds for none. */
const NONE = '//';

function clause(target: string, attribute: string, values: readonly string[]): string {
  const any = [...new Set(values)].sort().map((value) => `'${literal(value)}'`);
  return `((!(${target})) OR (${attribute} ForAnyOfAnyValues:StringLike {${any.join(', ') || `'${NONE}'`}}))`;
}

/** A quote ends a literal, a backslash escapes. */
function literal(value: string): string {
  return value.replace(/[\\']/g, (sign) => `\\${sign}`);
}
