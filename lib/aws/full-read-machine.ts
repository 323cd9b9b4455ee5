import type { States } from './machine-states';
import { reading } from './reading-machine';
import type { StateMachineNames } from './task-machine-names';

/** All that is stored is read again, by the task's container as its verifier. */
export function fullRead(names: StateMachineNames): States {
  return reading(names, {
    name: 'FullRead',
    role: '$.input.roles.verifier',
    command: '$.input.fullRead',
  });
}
