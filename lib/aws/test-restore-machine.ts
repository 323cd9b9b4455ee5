import { LONGEST_FULL_READ_SECONDS } from '../plan/full-read';
import { AWS_TEST_RESTORE_SIZE } from '../plan/test-restore';
import { EXIT, EXIT_CODE, hasExitCode, readExit, runContainer, triedAgain } from './machine-states';
import type { States } from './machine-states';
import type { StateMachineNames } from './task-machine-names';

/**
 * The newest backup is restored into a throw-away server of the task's container, which has more memory and disk for it.
 * A backup that is stale, damaged or answers wrongly is told as damage; only what may work in a while is tried again. As
 * a full re-read it ends before the next pruning, which would take away what it reads.
 */
export function testRestore(names: StateMachineNames): States {
  return {
    TestRestore: runContainer(names, {
      role: '$.input.roles.restorer',
      command: '$.input.testRestore',
      next: 'Succeeded',
      failed: 'TestRestoreFailed',
      longestSeconds: LONGEST_FULL_READ_SECONDS,
      recordKey: names.recordKey,
      size: AWS_TEST_RESTORE_SIZE,
    }),
    TestRestoreFailed: hasExitCode('ReadTestRestoreExit', 'Failed'),
    ReadTestRestoreExit: readExit('TestRestoreExit'),
    TestRestoreExit: {
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
