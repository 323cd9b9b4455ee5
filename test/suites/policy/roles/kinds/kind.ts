import type { Rows } from '../asks';
import type { Taking } from '../evaluation';
import type { Role } from '../roles';

/** Roles of one purpose: how they are known, what they may and may not do, and who may take them. */
export interface RoleKind {
  readonly name: string;
  readonly matches: (role: Role) => boolean;
  readonly rows: (role: Role) => Rows;
  readonly trust: (role: Role) => Trust;
}

export interface Trust {
  readonly allowed: readonly Taking[];
  readonly forbidden: readonly Taking[];
}

/** The beginning of a logical id, up to the hash that CDK appends. */
export function idIs(pattern: RegExp): (role: Role) => boolean {
  return ({ id }) => pattern.test(id.replace(/[0-9A-F]{8}$/, ''));
}

const ANOTHER_ACCOUNT = '999988887777';

/**
 * Taken by a service, for what lies in this account and for nobody else's: a confused deputy says another account, or none.
 * @param sourceArn - what the service acts for, where the role says so
 */
export function takenBy(service: string, role: Role, sourceArn?: string): Trust {
  const { account } = role.stack;
  const context = { 'aws:SourceAccount': account, ...(sourceArn !== undefined && { 'aws:SourceArn': sourceArn }) };
  const other = sourceArn?.replace(/[^:/]+$/, 'somebody-else').replace(account, ANOTHER_ACCOUNT);
  return {
    allowed: [{ principal: service, context }],
    forbidden: [
      ...strangers(role, service, context),
      { principal: service },
      { principal: service, context: { ...context, 'aws:SourceAccount': ANOTHER_ACCOUNT } },
      ...(other === undefined ? [] : [{ principal: service, context: { ...context, 'aws:SourceArn': other } }]),
    ],
  };
}

/**
 * Taken by a service that says nothing of whom it acts for: EC2 and Lambda take a role only for what was given it by
 * somebody who may pass it, and a role is passed within its account alone.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
 */
export function takenUnasked(service: string, role: Role): Trust {
  return { allowed: [{ principal: service }], forbidden: strangers(role, service, {}) };
}

/** Who takes no role of a service: other services, and whoever may everything else, here and elsewhere. */
function strangers(role: Role, service: string, said: Taking['context']): readonly Taking[] {
  const { account } = role.stack;
  const context = { 'aws:SourceAccount': account, ...said };
  return [
    ...[
      'lambda.amazonaws.com',
      'ec2.amazonaws.com',
      'ecs-tasks.amazonaws.com',
      'states.amazonaws.com',
      'glue.amazonaws.com',
    ]
      .filter((one) => one !== service)
      .map((principal) => ({ principal, context })),
    ...people(account).map((one) => ({ ...one, context })),
  ];
}

/** Somebody with all rights of their account, here and elsewhere. */
export function people(account: string): readonly Taking[] {
  return [account, ANOTHER_ACCOUNT].map((one) => ({ principal: `arn:aws:iam::${one}:role/admin` }));
}
