import type { States } from '../machine-states';
import { NOT_MET, begin, clock, putLease, task, tell, write } from './activation-states';
import type { WorkflowNames } from './activation-states';
import { endStates } from './end-states';
import { command, findMachines } from './promote-states';

export interface DeactivationMachine extends WorkflowNames {
  readonly group: string;
  readonly asleep: number;
  /** Database machines: what stops their database, and whether they are stopped when the site sleeps. @default - none */
  readonly machines?: { readonly document: string; readonly stopped: boolean };
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
    // Where nothing is active: a site that is written to would have a second primary beside it.
    First: task(partition, {
      call: 'dynamodb:updateItem',
      parameters: write(machine, {
        set: 'SET #status = :sleeping ADD #term :one',
        condition: 'attribute_not_exists(#status) OR #status = :sleeping',
        values: { ':sleeping': { S: 'sleeping' }, ':one': { N: '1' } },
      }),
      result: '$.state',
      next: 'FirstLease',
      failed: 'NotBegun',
      instead: [{ error: NOT_MET, next: 'Refused' }],
    }),
    FirstLease: putLease(machine, 'granted', { next: 'TellFirst', failed: 'NotBegun' }),
    TellFirst: tell(machine, 'the primary has the lease. {}', ['$$.Execution.Id'], { next: 'Done' }),
    Abort: task(partition, {
      call: 'dynamodb:updateItem',
      parameters: write(machine, {
        set: 'SET #status = :aborted',
        condition: '#status = :announced AND #until >= :now',
        values: { ':aborted': { S: 'aborted' }, ':announced': { S: 'announced' }, ':now': now },
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
          'attribute_not_exists(#status) OR #status IN (:active, :failed, :sleeping, :aborted) OR #until < :now',
        values: {
          ':leaving': { S: 'leaving' },
          ':active': { S: 'active' },
          ':failed': { S: 'failed' },
          ':sleeping': { S: 'sleeping' },
          ':aborted': { S: 'aborted' },
          ':run': { 'S.$': '$$.Execution.Id' },
          ':until': { 'N.$': "States.Format('{}', $.givenUp)" },
          ':now': now,
        },
      }),
      next: machines ? 'Machines' : 'Stopped',
      failed: 'NotBegun',
      instead: [{ error: NOT_MET, next: 'Refused' }],
    }),
    ...(machines && stopStates(machine, machines.document, failed)),
    Stopped: clock('Asked', 'stopped'),
    Asked: {
      Type: 'Choice',
      Choices: [{ Variable: '$.lease', StringEquals: 'grant', Next: 'Grant' }],
      Default: 'Shrink',
    },
    Grant: task(partition, {
      call: 'dynamodb:updateItem',
      parameters: write(machine, {
        set: 'ADD #term :one',
        condition: '#run = :run',
        values: { ':one': { N: '1' }, ':run': { 'S.$': '$$.Execution.Id' } },
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
    ...endStates(machine, { word: 'deactivate', ends: 'sleeping', done: 'sleeps' }),
    NotConfirmed: tell(machine, 'somebody asked it to sleep without writing its name. {}', ['$$.Execution.Id'], {
      next: 'WasRefused',
    }),
    Refused: tell(machine, 'it is active, or on its way: what was asked for is refused. {}', ['$$.Execution.Id'], {
      next: 'WasRefused',
    }),
    NotBegun: tell(machine, 'it cannot say that it goes to sleep: {}. {}', ['$.failure.Cause', '$$.Execution.Id'], {
      next: 'WasRefused',
    }),
    WasRefused: { Type: 'Fail', Error: 'Refused', Cause: 'nothing was done: the message says why' },
  };
  return { Comment: `Has the recovery site ${site} sleep again`, StartAt: 'Begin', States: states };
}

/** Machines that run stop their database; one that is off has none that runs. */
function stopStates(machine: WorkflowNames, document: string, failed: string): States {
  return {
    ...findMachines(machine, 'Machines', { next: 'Running', failed }),
    Running: task(machine.partition, {
      call: 'ec2:describeInstances',
      parameters: {
        'InstanceIds.$': '$.machines.ids',
        Filters: [{ Name: 'instance-state-name', Values: ['running'] }],
      },
      result: '$.found',
      next: 'Runs',
      failed,
    }),
    Runs: {
      Type: 'Choice',
      Choices: [{ Variable: '$.found.Reservations[0].Instances[0].InstanceId', IsPresent: true, Next: 'RunningIds' }],
      Default: 'Stopped',
    },
    RunningIds: {
      Type: 'Pass',
      Parameters: { 'ids.$': '$.found.Reservations[*].Instances[*].InstanceId' },
      ResultPath: '$.machines',
      Next: 'StopDatabase',
    },
    ...command(machine, 'StopDatabase', document, { next: 'Stopped', failed }),
  };
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
