import { EXIT, EXIT_CODE, ended, runContainer, triedAgain } from './machine-states';
import type { States } from './machine-states';
import type { CopyNetwork, StateMachineNames } from './task-machine-names';

/** What a copy job does: it knows by itself what is lacking, and what it brought is verified as every backup is. */
export function copyRun(names: StateMachineNames, network: CopyNetwork): States {
  return {
    Copy: runContainer(names, {
      role: '$.input.roles.writer',
      command: '$.input.copy',
      next: 'Verify',
      failed: 'CopyFailed',
      network,
    }),
    ...ended('Copy', {
      next: 'Verify',
      choices: [
        // Not everything could be copied; what was is looked at.
        { Variable: EXIT_CODE, NumericEquals: EXIT.degraded, Next: 'VerifyDegraded' },
        { Variable: EXIT_CODE, NumericEquals: EXIT.damaged, Next: 'Damaged' },
        triedAgain(EXIT_CODE),
      ],
      again: true,
    }),
  };
}
