import { assign, choose } from '../workflow-steps';
import type { Step } from '../workflow-steps';
import { failed, say } from './activation-machine';
import type { ActivationProps } from './activation-machine';
import { command, nameSteps, scaleDown, switchOff } from './serve-steps';
import { beginSteps, endSteps, noted, stateWorkflows } from './state-steps';
import { setPolicy, sqlOperation } from './sql-steps';

/**
 * The way out. While an activation is announced it stops that one. Else the database is stopped, the name goes back,
 * where asked for the primary is given the lease again, and machines go back to what the site has asleep. Giving the
 * lease back is for the end of a failback, and never happens by itself: `{"lease": "grant"}`. Before anything is stopped the
 * state is `leaving`, written over what was read: an activation, or a second one who leaves, that began meanwhile comes second.
 */
export function renderDeactivation(props: ActivationProps): Readonly<Record<string, unknown>> {
  const { site, database, serving, lease } = props;
  const { activation } = site;
  return {
    main: {
      params: ['run'],
      steps: [
        ...beginSteps(site.name, activation),
        {
          what: choose(
            [
              ['now.body.status == "announced" and now.body.until >= started and promoted == 0', 'abort'],
              // One that was promoted before goes on, or is left once that is over.
              ['now.body.status == "announced" and now.body.until >= started', 'refuse'],
              ['now.body.status == "activating" and now.body.until >= started', 'refuse'],
              ['now.body.status == "leaving" and now.body.until >= started', 'refuse_second'],
            ],
            'leave',
          ),
        },
        { refuse: { raise: 'refused: the site is taking over, wait until it is over' } },
        { refuse_second: { raise: 'refused: the site is being left, wait until it is over' } },
        { abort: say('aborted', 'now.generation') },
        { aborted: { return: { outcome: 'aborted', seconds: 0, steps: [] } } },
        { leave: say('leaving', 'now.generation') },
        { attempt: { try: { steps: leave(props) }, except: { as: 'error', steps: failed() } } },
        ...endSteps({ does: 'deactivation', ends: 'sleeping', estimatedSeconds: activation.estimatedSeconds }),
      ],
    },
    scale_down: scaleDown(serving),
    ...(database?.kind === 'machines' && { command: command(database) }),
    ...(database?.kind === 'service' && { policy: setPolicy(), sql_operation: sqlOperation() }),
    ...stateWorkflows(lease),
  };
}

function leave({ database, serving }: ActivationProps): readonly Step[] {
  return [
    ...stops(database),
    noted('stopped'),
    // Before the primary has the lease: a lease that is given and a database that is promoted are never both on record.
    { left: assign({ promoted: 0 }) },
    { say_left: say('leaving', 'generation') },
    // Not before: one that cannot be stopped is still the one to write to.
    ...nameSteps(serving, 'primary'),
    noted('unnamed'),
    { lease: choose([['default(map.get(run, "lease"), "keep") == "grant"', 'grant']], 'machines') },
    { grant: { call: 'change_lease', args: { word: 'granted' }, result: 'term' } },
    { machines: { call: 'scale_down', args: {} } },
    noted('asleep'),
    { succeeded: assign({ outcome: 'success' }) },
  ];
}

/** Nothing is written here any more. A promoted replica stays a server of its own: its owner makes a new one of it. */
function stops(database: ActivationProps['database']): readonly Step[] {
  switch (database?.kind) {
    case 'machines':
      return [
        {
          database: { call: 'command', args: { word: 'stop', id: '${id}', deadline: '${deadline}' }, result: 'answer' },
        },
        ...(database.always ? [] : [{ off: switchOff(database) }]),
      ];
    case 'service':
      return [{ database: { call: 'policy', args: { policy: 'NEVER', deadline: '${deadline}' } } }];
    default:
      return [];
  }
}
