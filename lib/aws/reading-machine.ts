import { LONGEST_FULL_READ_SECONDS } from '../plan/full-read';
import { EXIT, EXIT_CODE, ended, runContainer, triedAgain } from './machine-states';
import type { ContainerRun, States } from './machine-states';
import type { StateMachineNames } from './task-machine-names';

/** A container that reads what is stored, and what names its states. */
export interface Reading extends Omit<ContainerRun, 'next' | 'failed' | 'longestSeconds' | 'recordKey'> {
  readonly name: 'FullRead' | 'TestRestore';
}

/**
 * Everything of a data set is read, under one identity, and ends before the next pruning would take away what it reads.
 * Only what may work in a while is tried again: damage that was read once is damage, and reading everything twice more
 * would cost days. Both kinds have to do with records: one knows them, the other writes them.
 */
export function reading(names: StateMachineNames, { name, ...run }: Reading): States {
  return {
    [name]: runContainer(names, {
      ...run,
      next: 'Succeeded',
      failed: `${name}Failed`,
      longestSeconds: LONGEST_FULL_READ_SECONDS,
      recordKey: names.recordKey,
    }),
    ...ended(name, {
      next: 'Succeeded',
      choices: [
        { Variable: EXIT_CODE, NumericEquals: EXIT.degraded, Next: 'Degraded' },
        { Variable: EXIT_CODE, NumericEquals: EXIT.damaged, Next: 'Damaged' },
        triedAgain(EXIT_CODE),
      ],
      again: true,
    }),
  };
}
