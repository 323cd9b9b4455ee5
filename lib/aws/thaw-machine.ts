import { THAW_PATIENCE } from '../contract/thaw';
import { EXIT, EXIT_CODE, ended, runContainer } from './machine-states';
import type { States } from './machine-states';
import type { StateMachineNames } from './task-machine-names';

const KEPT = { 'input.$': '$.input', 'slot.$': '$.slot', 'attempts.$': '$.attempts', note: { text: '' } };

/**
 * What a test restore would read is asked out of its archive by an identity that may do that and read no data, and waited
 * for without a container. `next` follows when all of it can be read, and at once where the input has nothing to thaw.
 */
export function thaw(names: StateMachineNames, next: string): States {
  return {
    WhetherArchived: {
      Type: 'Choice',
      Choices: [{ Variable: '$.input.thaw', IsPresent: true, Next: 'NoLookYet' }],
      Default: next,
    },
    NoLookYet: { Type: 'Pass', Parameters: { ...KEPT, looks: 0 }, Next: 'Thaw' },
    Thaw: runContainer(names, {
      role: '$.input.roles.thawer',
      command: '$.input.thaw',
      next,
      failed: 'ThawFailed',
    }),
    ...ended('Thaw', {
      next,
      choices: [
        {
          And: [
            { Variable: EXIT_CODE, NumericEquals: EXIT.retry },
            { Variable: '$.looks', NumericLessThan: THAW_PATIENCE.looks },
          ],
          Next: 'CountLook',
        },
      ],
    }),
    CountLook: {
      Type: 'Pass',
      Parameters: { ...KEPT, 'looks.$': 'States.MathAdd($.looks, 1)' },
      Next: 'WaitForThaw',
    },
    WaitForThaw: { Type: 'Wait', Seconds: THAW_PATIENCE.lookMinutes * 60, Next: 'Thaw' },
  };
}
