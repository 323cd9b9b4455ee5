import type { RunSchedule } from '../../contract/task';
import { today } from '../task-flow';
import { blob, duration, must, oneByOne, ordered, runOn, startMachine, stopMachine } from './steps';
import type { MachineOf, Step } from './steps';

export interface RestoreFlowProps {
  readonly site: string;
  readonly on: MachineOf;
  /** Where the site says whether it serves. */
  readonly stateUrl: string;
  readonly schedule: RunSchedule;
  readonly windowsZone: string;
  /** What the machine runs to restore the newest verified backup. */
  readonly script: string;
  /** It is over before the next one, and given up then. */
  readonly longestSeconds: number;
}

/** Nothing was ever said: the site sleeps. Whoever cannot read what was said restores nothing over it. */
const STATUS = "coalesce(body('State')?['status'], 'unknown')";
const SLEEPS = `or(equals(outputs('State')?['statusCode'], 404), contains(createArray('sleeping'), ${STATUS}))`;

/**
 * The machine of a site that sleeps is started, restores, and is stopped again whatever came of it. A site that was
 * activated is left alone: what it holds is newer than every backup.
 */
export function restoreFlow(props: RestoreFlowProps): readonly Step[] {
  const { site, on, stateUrl, script, longestSeconds } = props;
  const longest = duration(longestSeconds);
  const look = blob(on.identity, 'GET', stateUrl);
  const seconds = { script, seconds: longestSeconds, longest };
  const still = SLEEPS.replaceAll("'State'", "'State_again'");
  const restore = [...startMachine('database', on, longest), ...runOn('restore', on, seconds)];
  return ordered(
    [
      ...today(props.schedule, props.windowsZone),
      [
        'Know_restore',
        { type: 'InitializeVariable', inputs: { variables: [{ name: 'restore_says', type: 'string', value: '' }] } },
      ],
      ['Run', { type: 'Compose', inputs: "@formatDateTime(utcNow(), 'yyyyMMddHHmmss')" }],
      ['Deadline', { type: 'Compose', inputs: `@addSeconds(utcNow(), ${longestSeconds})` }],
      ['State', look],
      [
        'Sleeps',
        must({ equals: [`@${SLEEPS}`, true] }, `${site} serves, or nobody knows: nothing is restored over it`),
      ],
      ['Restore', { type: 'Scope', actions: oneByOne(restore) }],
      ['State_again', { ...look, runAfter: { Restore: ['Succeeded', 'Failed', 'TimedOut'] } }],
      [
        'Rest',
        {
          // An activation that came meanwhile has the machine now.
          type: 'If',
          expression: { and: [{ equals: [`@${still}`, true] }] },
          actions: oneByOne([['Stop_database', stopMachine(on)]]),
          else: { actions: {} },
        },
      ],
      [
        'Outcome',
        must({ equals: ["@actions('Restore')?['status']", 'Succeeded'] }, `no backup was restored into ${site}`),
      ],
    ],
    ['State', 'State_again', 'Rest'],
  );
}
