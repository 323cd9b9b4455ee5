import type { States } from '../machine-states';
import { clock, task } from './activation-states';
import type { WorkflowNames } from './activation-states';
import { command, findMachines, startMachines } from './promote-states';
import type { Promoted } from './promote-states';

/** States of a replica from which it is available again by itself. */
const PASSING = ['available', 'backing-up', 'modifying', 'rebooting', 'storage-optimization'];

export interface AbleSteps {
  readonly next: string;
  readonly failed: string;
}

/**
 * Whether there is something to promote, from `Able` on. It is asked before the lease is revoked: what cannot be promoted
 * takes it from nobody. A machine that restores is only looked for, since what it restores is made after that.
 */
export function ableStates(names: WorkflowNames, promoted: Promoted, { next, failed }: AbleSteps): States {
  const done = { IsAble: clock(next, 'able') };
  switch (promoted.kind) {
    case 'none':
      return { Able: { Type: 'Pass', Next: 'IsAble' }, ...done };
    case 'replica':
      return { ...replicaStates(names, promoted.identifier, failed), ...done };
    case 'machine':
      return {
        ...findMachines(names, 'Able', { index: 1, next: promoted.able ? 'AbleStart' : 'IsAble', failed }),
        ...(promoted.able !== undefined && {
          AbleStart: startMachines(names, { next: 'AbleSend', failed }),
          ...command(names, 'AbleSend', promoted.able, { next: 'IsAble', failed }),
        }),
        ...done,
      };
  }
}

function replicaStates({ partition }: WorkflowNames, identifier: string, failed: string): States {
  const status = '$.rds.DbInstances[0].DbInstanceStatus';
  return {
    Able: task(partition, {
      call: 'rds:describeDBInstances',
      parameters: { DbInstanceIdentifier: identifier },
      result: '$.rds',
      next: 'AbleSeen',
      failed,
    }),
    AbleSeen: {
      Type: 'Choice',
      Choices: [{ Or: PASSING.map((word) => ({ Variable: status, StringEquals: word })), Next: 'IsAble' }],
      Default: 'NotAble',
    },
    NotAble: {
      Type: 'Pass',
      Parameters: { Error: 'NotAble', 'Cause.$': `States.Format('the replica is {}', ${status})` },
      ResultPath: '$.failure',
      Next: failed,
    },
  };
}
