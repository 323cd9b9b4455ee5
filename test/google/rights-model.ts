import type { JsonObject, StackJson } from '../../lib/terraform/stack-json';

/**
 * What Google's IAM makes of the synthesized roles and bindings: a request is allowed where a binding of its identity
 * on the bucket has a role with the permission and a condition that holds. https://cloud.google.com/iam/docs/conditions-overview
 */

export interface Request {
  /** Id of the service account, or of the pool that somebody of another cloud comes through. */
  readonly account: string;
  /** Several, where an act needs several: overwriting is creating and deleting. */
  readonly permissions: readonly string[];
  readonly bucket: string;
  readonly object?: string;
  /** Prefix of a listing. */
  readonly lists?: string;
}

interface Binding {
  readonly account: string;
  readonly bucket: string;
  readonly permissions: readonly string[];
  readonly condition: string;
}

/** Number of the project, which only Terraform knows. */
export const PROJECT_NUMBER = '123456789012';

class Api {
  constructor(readonly attributes: Readonly<Record<string, string>>) {}
}

/** A request that is no listing. */
export const noApi = new Api({});

/** The language of conditions, as the evaluator has it. */
export interface ConditionLanguage {
  evaluate(expression: string, context: Readonly<Record<string, unknown>>): unknown;
}

export async function conditionLanguage(): Promise<ConditionLanguage> {
  const cel = await import('@marcbachmann/cel-js');
  return new cel.Environment()
    .registerVariable('resource', 'map')
    .registerType('Api', Api)
    .registerVariable('api', 'Api')
    .registerFunction(
      'Api.getAttribute(string, string): string',
      (api: Api, name: string, otherwise: string) => api.attributes[name] ?? otherwise,
    );
}

/** The bindings on buckets of a stack, with the permissions of the custom roles of the one that has them. */
export function bindingsOf(shared: StackJson, shard: StackJson): readonly Binding[] {
  const known = (stack: StackJson) =>
    JSON.parse(
      JSON.stringify(stack).replaceAll('${data.google_project.project.number}', PROJECT_NUMBER),
    ) as Required<StackJson>;
  const roles = known(shared).resource.google_project_iam_custom_role ?? {};
  const { resource } = known(shard);
  const accounts = resource.google_service_account ?? {};
  const pools = resource.google_iam_workload_identity_pool ?? {};
  const identityOf = (member: string): unknown => {
    const account = /^\$\{google_service_account\.(\w+)\.member\}$/.exec(member)?.[1];
    if (account !== undefined) return accounts[account]?.account_id;
    const pool =
      /^principalSet:\/\/iam\.googleapis\.com\/\$\{google_iam_workload_identity_pool\.(\w+)\.name\}\/\*$/.exec(
        member,
      )?.[1];
    if (pool !== undefined) return pools[pool]?.workload_identity_pool_id;
    throw new Error(`nobody that is known: ${member}`);
  };
  const roleOf = (name: string) => {
    const own = /^\$\{google_project_iam_custom_role\.(\w+)\.name\}$/.exec(name)?.[1];
    const id = /\/roles\/([\w.]+)$/.exec(name)?.[1];
    return own === undefined ? Object.values(roles).find((one) => one.role_id === id) : roles[own];
  };
  return Object.values(resource.google_storage_bucket_iam_member ?? {}).map((member): Binding => {
    const role = roleOf(String(member.role));
    if (!role) throw new Error(`no custom role ${String(member.role)}`);
    return {
      account: String(identityOf(String(member.member))),
      bucket: String(member.bucket),
      permissions: role.permissions as readonly string[],
      condition: String((member.condition as JsonObject).expression),
    };
  });
}

export function isAllowed(bindings: readonly Binding[], request: Request, language: ConditionLanguage): boolean {
  const { account, permissions, bucket, object, lists } = request;
  const place = `projects/_/buckets/${bucket}`;
  const context = {
    resource: { name: object === undefined ? place : `${place}/objects/${object}` },
    api: new Api(lists === undefined ? {} : { 'storage.googleapis.com/objectListPrefix': lists }),
  };
  const own = bindings.filter((one) => one.account === account && one.bucket === bucket);
  return permissions.every((permission) =>
    own.some((one) => one.permissions.includes(permission) && language.evaluate(one.condition, context) === true),
  );
}
