import type { Ask } from '../rights';
import { never } from './asks';
import { everyDeployment } from './deployments';
import { may, takes } from './evaluation';
import { KINDS } from './kinds';
import { rolesOf } from './roles';

/**
 * Every role of every template has a row: what it may do, what it may not, and who takes it, each asked of a maintained
 * evaluator of IAM's rules. A role without a row fails.
 */
const roles = rolesOf(everyDeployment());
const text = ({ action, resource, context = {} }: Ask) => `${action} ${resource} ${JSON.stringify(context)}`;

test('each role is of one kind, and of each kind there is a role', () => {
  const kindsOf = (matched: readonly string[]) => (matched.length === 1 ? [] : [matched.join(', ') || 'of no kind']);
  const open = roles.flatMap((role) =>
    kindsOf(KINDS.filter((kind) => kind.matches(role)).map(({ name }) => name)).map(
      (fault) => `${role.title} ${fault}`,
    ),
  );
  expect(open).toEqual([]);
  expect(KINDS.filter((kind) => !roles.some((role) => kind.matches(role))).map(({ name }) => name)).toEqual([]);
});

describe.each(KINDS)('$name', (kind) => {
  const own = roles.filter((role) => kind.matches(role)).map((role) => [role.title, role] as const);

  test.each(own)('%s may do what it is for, and nothing else', async (_, role) => {
    const { allowed, forbidden } = kind.rows(role);
    const wrong: string[] = [];
    for (const ask of allowed) if (!(await may(role, ask))) wrong.push(`may not ${text(ask)}`);
    for (const ask of [...never(role), ...forbidden]) if (await may(role, ask)) wrong.push(`may ${text(ask)}`);
    expect(allowed).not.toEqual([]);
    expect(wrong).toEqual([]);
  });

  test.each(own)('%s is taken by whom it is for, and by nobody else', async (_, role) => {
    const { allowed, forbidden } = kind.trust(role);
    const wrong: string[] = [];
    for (const one of allowed) if (!(await takes(role, one))) wrong.push(`not by ${JSON.stringify(one)}`);
    for (const one of forbidden) if (await takes(role, one)) wrong.push(`by ${JSON.stringify(one)}`);
    expect([allowed.length > 0, forbidden.length > 0]).toEqual([true, true]);
    expect(wrong).toEqual([]);
  });
});
