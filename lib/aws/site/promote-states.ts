import type { States } from '../machine-states';
import { LOOK_SECONDS, NOT_MET, task, until, write } from './activation-states';
import type { WorkflowNames } from './activation-states';
import { SITE_TAG } from './names';

/** What becomes the primary's. */
export type Promoted =
  | { readonly kind: 'none' }
  | { readonly kind: 'replica'; readonly identifier: string }
  | {
      readonly kind: 'machine';
      /** Document of Run Command that promotes or restores it. */
      readonly document: string;
      /** Document that says whether it could be promoted. @default - it is off, and restored later */
      readonly able?: string;
    };

/** Days for which a promoted database keeps its backups; a replica has none. */
const BACKUP_DAYS = 7;

interface Steps {
  readonly next: string;
  readonly failed: string;
}

/** The states that promote, from `Promote` on. */
export function promoteStates(names: WorkflowNames, promoted: Promoted, steps: Steps): States {
  switch (promoted.kind) {
    case 'none':
      return { Promote: { Type: 'Pass', Next: steps.next } };
    case 'replica':
      return replicaStates(names, promoted.identifier, steps);
    case 'machine':
      return {
        Promote: { Type: 'Pass', Next: 'Machine' },
        ...findMachines(names, 'Machine', { index: 1, next: 'Start', failed: steps.failed }),
        Start: startMachines(names, { next: 'Send', failed: steps.failed }),
        ...command(names, 'Send', promoted.document, steps),
      };
  }
}

/**
 * Says that the database here is the one to write to, and since when, from `Since` on. It is said once more at the end: who
 * cannot say it now goes on all the same, since people wait for machines.
 */
export function promotedStates(names: WorkflowNames, next: string): States {
  return {
    Since: {
      Type: 'Pass',
      QueryLanguage: 'JSONata',
      Output:
        "{% $merge([$states.input, {'promoted': $states.input.promoted > 0 ? $states.input.promoted : $states.input.now}]) %}",
      Next: 'SayPromoted',
    },
    SayPromoted: task(names.partition, {
      call: 'dynamodb:updateItem',
      parameters: write(names, {
        set: 'SET #promoted = :promoted',
        condition: '#run = :run AND #status = :activating',
        values: {
          ':activating': { S: 'activating' },
          ':promoted': { 'N.$': "States.Format('{}', $.promoted)" },
          ':run': { 'S.$': '$$.Execution.Id' },
        },
      }),
      next,
      failed: next,
      instead: [{ error: NOT_MET, next }],
      retry: [{ ErrorEquals: ['States.TaskFailed', 'States.Timeout'], IntervalSeconds: 2, MaxAttempts: 2 }],
    }),
  };
}

/** A replica that was promoted before is not asked again: its source is what tells. */
function replicaStates(names: WorkflowNames, identifier: string, { next, failed }: Steps): States {
  const { partition } = names;
  const look = (then: string) =>
    task(partition, {
      call: 'rds:describeDBInstances',
      parameters: { DbInstanceIdentifier: identifier },
      result: '$.rds',
      next: then,
      failed,
    });
  // The service writes it as its Java client does, which keeps a second capital; whoever reads neither would promote nothing.
  const follows = {
    Or: ['ReadReplicaSourceDBInstanceIdentifier', 'ReadReplicaSourceDbInstanceIdentifier'].map((word) => ({
      Variable: `$.rds.DbInstances[0].${word}`,
      IsPresent: true,
    })),
  };
  return {
    Promote: look('IsReplica'),
    IsReplica: { Type: 'Choice', Choices: [{ ...follows, Next: 'PromoteReplica' }], Default: 'Promoted' },
    PromoteReplica: task(partition, {
      call: 'rds:promoteReadReplica',
      parameters: { DbInstanceIdentifier: identifier, BackupRetentionPeriod: BACKUP_DAYS },
      next: 'Promoted',
      failed,
    }),
    ...until(names, {
      name: 'Promoted',
      look: look('PromotedSeen'),
      seen: [
        {
          And: [{ Not: follows }, { Variable: '$.rds.DbInstances[0].DbInstanceStatus', StringEquals: 'available' }],
          Next: next,
        },
      ],
      failed,
    }),
  };
}

export interface FindMachines extends Steps {
  /** Which of them, counted from 1. @default - all */
  readonly index?: number;
  /** @default - all that are there, on or off */
  readonly states?: readonly string[];
  /** Where there is none. @default - that is a failure */
  readonly none?: string;
}

/** Indexes of two machines at most. */
const INDEXES = [1, 2];

/** The database machines of the site by their tags: their ids change when they are made anew. */
export function findMachines(
  { partition, prefix }: WorkflowNames,
  name: string,
  { index, states = ['pending', 'running', 'stopping', 'stopped'], none, next, failed }: FindMachines,
): States {
  return {
    [name]: task(partition, {
      call: 'ec2:describeInstances',
      parameters: {
        Filters: [
          { Name: `tag:${SITE_TAG}`, Values: [prefix] },
          { Name: 'tag:hypnoscript:database', Values: (index === undefined ? INDEXES : [index]).map(String) },
          { Name: 'instance-state-name', Values: [...states] },
        ],
      },
      result: '$.found',
      next: `${name}Found`,
      failed,
    }),
    [`${name}Found`]: {
      Type: 'Choice',
      Choices: [{ Variable: '$.found.Reservations[0].Instances[0].InstanceId', IsPresent: true, Next: `${name}Ids` }],
      Default: none ?? `No${name}`,
    },
    [`${name}Ids`]: {
      Type: 'Pass',
      Parameters: { 'ids.$': '$.found.Reservations[*].Instances[*].InstanceId' },
      ResultPath: '$.machines',
      Next: next,
    },
    ...(none === undefined && {
      [`No${name}`]: {
        Type: 'Pass',
        Result: { Error: 'NoMachine', Cause: 'no machine carries the tags of the site' },
        ResultPath: '$.failure',
        Next: failed,
      },
    }),
  };
}

/** Starts what may have been stopped; what runs stays as it is. One that is about to stop is waited for. */
export function startMachines({ partition }: WorkflowNames, { next, failed }: Steps): States[string] {
  return task(partition, {
    call: 'ec2:startInstances',
    parameters: { 'InstanceIds.$': '$.machines.ids' },
    next,
    failed,
    retry: [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: LOOK_SECONDS, MaxAttempts: 20, BackoffRate: 1 }],
  });
}

/**
 * Runs a document on the machine that was found and waits for it. A machine that boots is not known to
 * Systems Manager for a while.
 */
export function command(names: WorkflowNames, name: string, document: string, { next, failed }: Steps): States {
  const { partition } = names;
  const status = (word: string) => ({ Variable: '$.invocation.Status', StringEquals: word });
  return {
    [name]: task(partition, {
      call: 'ssm:sendCommand',
      parameters: { DocumentName: document, 'InstanceIds.$': '$.machines.ids', TimeoutSeconds: 600 },
      result: '$.command',
      next: `${name}Ends`,
      failed,
      retry: [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: LOOK_SECONDS, MaxAttempts: 40, BackoffRate: 1 }],
    }),
    ...until(names, {
      name: `${name}Ends`,
      look: task(partition, {
        call: 'ssm:getCommandInvocation',
        parameters: { 'CommandId.$': '$.command.Command.CommandId', 'InstanceId.$': '$.machines.ids[0]' },
        result: '$.invocation',
        next: `${name}EndsSeen`,
        failed,
      }),
      seen: [
        { ...status('Success'), Next: `${name}Said` },
        ...['Failed', 'Cancelled', 'TimedOut'].map((word) => ({ ...status(word), Next: `${name}Failed` })),
      ],
      failed,
    }),
    [`${name}Said`]: {
      Type: 'Pass',
      Parameters: { 'output.$': '$.invocation.StandardOutputContent' },
      ResultPath: '$.said',
      Next: next,
    },
    [`${name}Failed`]: {
      Type: 'Pass',
      Parameters: {
        'Error.$': "States.Format('exit {}', $.invocation.ResponseCode)",
        'Cause.$': "States.Format('{}{}', $.invocation.StandardOutputContent, $.invocation.StandardErrorContent)",
      },
      ResultPath: '$.failure',
      Next: failed,
    },
  };
}
