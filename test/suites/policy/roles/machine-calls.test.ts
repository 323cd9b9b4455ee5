import { everyDeployment } from './deployments';
import { machineOf, watchingRows } from './kinds/machines';
import { rolesOf } from './roles';
import type { Role } from './roles';

/**
 * What a state machine may do follows from what its states call: no action is missing, and none is there that no state
 * calls. The definitions are those of the templates.
 */
const roles = rolesOf(everyDeployment()).filter(({ trust }) => JSON.stringify(trust).includes('states.amazonaws.com'));

/** What a call takes, where that is not the action of its own name. */
const TAKES: Readonly<Record<string, readonly string[]>> = {
  // https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
  'ecs:runTask.sync': [
    'ecs:RunTask',
    'ecs:StopTask',
    'ecs:DescribeTasks',
    'events:PutTargets',
    'events:PutRule',
    'events:DescribeRule',
    'iam:PassRole',
  ],
  'elasticloadbalancingv2:describeTargetHealth': ['elasticloadbalancing:DescribeTargetHealth'],
  // Its disks are encrypted by the key of the site.
  'ec2:startInstances': ['ec2:StartInstances', 'kms:CreateGrant'],
};

/** https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html */
const DISTRIBUTED = ['states:StartExecution', 'states:DescribeExecution', 'states:StopExecution'];

function called(role: Role): readonly string[] {
  const { definition } = machineOf(role);
  const calls = [...definition.matchAll(/:states:::(?:aws-sdk:)?([a-z0-9]+:[A-Za-z.]+)"/g)].map(
    ([, call = '']) => call,
  );
  const actions = calls.flatMap((call) => {
    const known = TAKES[call];
    if (known) return known;
    if (call.includes('.')) throw new Error(`nobody says what ${call} takes`);
    return [call.replace(/:([a-z])/, (_, letter: string) => `:${letter.toUpperCase()}`)];
  });
  return [...actions, ...(definition.includes('"DISTRIBUTED"') ? DISTRIBUTED : [])];
}

test.each(roles.map((role) => [role.title, role] as const))('%s may do what its states call', (_, role) => {
  const watching = watchingRows(role).allowed.map(({ action }) => action);
  const given = role.policy.Statement.flatMap(({ Action }) => [Action].flat() as string[]);
  expect([...new Set(given)].sort()).toEqual([...new Set([...called(role), ...watching])].sort());
});
