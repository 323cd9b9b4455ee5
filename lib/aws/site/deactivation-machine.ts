import type { States } from '../machine-states';
import { NOT_MET, begin, clock, knowPromoted, putLease, task, tell, write } from './activation-states';
import type { WorkflowNames } from './activation-states';
import { endStates } from './end-states';
import { command, findMachines } from './promote-states';

export interface DeactivationMachine extends WorkflowNames {
  readonly group: string;
  readonly asleep: number;
  /** Database machines, and what stops a database that was promoted. @default - none */
  readonly machines?: MachinesToStop;
}

export interface MachinesToStop {
  readonly document: string;
  readonly count: number;
  /** Whether they are off while the site sleeps. */
  readonly stopped: boolean;
}

/**
 * The way out, and the first lease. While an activation is announced it stops that one. Else the database is stopped, so
 * that nothing is written there any more; where asked for, the primary is given the lease; and the machines go back to
 * what the site has asleep. The lease is given by nothing else, and never by itself: `{"lease": "grant"}`.
 * @returns Amazon's language, as plain JSON
 */
export function renderDeactivation(machine: DeactivationMachine): object {
  const { partition, site, group, asleep, machines } = machine;
  const failed = 'Failed';
  const now = { 'N.$': "States.Format('{}', $.now)" };
  const run = { 'S.$': '$$.Execution.Id' };
  const states: States = {
    ...begin('Confirmed', machine, ''),
    Confirmed: {
      Type: 'Choice',
      Choices: [
        { Not: { Variable: '$.confirm', StringEquals: site }, Next: 'NotConfirmed' },
        { Variable: '$.lease', StringEquals: 'first', Next: 'First' },
      ],
      Default: 'Abort',
    },
    // Once in the life of a site: one that was written to since would have a second primary beside it.
    First: task(partition, {
      call: 'dynamodb:updateItem',
      parameters: write(machine, {
        set: 'SET #status = :sleeping, #lease = :granted, #term = :one, #run = :run',
        // Asked again after an answer that was lost, it is the same.
        condition: 'attribute_not_exists(#term) OR (#term = :one AND #run = :run)',
        values: { ':sleeping': { S: 'sleeping' }, ':granted': { S: 'granted' }, ':one': { N: '1' }, ':run': run },
      }),
      result: '$.state',
      next: 'FirstLease',
      failed: 'NotBegun',
      instead: [{ error: NOT_MET, next: 'NotFirst' }],
    }),
    FirstLease: putLease(machine, 'granted', { next: 'TellFirst', failed: 'NotBegun' }),
    TellFirst: tell(machine, 'the primary has the lease. {}', ['$$.Execution.Id'], { next: 'Done' }),
    Abort: task(partition, {
      call: 'dynamodb:updateItem',
      parameters: write(machine, {
        set: 'SET #status = :aborted, #run = :run',
        // One that was promoted before is not stopped by this: it is left, or goes on.
        condition:
          '(attribute_not_exists(#promoted) OR #promoted = :never) AND ((#status = :announced AND #until >= :now) OR (#status = :aborted AND #run = :run))',
        values: {
          ':aborted': { S: 'aborted' },
          ':announced': { S: 'announced' },
          ':never': { N: '0' },
          ':now': now,
          ':run': run,
        },
      }),
      next: 'TellAborted',
      failed: 'NotBegun',
      instead: [{ error: NOT_MET, next: 'Leave' }],
    }),
    TellAborted: tell(machine, 'its activation was stopped before it began. {}', ['$$.Execution.Id'], { next: 'Done' }),
    Leave: task(partition, {
      call: 'dynamodb:updateItem',
      parameters: write(machine, {
        set: 'SET #status = :leaving, #run = :run, #until = :until',
        condition:
          'attribute_not_exists(#status) OR #status IN (:active, :failed, :sleeping, :aborted) OR #until < :now OR (#status = :leaving AND #run = :run)',
        values: {
          ':leaving': { S: 'leaving' },
          ':active': { S: 'active' },
          ':failed': { S: 'failed' },
          ':sleeping': { S: 'sleeping' },
          ':aborted': { S: 'aborted' },
          ':run': run,
          ':until': { 'N.$': "States.Format('{}', $.givenUp)" },
          ':now': now,
        },
      }),
      result: '$.state',
      next: 'Known',
      failed: 'NotBegun',
      instead: [{ error: NOT_MET, next: 'Refused' }],
    }),
    Known: knowPromoted(machines ? 'Machine1' : 'Stopped'),
    ...(machines && stopStates(machine, machines, failed)),
    Stopped: clock('Left', 'stopped'),
    // Before the primary has the lease: a lease that is given and a database that is promoted are never both on record.
    Left: task(partition, {
      call: 'dynamodb:updateItem',
      parameters: write(machine, {
        set: 'SET #promoted = :never',
        condition: '#run = :run',
        values: { ':never': { N: '0' }, ':run': run },
      }),
      result: '$.state',
      next: 'HasLeft',
      failed,
    }),
    HasLeft: knowPromoted('Asked'),
    Asked: {
      Type: 'Choice',
      Choices: [{ Variable: '$.lease', StringEquals: 'grant', Next: 'Grant' }],
      Default: 'Shrink',
    },
    Grant: task(partition, {
      call: 'dynamodb:updateItem',
      parameters: write(machine, {
        set: 'SET #lease = :granted ADD #term :one',
        condition: '#run = :run AND (attribute_not_exists(#lease) OR #lease = :revoked)',
        values: { ':granted': { S: 'granted' }, ':revoked': { S: 'revoked' }, ':one': { N: '1' }, ':run': run },
      }),
      result: '$.state',
      next: 'GrantNow',
      failed,
      instead: [{ error: NOT_MET, next: 'GrantAlready' }],
    }),
    GrantAlready: task(partition, {
      call: 'dynamodb:updateItem',
      parameters: write(machine, {
        set: 'SET #lease = :granted',
        condition: '#run = :run AND #lease = :granted',
        values: { ':granted': { S: 'granted' }, ':run': run },
      }),
      result: '$.state',
      next: 'GrantNow',
      failed,
    }),
    GrantNow: clock('Granted'),
    Granted: putLease(machine, 'granted', { next: 'IsGranted', failed }),
    IsGranted: clock('Shrink', 'granted'),
    Shrink: task(partition, {
      call: 'autoscaling:setDesiredCapacity',
      parameters: { AutoScalingGroupName: group, DesiredCapacity: asleep, HonorCooldown: false },
      next: machines?.stopped ? 'Off' : 'Shrunk',
      failed,
    }),
    ...(machines?.stopped && offStates(machine, failed)),
    Shrunk: clock('Record', 'asleep'),
    ...endStates(machine, {
      ...{ word: 'deactivate', ends: 'sleeping', done: 'sleeps' },
      stays:
        'it did not deactivate: {}. Its database may still be written to, so that people are sent here and the primary gets no lease: ask again once that is set right. {}',
    }),
    NotConfirmed: tell(machine, 'somebody asked it to sleep without writing its name. {}', ['$$.Execution.Id'], {
      next: 'WasRefused',
    }),
    Refused: tell(machine, 'it is active, or on its way: what was asked for is refused. {}', ['$$.Execution.Id'], {
      next: 'WasRefused',
    }),
    NotFirst: tell(
      machine,
      'its primary was given a lease before: the next one is given by `lease` `grant`, once nothing is written here. {}',
      ['$$.Execution.Id'],
      { next: 'WasRefused' },
    ),
    NotBegun: tell(machine, 'it cannot say that it goes to sleep: {}. {}', ['$.failure.Cause', '$$.Execution.Id'], {
      next: 'WasRefused',
    }),
    WasRefused: { Type: 'Fail', Error: 'Refused', Cause: 'nothing was done: the message says why' },
  };
  return { Comment: `Has the recovery site ${site} sleep again`, StartAt: 'Begin', States: states };
}

/** One machine after the other leaves; one that is off has nothing that could be written to. */
function stopStates(machine: WorkflowNames, { document, count }: MachinesToStop, failed: string): States {
  const steps = Array.from({ length: count }, (_, index) => {
    const name = `Machine${index + 1}`;
    const next = index + 1 < count ? `Machine${index + 2}` : 'Stopped';
    return {
      // One that boots will have a database in a moment.
      ...findMachines(machine, name, {
        index: index + 1,
        states: ['pending', 'running'],
        none: next,
        next: `Stop${name}`,
        failed,
      }),
      ...command(machine, `Stop${name}`, document, { next, failed }),
    };
  });
  return Object.assign({}, ...steps) as States;
}

function offStates(machine: WorkflowNames, failed: string): States {
  return {
    ...findMachines(machine, 'Off', { next: 'SwitchOff', failed }),
    SwitchOff: task(machine.partition, {
      call: 'ec2:stopInstances',
      parameters: { 'InstanceIds.$': '$.machines.ids' },
      next: 'Shrunk',
      failed,
    }),
  };
}
