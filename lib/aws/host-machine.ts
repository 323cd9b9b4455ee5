import { HOST_WORD } from '../hosts';
import { HOST_STEP } from './host-step';
import { EXIT, EXIT_CODE, LONGEST_SECONDS, backupExit, ended, verify } from './machine-states';
import type { States } from './machine-states';
import type { HostNames, StateMachineNames } from './task-machine-names';

/** A host that does not answer for so long is not there: the next start is near. 30 seconds at least. */
const DELIVERY_SECONDS = 3600;
/** Asked every half minute for half an hour, then every five minutes, so that a day is no history of 25,000 events. */
const POLL = { seconds: 30, times: 60, laterSeconds: 300 } as const;
/** Run Command gives up after delivery and the longest run; an hour later nobody waits for it any more. */
const POLLS = POLL.times + Math.ceil((DELIVERY_SECONDS + LONGEST_SECONDS + 3600) / POLL.laterSeconds);

/** Questions change nothing, so they are asked again whatever was wrong. */
const ASK_AGAIN = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 10, MaxAttempts: 5, BackoffRate: 2 }];

/**
 * A run on the host that the input names, by Run Command. Every invocation is looked at, and none is taken for good
 * because the service calls the command a success: it does so too where a tag is on no machine, and where a machine
 * passed over the step. A data set lies on one host: with one, its exit code decides as a container's does; with none
 * the run failed; with several it failed as well, after what one of them stored is verified, since the slot has room
 * for one backup, and whose it is nobody has chosen.
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
 */
export function hostRun(names: StateMachineNames, hosts: HostNames): States {
  return {
    Where: {
      Type: 'Choice',
      Choices: [{ Variable: '$.input.host', IsPresent: true, Next: 'ToHost' }],
      Default: 'Backup',
    },
    PruneOnHost: {
      Type: 'Choice',
      Comment: 'What a folder of a host holds can be reached from there only',
      Choices: [
        {
          And: [
            { Variable: '$.input.host', IsPresent: true },
            { Variable: '$.input.host.local', BooleanEquals: true },
          ],
          Next: 'ToHost',
        },
      ],
      Default: 'Succeeded',
    },
    ToHost: { Type: 'Pass', Result: { value: 0 }, ResultPath: '$.polls', Next: 'Send' },
    ...command(names, hosts),
    ...invocations(names),
    ...severalHosts(names),
  };
}

/** Sends the command, and asks until it is over. */
function command({ partition }: StateMachineNames, { document, logGroup }: HostNames): States {
  return {
    Send: {
      Type: 'Task',
      Resource: `arn:${partition}:states:::aws-sdk:ssm:sendCommand`,
      Parameters: {
        DocumentName: document,
        'Targets.$': '$.input.host.targets',
        TimeoutSeconds: DELIVERY_SECONDS,
        // One host that fails keeps no other from its run.
        MaxConcurrency: '100%',
        MaxErrors: '100%',
        Parameters: {
          'run.$': 'States.Array($.input.host.run)',
          'manifest.$': 'States.Array($.input.manifest)',
          'slot.$': 'States.Array($.slot)',
          'runner.$': 'States.Array($.input.host.runner)',
          'runnerSha256.$': 'States.Array($.input.host.runnerSha256)',
        },
        CloudWatchOutputConfig: { CloudWatchLogGroupName: logGroup, CloudWatchOutputEnabled: true },
      },
      ResultSelector: { 'id.$': '$.Command.CommandId' },
      ResultPath: '$.command',
      // An answer that was lost sends the command twice: the second one finds the first one's lock, and is told (5).
      Retry: [
        {
          ErrorEquals: ['Ssm.SsmException', 'Ssm.InternalServerErrorException', 'Ssm.SdkClientException'],
          IntervalSeconds: 30,
          MaxAttempts: 4,
          BackoffRate: 2,
          JitterStrategy: 'FULL',
        },
      ],
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'NotSent' }],
      Next: 'WaitForHost',
    },
    NotSent: note("States.Format('Run Command refused it ({}). ', $.failure.Error)", 'Failed'),
    WaitForHost: { Type: 'Wait', Seconds: POLL.seconds, Next: 'AskCommand' },
    WaitLonger: { Type: 'Wait', Seconds: POLL.laterSeconds, Next: 'AskCommand' },
    AskCommand: {
      Type: 'Task',
      Resource: `arn:${partition}:states:::aws-sdk:ssm:listCommands`,
      Parameters: { 'CommandId.$': '$.command.id' },
      ResultSelector: { 'status.$': '$.Commands[0].Status' },
      ResultPath: '$.asked',
      Retry: ASK_AGAIN,
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'NoAnswer' }],
      Next: 'IsOver',
    },
    IsOver: {
      Type: 'Choice',
      Choices: [
        {
          Or: ['Pending', 'InProgress', 'Cancelling'].map((status) => ({
            Variable: '$.asked.status',
            StringEquals: status,
          })),
          Next: 'CountPoll',
        },
      ],
      Default: 'AskHosts',
    },
    CountPoll: {
      Type: 'Pass',
      Parameters: { 'value.$': 'States.MathAdd($.polls.value, 1)' },
      ResultPath: '$.polls',
      Next: 'PollAgain',
    },
    PollAgain: {
      Type: 'Choice',
      Choices: [
        { Variable: '$.polls.value', NumericLessThan: POLL.times, Next: 'WaitForHost' },
        { Variable: '$.polls.value', NumericLessThan: POLLS, Next: 'WaitLonger' },
      ],
      Default: 'NoAnswer',
    },
    NoAnswer: note("States.Format('Run Command {} does not say how it ended. ', $.command.id)", 'Failed'),
  };
}

/** Asks each host how its run ended. */
function invocations({ partition }: StateMachineNames): States {
  return {
    AskHosts: {
      Type: 'Task',
      Resource: `arn:${partition}:states:::aws-sdk:ssm:listCommandInvocations`,
      Parameters: { 'CommandId.$': '$.command.id', MaxResults: 50 },
      ResultSelector: { 'invocations.$': '$.CommandInvocations' },
      ResultPath: '$.found',
      Retry: ASK_AGAIN,
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'NoAnswer' }],
      Next: 'CountHosts',
    },
    CountHosts: {
      Type: 'Pass',
      Parameters: { 'value.$': 'States.ArrayLength($.found.invocations)' },
      ResultPath: '$.count',
      Next: 'AnyHost',
    },
    AnyHost: {
      Type: 'Choice',
      Choices: [{ Variable: '$.count.value', NumericEquals: 0, Next: 'NoHost' }],
      Default: 'EachHost',
    },
    NoHost: note(
      "States.Format('No managed node of this region is {}: nothing ran (Run Command {}). ', $.input.host.where, $.command.id)",
      'Failed',
    ),
    EachHost: {
      Type: 'Map',
      ItemsPath: '$.found.invocations',
      ItemSelector: { 'command.$': '$.command.id', 'host.$': '$$.Map.Item.Value.InstanceId' },
      MaxConcurrency: 5,
      ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'AskHost', States: oneHost(partition) },
      ResultPath: '$.ended',
      Next: 'OneHost',
    },
    OneHost: {
      Type: 'Choice',
      Choices: [{ Variable: '$.count.value', NumericGreaterThan: 1, Next: 'SeveralHosts' }],
      Default: 'NoteHost',
    },
    NoteHost: note(
      "States.Format('It ran on {} (Run Command {}) and ended with {}. ', $.ended[0].host, $.command.id, $.ended[0].code)",
      'HostExit',
    ),
    HostExit: {
      Type: 'Choice',
      Choices: [
        ...afterPrune(),
        { Variable: '$.ended[0].code', NumericEquals: EXIT.success, Next: 'Verify' },
        ...backupExit('$.ended[0].code'),
      ],
      Default: 'Failed',
    },
  };
}

/** What one host says. A step that was passed over, and a run that was never delivered, have no exit code: -1. */
function oneHost(partition: string): States {
  return {
    AskHost: {
      Type: 'Task',
      Resource: `arn:${partition}:states:::aws-sdk:ssm:getCommandInvocation`,
      Parameters: { 'CommandId.$': '$.command', 'InstanceId.$': '$.host', PluginName: HOST_STEP },
      ResultSelector: {
        'code.$': '$.ResponseCode',
        'word.$': "States.ArrayGetItem(States.StringSplit($.StandardOutputContent, ':'), 0)",
      },
      ResultPath: '$.answer',
      Retry: ASK_AGAIN,
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'NothingSaid' }],
      Next: 'WhatItSaid',
    },
    WhatItSaid: {
      Type: 'Choice',
      Choices: [
        {
          And: [
            { Variable: '$.answer.word', StringEquals: HOST_WORD },
            { Variable: '$.answer.code', NumericGreaterThanEquals: 0 },
          ],
          Next: 'ExitCode',
        },
      ],
      Default: 'NothingSaid',
    },
    ExitCode: { Type: 'Pass', Parameters: { 'host.$': '$.host', 'code.$': '$.answer.code' }, End: true },
    NothingSaid: { Type: 'Pass', Parameters: { 'host.$': '$.host', code: -1 }, End: true },
  };
}

function severalHosts(names: StateMachineNames): States {
  return {
    SeveralHosts: {
      Type: 'Pass',
      Parameters: { 'hosts.$': '$.ended[*].host', 'list.$': '$.ended[*].code' },
      ResultPath: '$.codes',
      Next: 'NoteHosts',
    },
    NoteHosts: note(
      "States.Format('{} hosts are {}, and a data set lies on one: leave the tag on that one, and give each other host a data set of its own. {} ended with {}. ', $.count.value, $.input.host.where, States.JsonToString($.codes.hosts), States.JsonToString($.codes.list))",
      'StoredByOne',
    ),
    StoredByOne: {
      Type: 'Pass',
      Parameters: {
        'good.$': `States.ArrayContains($.codes.list, ${EXIT.success})`,
        'degraded.$': `States.ArrayContains($.codes.list, ${EXIT.degraded})`,
      },
      ResultPath: '$.stored',
      Next: 'IsStored',
    },
    IsStored: {
      Type: 'Choice',
      Choices: [
        { Variable: '$.input.command', StringEquals: 'prune', Next: 'Failed' },
        {
          Or: ['good', 'degraded'].map((one) => ({ Variable: `$.stored.${one}`, BooleanEquals: true })),
          Next: 'VerifyStored',
        },
      ],
      Default: 'Failed',
    },
    VerifyStored: verify(names, 'Failed', 'VerifyStoredFailed'),
    ...ended('VerifyStored', {
      next: 'Failed',
      choices: [{ Variable: EXIT_CODE, NumericEquals: EXIT.damaged, Next: 'Damaged' }],
    }),
  };
}

/** Pruning is not tried again: it comes again tomorrow. */
function afterPrune() {
  const prune = { Variable: '$.input.command', StringEquals: 'prune' };
  const ended = (code: number) => ({ Variable: '$.ended[0].code', NumericEquals: code });
  return [
    { And: [prune, ended(EXIT.success)], Next: 'Succeeded' },
    { And: [prune, ended(EXIT.degraded)], Next: 'Degraded' },
    { And: [prune, ended(EXIT.damaged)], Next: 'Damaged' },
    { ...prune, Next: 'Failed' },
  ];
}

function note(text: string, next: string) {
  return { Type: 'Pass', Parameters: { 'text.$': text }, ResultPath: '$.note', Next: next };
}
