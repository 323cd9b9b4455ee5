import type { Ask } from '../rights';
import { never } from './asks';
import { everyDeployment } from './deployments';
import { may } from './evaluation';
import { widened } from './faults';
import { HELD_KINDS } from './kinds/held';
import { holdersOf } from './roles';

/** Every policy of the templates that is no role's own: what it gives to whoever attaches it, and no more. */
const holders = holdersOf(everyDeployment());
const text = ({ action, resource, context = {} }: Ask) => `${action} ${resource} ${JSON.stringify(context)}`;

test('each policy is of one kind, and of each kind there is one', () => {
  const kindsOf = (id: (typeof holders)[number]) => HELD_KINDS.filter((kind) => kind.matches(id));
  expect(holders.filter((one) => kindsOf(one).length !== 1).map(({ title }) => title)).toEqual([]);
  expect(HELD_KINDS.filter((kind) => !holders.some((one) => kind.matches(one)))).toEqual([]);
});

describe.each(HELD_KINDS)('$name', (kind) => {
  const own = holders.filter((one) => kind.matches(one)).map((one) => [one.title, one] as const);

  test.each(own)('%s', async (_, holder) => {
    const { allowed, forbidden } = kind.rows(holder);
    const wrong: string[] = [];
    for (const ask of allowed) if (!(await may(holder, ask))) wrong.push(`may not ${text(ask)}`);
    for (const ask of [...never(holder), ...forbidden]) if (await may(holder, ask)) wrong.push(`may ${text(ask)}`);
    expect(allowed).not.toEqual([]);
    expect(wrong).toEqual([]);
  });
});

test('each statement of what a primary is given is seen when it is made wider', async () => {
  const [, kind] = HELD_KINDS;
  const [holder] = holders
    .filter((one) => kind?.matches(one))
    .sort((a, b) => b.policy.Statement.length - a.policy.Statement.length);
  if (!kind || !holder) throw new Error('no primary is given anything');
  const asks = [...kind.rows(holder).forbidden, ...never(holder)];
  const missed: string[] = [];
  for (const { name, services, policy } of widened(holder.policy)) {
    const seen = [];
    for (const ask of asks.filter(({ action }) => services.includes(action.split(':')[0] ?? '')))
      seen.push(await may(holder, ask, policy));
    if (!seen.includes(true)) missed.push(name);
  }
  expect(missed).toEqual([]);
});
