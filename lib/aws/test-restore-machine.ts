import type { AwsTaskShard } from '../contract/aws-tasks';
import type { States } from './machine-states';
import { reading } from './reading-machine';
import type { StateMachineNames } from './task-machine-names';

/**
 * The newest backup is restored into a throw-away server of the task's container, which has more memory and disk for it.
 * A backup that is stale, damaged or answers wrongly is told as damage.
 */
export function testRestore(names: StateMachineNames, size: NonNullable<AwsTaskShard['testRestores']>): States {
  return reading(names, {
    name: 'TestRestore',
    role: '$.input.roles.restorer',
    command: '$.input.testRestore',
    size,
  });
}
