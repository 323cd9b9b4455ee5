import type { States } from '../machine-states';
import { PROMOTED, task, tell, write } from './activation-states';
import type { WorkflowNames } from './activation-states';
import { RECORDS } from './names';

export interface End {
  readonly word: 'activate' | 'deactivate';
  readonly ends: 'active' | 'sleeping';
  /** What is told. */
  readonly done: string;
  /** What is told of a failure where the database here is the one to write to. */
  readonly stays: string;
  /** And of one where nobody knows whether it is. @default - that is always known */
  readonly doubt?: string;
}

/**
 * The record, the state and the message, after `Record` (it went well) or `Failed` (whatever went wrong). Each is tried
 * though the one before failed: a record that cannot be kept takes nobody the message.
 */
export function endStates(names: WorkflowNames, { word, ends, done, stays, doubt }: End): States {
  const { partition, site, estimatedSeconds } = names;
  const record = (outcome: string, next: string) =>
    task(partition, {
      call: 's3:putObject',
      parameters: {
        Bucket: names.bucket,
        'Key.$': `States.Format('${RECORDS}{}-${word}-{}.json', $.began, $$.Execution.Name)`,
        Body: {
          site,
          what: word,
          outcome,
          'trigger.$': '$.trigger',
          'began.$': '$.began',
          'ended.$': '$.now',
          estimatedSeconds,
          'steps.$': '$.steps',
          'promoted.$': '$.promoted',
          'said.$': '$.said.output',
          'failure.$': '$.failure',
          'execution.$': '$$.Execution.Id',
        },
        ContentType: 'application/json',
      },
      next,
      failed: next,
    });
  const state = (status: string, next: string) =>
    task(partition, {
      call: 'dynamodb:updateItem',
      parameters: write(names, {
        set: 'SET #status = :status, #promoted = :promoted',
        // What a person stopped stays stopped, whatever failed meanwhile.
        condition: '#run = :run AND #status IN (:announced, :activating, :leaving)',
        values: {
          ':announced': { S: 'announced' },
          ':activating': { S: 'activating' },
          ':leaving': { S: 'leaving' },
          ':status': { S: status },
          ':promoted': { 'N.$': "States.Format('{}', $.promoted)" },
          ':run': { 'S.$': '$$.Execution.Id' },
        },
      }),
      next,
      failed: next,
    });
  return {
    Record: { Type: 'Pass', Result: {}, ResultPath: '$.failure', Next: 'RecordSaid' },
    RecordSaid: said('RecordKeep'),
    NoRecordSaid: nothingSaid('RecordKeep'),
    RecordKeep: record('succeeded', 'State'),
    State: state(ends, 'InTime'),
    InTime: {
      Type: 'Choice',
      Choices: [{ Variable: '$.now', NumericGreaterThanPath: '$.until', Next: 'TellLate' }],
      Default: 'TellDone',
    },
    TellDone: tell(names, `it ${done}. {}`, ['$$.Execution.Id'], { next: 'Done' }),
    Done: { Type: 'Succeed' },
    TellLate: tell(
      names,
      `it ${done}, later than the ${estimatedSeconds} s it was said to take. {}`,
      ['$$.Execution.Id'],
      {
        next: 'WasLate',
      },
    ),
    WasLate: { Type: 'Fail', Error: 'Late', Cause: 'it is done, and took longer than it was said to: see the record' },
    Failed: { ...said('FailedKeep', 'NotSaid') },
    NotSaid: nothingSaid('FailedKeep'),
    FailedKeep: record('failed', 'FailedState'),
    FailedState: state('failed', 'FailedHow'),
    FailedHow: {
      Type: 'Choice',
      Choices: [
        { ...PROMOTED, Next: 'TellStays' },
        ...(doubt === undefined ? [] : [{ Variable: '$.steps.fenced', IsPresent: true, Next: 'TellDoubt' }]),
      ],
      Default: 'TellFailed',
    },
    TellStays: tell(names, stays, ['$.failure.Cause', '$$.Execution.Id'], { next: 'HasFailed' }),
    ...(doubt !== undefined && {
      TellDoubt: tell(names, doubt, ['$.failure.Cause', '$$.Execution.Id'], { next: 'HasFailed' }),
    }),
    TellFailed: tell(
      names,
      `it did not ${word}: {}. Its record says how far it came; ask again once that is set right. {}`,
      ['$.failure.Cause', '$$.Execution.Id'],
      { next: 'HasFailed' },
    ),
    HasFailed: { Type: 'Fail', Error: 'Failed', Cause: 'the message and the record say why' },
  };
}

function said(next: string, none = 'NoRecordSaid'): States[string] {
  return { Type: 'Choice', Choices: [{ Variable: '$.said', IsPresent: true, Next: next }], Default: none };
}

function nothingSaid(next: string): States[string] {
  return { Type: 'Pass', Result: { output: '' }, ResultPath: '$.said', Next: next };
}
