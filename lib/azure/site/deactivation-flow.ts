import type { Site } from '../../contract/site';
import { turnLease } from './lease-steps';
import { nameSteps, primarySteps, switchSteps } from './serve-steps';
import type { Serving } from './serve-steps';
import { endSteps } from './end-steps';
import { confirmSteps, isOurs, isPromoted, stateWords, statusOf, writeState } from './state-steps';
import type { Kept } from './state-steps';
import { arm, blob, must, noted, oneByOne, ordered, runOn, says, stopMachine, when } from './steps';
import type { MachineOf, Step } from './steps';
import { duration } from './steps';

export interface DeactivationFlowProps {
  readonly site: Pick<Site, 'name' | 'activation'>;
  readonly identity: string;
  readonly kept: Kept;
  readonly leaseUrl: string;
  readonly serving: Serving & { readonly asleep: number };
  /** Machines with a database. */
  readonly machines: readonly Pick<MachineOf, 'machine' | 'location'>[];
  /** Whether they are stopped when the site sleeps. */
  readonly stopped: boolean;
  /** What stops the database of a machine, so that nothing is written there any more. */
  readonly stopScript: string;
}

const COMPUTE_API = 'api-version=2024-11-01';

/**
 * The way out. While an activation is announced it stops that one. Else it says that the site is on its way to sleep, what was
 * promoted is stopped, the name goes back to the primary, which where asked for is given the lease again, and the machines go
 * back to what the site has asleep.
 * Giving the lease back is for the end of a failback, and never happens by itself: `{"lease": "grant"}`.
 */
export function deactivationFlow(props: DeactivationFlowProps): readonly Step[] {
  const { site, identity, kept, machines, serving, stopped } = props;
  const { activation } = site;
  const longest = duration(activation.estimatedSeconds);
  const words = machines.map((_, index) => `stop_${index + 1}`);
  const status = statusOf('State');
  const stale = `less(ticks(coalesce(body('State')?['until'], '2000-01-01T00:00:00Z')), ticks(utcNow()))`;
  const free = `or(contains(createArray('active', 'failed', 'aborted', 'sleeping'), ${status}), and(contains(createArray('announced', 'activating', 'leaving'), ${status}), ${stale}))`;
  const on = machines.map((machine) => ({ identity, ...machine }));
  // A machine that does not run has no database that runs.
  const stops = on.flatMap((machine, index): readonly Step[] => [
    [`View_${index + 1}`, arm(identity, 'GET', `${machine.machine}/instanceView?${COMPUTE_API}`)],
    [
      `Stop_where_${index + 1}`,
      when(
        {
          equals: [
            `@contains(string(coalesce(body('View_${index + 1}')?['statuses'], '')), 'PowerState/running')`,
            true,
          ],
        },
        runOn(`stop_${index + 1}`, machine, { script: props.stopScript, seconds: 600, longest }),
      ),
    ],
  ]);
  const leave: readonly Step[] = [
    ...stops,
    noted('stopped'),
    // An activation that came when this was late has lease and machines now.
    ['Mine', blob(identity, 'GET', kept.stateUrl)],
    must('Still_leaving', { equals: [`@${isOurs('Mine', 'leaving')}`, true] }, 'it was late, and somebody else began'),
    // Before the primary has the lease: a lease that is given and a database that is promoted are never both on record.
    ['Left', writeState(identity, kept, 'Mine', 'leaving', { promoted: 'null', word: 'left' })],
    // Not before: one that cannot be stopped is still the one to write to. With both endpoints off there is no address at
    // all; a primary that has no lease only reads, and is as much as anybody gets.
    ...primarySteps(identity, serving, 'Enabled'),
    ...nameSteps(identity, serving, 'Disabled'),
    noted('unnamed'),
    [
      'Grant',
      when(
        { equals: ["@coalesce(body('Request')?['lease'], 'keep')", 'grant'] },
        turnLease(identity, props.leaseUrl, 'granted'),
      ),
    ],
    ...(serving.autoscale === undefined
      ? []
      : switchSteps(identity, serving.autoscale, serving.asleep >= serving.least)),
    [
      'Scale_down',
      arm(identity, 'PATCH', `${serving.set}?${COMPUTE_API}`, {
        sku: { name: serving.instanceType, tier: 'Standard', capacity: serving.asleep },
      }),
    ],
    ...(stopped ? on.map((machine, index): Step => [`Off_${index + 1}`, stopMachine(machine)]) : []),
    noted('asleep'),
  ];
  return ordered([
    ...words.map((word): Step => [`Know_${word}`, says(word)]),
    ...stateWords(identity, kept, 'deactivate', activation),
    ...confirmSteps(site.name),
    ['State', blob(identity, 'GET', kept.stateUrl)],
    [
      'Announced',
      {
        // One that was promoted before is not stopped by this: it goes on, or is left once that is over.
        ...when(
          { equals: [`@and(equals(${status}, 'announced'), not(${stale}), not(${isPromoted('State')}))`, true] },
          [
            ['Abort', writeState(identity, kept, 'State', 'aborted')],
            ['Stopped', { type: 'Terminate', inputs: { runStatus: 'Cancelled' } }],
          ],
        ),
        runAfter: { State: ['Succeeded', 'Failed'] },
      },
    ],
    must(
      'Free',
      { equals: [`@${free}`, true] },
      `${site.name} is taking over or going to sleep, or nobody knows: wait until it is over`,
    ),
    // Over what was looked at: who begins in the same moment comes second.
    ['Leaving', writeState(identity, kept, 'State', 'leaving')],
    ['Leave', { type: 'Scope', actions: oneByOne(leave) }],
    ...endSteps(identity, kept, { after: 'Leave', ends: 'sleeping', words, activation }),
  ]);
}
