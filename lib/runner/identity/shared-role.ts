import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { RoleKind, SHARED_ROLES, SHARED_ROLE_KIND, SharedRoles } from '../../contract/shared-roles';
import { ownCredentials } from '../aws-credentials';
import type { AwsKeys } from '../aws-credentials';
import type { Machine } from '../machine';
import { StoreError } from '../store/store';
import { IdentityError } from './identity';
import { LONGEST_POLICY, placePolicy, secretPolicy } from './session-policy';
import type { PlaceScope } from './session-policy';
import { stsClient } from './sts';

/** Keys that the SDK asks for again before they end. */
export type RenewedKeys = () => Promise<AwsKeys & { readonly expiration?: Date }>;

/**
 * Keys for one place of a task, where tasks share roles: the store's role, narrowed to that place. `undefined` where
 * `HYPDR_AWS_ROLES` is not set, and the container's own identity is the task's.
 * @throws StoreError where it names no role for the store
 */
export function sharedRole(
  target: { readonly id: string; readonly bucket: string; readonly region: string; readonly place?: PlaceScope },
  machine: Machine,
): RenewedKeys | undefined {
  const { id, bucket, region, place } = target;
  // A manifest is read under the container's own identity.
  if (!place) return undefined;
  const roles = rolesOf(machine);
  if (!roles) return undefined;
  const kind = machine.environment[SHARED_ROLE_KIND] ?? '';
  const { data: known } = RoleKind.safeParse(kind);
  const role = known && roles.stores[known]?.[id];
  if (role === undefined) throw new StoreError('refused', `${SHARED_ROLES} names no role of "${kind}" for ${id}`);
  const [, partition = ''] = role.split(':');
  return narrowed({ role, region, session: place.task, policy: placePolicy(partition, bucket, place) }, machine);
}

/** Keys that read one secret, where tasks share roles. */
export function secretRole(name: string, region: string, machine: Machine): RenewedKeys | undefined {
  const role = rolesOf(machine)?.secrets;
  if (role === undefined) return undefined;
  const [, partition = '', , , account = ''] = role.split(':');
  return narrowed({ role, region, session: name, policy: secretPolicy(partition, region, account, name) }, machine);
}

function rolesOf({ environment }: Machine): SharedRoles | undefined {
  const text = environment[SHARED_ROLES];
  if (!text) return undefined;
  try {
    return SharedRoles.parse(JSON.parse(text));
  } catch {
    throw new StoreError('refused', `${SHARED_ROLES} is no list of roles: the deployment writes it`);
  }
}

interface Narrowed {
  readonly role: string;
  readonly region: string;
  /** Who it is for, in the trail of the account. */
  readonly session: string;
  readonly policy: object;
}

/** A role that a role takes gives keys for an hour at most: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html */
const HOUR_SECONDS = 3600;

function narrowed({ role, region, session, policy }: Narrowed, machine: Machine): RenewedKeys {
  const Policy = JSON.stringify(policy);
  if (Policy.length > LONGEST_POLICY) {
    throw new StoreError(
      'refused',
      `the path of "${session}" is too long: its session policy has ${Policy.length} characters`,
    );
  }
  return async () => {
    const client = stsClient(machine, ownCredentials(machine), region);
    try {
      const command = new AssumeRoleCommand({
        RoleArn: role,
        RoleSessionName: `hypdr-${session}`.replace(/[^\w+=,.@-]/g, '-').slice(0, 64),
        DurationSeconds: HOUR_SECONDS,
        Policy,
      });
      const { Credentials: keys } = await client.send(command, { abortSignal: machine.signal });
      if (!keys?.AccessKeyId || !keys.SecretAccessKey || !keys.SessionToken) {
        throw new IdentityError(`AWS gives no credentials of ${role}`);
      }
      return {
        accessKeyId: keys.AccessKeyId,
        secretAccessKey: keys.SecretAccessKey,
        sessionToken: keys.SessionToken,
        ...(keys.Expiration && { expiration: keys.Expiration }),
      };
    } finally {
      client.destroy();
    }
  };
}
