import { LONGEST_FULL_READ_SECONDS } from '../plan/full-read';
import { EXIT, EXIT_CODE, hasExitCode, readExit, runContainer, triedAgain } from './machine-states';
import type { States } from './machine-states';
import type { StateMachineNames } from './task-machine-names';

/**
 * All that is stored is read again, by the task's container as its verifier. Only what may work in a while is tried
 * again: damage that was read once is damage, and reading everything twice more would cost days.
 */
export function fullRead(names: StateMachineNames): States {
  return {
    FullRead: runContainer(names, {
      role: '$.input.roles.verifier',
      command: '$.input.fullRead',
      next: 'Succeeded',
      failed: 'FullReadFailed',
      longestSeconds: LONGEST_FULL_READ_SECONDS,
      // Records of restores are read again too.
      recordKey: names.recordKey,
    }),
    FullReadFailed: hasExitCode('ReadFullReadExit', 'Failed'),
    ReadFullReadExit: readExit('FullReadExit'),
    FullReadExit: {
      Type: 'Choice',
      Choices: [
        { Variable: EXIT_CODE, NumericEquals: EXIT.degraded, Next: 'Degraded' },
        { Variable: EXIT_CODE, NumericEquals: EXIT.damaged, Next: 'Damaged' },
        triedAgain(EXIT_CODE),
      ],
      Default: 'Failed',
    },
  };
}
