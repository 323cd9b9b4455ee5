import { isAllowed, policiesOfSeed } from './rights';
import type { Policy } from './rights';
import { ACCOUNT, REGION } from './template-values';

/** Who may use the key that signs records, by the policies of the templates: the role's own and the key's, both at once. */
const seed = policiesOfSeed();
const [keyPolicy, ...others] = seed.recordKeyPolicies;
const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/11111111-2222-3333-4444-555555555555`;
const RESTORER = `arn:aws:iam::${ACCOUNT}:role/hypnoscript/${REGION}/hypnoscript-backup-1of1/restorer/one`;
const ANYBODY = `arn:aws:iam::${ACCOUNT}:role/hypnoscript/${REGION}/hypnoscript-backup-1of1/one`;
const ALL: Policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }] };

/** The role's own statements about the key, whose name a deployment makes: here it is this one. */
function about(policy: Policy): Policy {
  const own = policy.Statement.filter((one) => JSON.stringify(one).includes('kms:GetPublicKey'));
  return { ...policy, Statement: own.map((one) => ({ ...one, Resource: KEY })) };
}
const may = (policy: Policy, action: string, principal: string) =>
  isAllowed(
    policy,
    { action: `kms:${action}`, resource: KEY, context: { 'aws:PrincipalArn': principal } },
    keyPolicy,
    undefined,
    principal,
  );

test('there is one', () => {
  expect([keyPolicy === undefined, others]).toEqual([false, []]);
});

test.each([
  ['restorer', RESTORER, { Sign: true, GetPublicKey: true, Decrypt: false, ScheduleKeyDeletion: false }],
  ['verifier', ANYBODY, { Sign: false, GetPublicKey: true, Decrypt: false, ScheduleKeyDeletion: false }],
  ['pruner', ANYBODY, { Sign: false, GetPublicKey: false, Decrypt: false, ScheduleKeyDeletion: false }],
  ['writer', ANYBODY, { Sign: false, GetPublicKey: false, Decrypt: false, ScheduleKeyDeletion: false }],
])('a %s', async (role, principal, expected) => {
  const policy = about(seed.role(`taskpostgresql${role}`));
  const answers: Record<string, boolean> = {};
  for (const action of Object.keys(expected)) answers[action] = await may(policy, action, principal);
  expect(answers).toEqual(expected);
});

test('who may do everything still signs nothing, deletes nothing and lends it to nobody', async () => {
  for (const action of ['Sign', 'ScheduleKeyDeletion', 'CreateGrant']) {
    expect([action, await may(ALL, action, ANYBODY)]).toEqual([action, false]);
  }
  expect(await may(ALL, 'PutKeyPolicy', ANYBODY)).toBe(true);
});
