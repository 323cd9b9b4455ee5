import type { RunSchedule } from '../../contract/task';
import { today } from '../task-flow';
import { leaseIs } from './lease-steps';
import { RESTORED } from './restore-machine';
import { blob, duration, must, oneByOne, ordered, runOn, says, startMachine, stopMachine } from './steps';
import type { MachineOf, Step } from './steps';

export interface RestoreFlowProps {
  readonly site: string;
  /** Machines of the site, each of which restores for itself. */
  readonly on: readonly MachineOf[];
  /** Where the site says whether it serves. */
  readonly stateUrl: string;
  /** Who has the lease: what the primary does not have is nobody's to restore over. */
  readonly leaseUrl: string;
  readonly schedule: RunSchedule;
  readonly windowsZone: string;
  /** It is over before the next one, and given up then. */
  readonly longestSeconds: number;
}

/**
 * Whether the site sleeps, by an answer to a look at its state. Nothing was ever said: it sleeps. Whoever cannot read what
 * was said restores nothing over it.
 */
function sleeps(look: string): string {
  return `or(equals(outputs('${look}')?['statusCode'], 404), equals(coalesce(body('${look}')?['status'], 'unknown'), 'sleeping'))`;
}

/**
 * The machines of a site that sleeps are started, restore, and are stopped again whatever came of it. A site that was
 * activated is left alone, until its primary has the lease again: what it holds is newer than every backup.
 */
export function restoreFlow(props: RestoreFlowProps): readonly Step[] {
  const { site, on, stateUrl, longestSeconds } = props;
  const longest = duration(longestSeconds);
  const seconds = { script: RESTORED, seconds: longestSeconds, longest };
  const words = on.map((_, index) => `restore_${index + 1}`);
  const restore = (machine: MachineOf, index: number): readonly Step[] => [
    ...startMachine(`machine_${index + 1}`, machine, longest),
    ...runOn(`restore_${index + 1}`, machine, seconds),
  ];
  const identity = on[0]?.identity ?? '';
  const look = blob(identity, 'GET', stateUrl);
  return ordered(
    [
      ...today(props.schedule, props.windowsZone),
      ...words.map((word): Step => [`Know_${word}`, says(word)]),
      ['Run', { type: 'Compose', inputs: "@formatDateTime(utcNow(), 'yyyyMMddHHmmss')" }],
      ['Deadline', { type: 'Compose', inputs: `@addSeconds(utcNow(), ${longestSeconds})` }],
      ['State', look],
      ['Lease', blob(identity, 'GET', props.leaseUrl)],
      [
        'Sleeps',
        {
          type: 'If',
          expression: { and: [{ equals: [`@and(${sleeps('State')}, ${leaseIs('Lease', 'granted')})`, true] }] },
          actions: {},
          else: {
            actions: oneByOne([
              must(
                'Known',
                {
                  equals: [
                    `@and(contains(createArray(200, 404), outputs('State')?['statusCode']), or(${leaseIs('Lease', 'granted')}, ${leaseIs('Lease', 'revoked')}))`,
                    true,
                  ],
                },
                `nobody knows whether ${site} serves: nothing is restored over it`,
              ),
              ['Serves', { type: 'Terminate', inputs: { runStatus: 'Cancelled' } }],
            ]),
          },
        },
      ],
      ['Restore', { type: 'Scope', actions: oneByOne(on.flatMap(restore)) }],
      ['State_again', { ...look, runAfter: { Restore: ['Succeeded', 'Failed', 'TimedOut'] } }],
      [
        'Rest',
        {
          // An activation that came meanwhile has the machines now.
          type: 'If',
          expression: { and: [{ equals: [`@${sleeps('State_again')}`, true] }] },
          actions: oneByOne(on.map((machine, index): Step => [`Stop_${index + 1}`, stopMachine(machine)])),
          else: { actions: {} },
          runAfter: { State_again: ['Succeeded', 'Failed'] },
        },
      ],
      must(
        'Outcome',
        { equals: ["@actions('Restore')?['status']", 'Succeeded'] },
        `no backup was restored into ${site}: what its machines said is in the variables`,
        { Rest: ['Succeeded', 'Failed'] },
      ),
    ],
    ['State', 'Lease'],
  );
}
