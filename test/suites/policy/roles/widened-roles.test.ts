import { never } from './asks';
import { everyDeployment } from './deployments';
import { may, takes } from './evaluation';
import { trusting, widened } from './faults';
import { KINDS } from './kinds';
import { rolesOf } from './roles';
import type { Role } from './roles';

/**
 * That the table sees what it is for: each statement of a role of each kind is made wider, by one thing at a time, and a row
 * has to turn red.
 */
const roles = rolesOf(everyDeployment());

/** Of a kind the roles with the longest policy and with the shortest. */
const CASES = KINDS.flatMap((kind) => {
  const size = ({ policy }: Role) => JSON.stringify(policy).length;
  const own = roles.filter((role) => kind.matches(role)).sort((a, b) => size(b) - size(a));
  return [...new Set([...own.slice(0, 1), ...own.slice(-1)])].map((role) => ({
    name: kind.name,
    title: role.title,
    kind,
    role,
  }));
});

/** More actions that change nothing: what conditions ask for is sent with the action that is allowed, and with no other. */
const IDLE = [
  // `s3:prefix` is said by lists.
  /^any action: .*\(s3:ListBucket, s3:ListBucketVersions\)/,
  // The days of a lock by locks, and by what creates an object, which it may.
  /^any action: .*\(s3:PutObjectRetention\)/,
  // `iam:PassedToService` and `cloudwatch:namespace` by one action each, and so is how long a token lives.
  /^any action: .*\((iam:PassRole|cloudwatch:PutMetricData|sts:GetWebIdentityToken)\)/,
  // These services have no more actions than AWS's own policy names.
  /^any action: .*\((ssmmessages|ec2messages):/,
];

/** What lies below `_` is denied to whoever may begin anywhere; where data begins at a prefix nothing allows it anyway. */
const beginsAnywhere = ({ policy }: Role) =>
  policy.Statement.some(
    ({ Effect, Resource }) => Effect === 'Allow' && /:::[^/"]+\/\*"/.test(JSON.stringify(Resource)),
  );

const isIdle = (name: string, role: Role) =>
  IDLE.some((pattern) => pattern.test(name)) ||
  (/^no denial: .*\((s3:\*|all but some)\)/.test(name) && !beginsAnywhere(role));

describe.each(CASES)('$name: $title', ({ kind, role }) => {
  test('each statement that is made wider is seen', async () => {
    const asks = [...kind.rows(role).forbidden, ...never(role)];
    const missed: string[] = [];
    for (const { name, services, policy } of widened(role.policy)) {
      const about = asks.filter(({ action }) => services.length === 0 || services.includes(action.split(':')[0] ?? ''));
      let seen = false;
      for (const ask of about) {
        seen = await may(role, ask, policy);
        if (seen) break;
      }
      if (!seen) missed.push(name);
    }
    expect(missed.filter((name) => !isIdle(name, role))).toEqual([]);
  });

  test('whoever else it trusts is seen', async () => {
    const { forbidden } = kind.trust(role);
    const missed: string[] = [];
    for (const { name, policy } of trusting(role.trust)) {
      let seen = false;
      for (const one of forbidden) {
        seen = await takes(role, one, policy);
        if (seen) break;
      }
      if (!seen) missed.push(name);
    }
    expect(missed).toEqual([]);
  });
});
