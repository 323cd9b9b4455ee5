import { builtSite, workflowsOf } from './fixture';
import { need } from '../../plan/support';

/**
 * That a site is promoted is said on each way from the promotion on, and taken back on each way to a lease: in the workflows
 * as the templates have them, whatever the site is made of.
 */
const LAG = 'lag_threshold: "30s"';
const RDS = 'primary_site: { database: "rds" database_id: "arn:aws:rds:eu-west-1:111122223333:db:orders" }';
const SITES = [
  ['machines that follow', { multiAz: true, synchronization: LAG }, undefined],
  ['a replica of RDS', { synchronization: LAG }, RDS],
  ['machines that are restored into', { method: 'backup_restore', count: 0 }, undefined],
] as const;

interface State {
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Next: string }[];
  readonly Catch?: readonly { readonly Next: string }[];
  readonly Parameters?: Readonly<Record<string, unknown>>;
}

interface Workflow {
  readonly Comment: string;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

function workflow(parts: Parameters<typeof builtSite>[0], deployment: string | undefined, does: string): Workflow {
  const found = (workflowsOf(builtSite(parts, deployment).template) as readonly Workflow[]).find(
    ({ Comment }) => Comment?.endsWith(does) === true,
  );
  return need(found, does);
}

/** The states that are reached from one, where the way through none of those without is taken. */
function reached({ States }: Workflow, from: string, without: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const ahead = [from];
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    if (seen.has(name) || without.includes(name)) continue;
    seen.add(name);
    const { Next, Default, Choices = [], Catch = [] } = need(States[name], name);
    ahead.push(...[Next, Default, ...[...Choices, ...Catch].map((one) => one.Next)].filter((one) => one !== undefined));
  }
  return seen;
}

/** States whose call says this. */
function saying({ States }: Workflow, words: string): readonly string[] {
  return Object.entries(States)
    .filter(([, { Parameters = {} }]) => JSON.stringify(Parameters).includes(words))
    .map(([name]) => name);
}

test.each(SITES)('%s: no machine is asked for after a promotion that nobody said', (_, parts, deployment) => {
  const activate = workflow(parts, deployment, 'take over');
  const says = saying(activate, '"SET #promoted = :promoted"');
  expect([says.length, reached(activate, 'Promote', []).has('Scale')]).toEqual([1, true]);
  expect(reached(activate, 'Promote', says).has('Scale')).toBe(false);
  // A promotion that failed is not said to be one.
  expect([...reached(activate, 'Failed', [])].filter((name) => says.includes(name))).toEqual([]);
});

test.each(SITES)('%s: no lease is given while it is said to be promoted', (_, parts, deployment) => {
  const deactivate = workflow(parts, deployment, 'sleep again');
  const [takes, grants] = [saying(deactivate, '"SET #promoted = :never"'), saying(deactivate, "'granted {} {}'")];
  expect([takes.length, grants]).toEqual([1, ['FirstLease', 'Granted']]);
  expect(reached(deactivate, 'Leave', takes).has('Granted')).toBe(false);
  expect(reached(deactivate, 'Leave', []).has('Granted')).toBe(true);
  if (deployment !== undefined) return;
  // Nor is it taken back before a machine that runs has stopped its database.
  const stops = saying(deactivate, '-stop"');
  expect(reached(deactivate, 'Machine1Ids', []).has('Left')).toBe(true);
  expect(reached(deactivate, 'Machine1Ids', stops).has('Left')).toBe(false);
});
